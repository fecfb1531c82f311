//===- driver.cpp - Runs each kernel once ---------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Packs a random matrix as Setun does and as gemv.c wants it, multiplies it
// four times and compares with sums of trits.
//
//===----------------------------------------------------------------------===//

#include "runtime/abi/Step.h"

#include <algorithm>
#include <stdio.h>
#include <type_traits>

// ROWS, COLUMNS and TILE (blocks that a kernel takes) come from isa.py; the
// packing is i2.
enum { kGroup = 16, kGroups = (COLUMNS + kGroup - 1) / kGroup };
static_assert(ROWS % 16 == 0 && COLUMNS % 128 == 0, "no padding in gemv.c");

using Gemv = void(const uint8_t *, const int8_t *, int32_t, float, float *,
                  long, long);
extern "C" {
// Setun's decode kernel, its portable twin, and gemv.c with both `Code`s.
std::remove_pointer_t<setun::abi::KernelFunction> kernel, portable;
Gemv gemv8, gemv32;
}

static int8_t trits[ROWS][kGroups * kGroup];
// Setun's layout (dialects/lut/Lut.td), and that of gemv.c.
alignas(64) static uint8_t blocks[ROWS / 16][kGroups][64];
alignas(64) static uint8_t rows[ROWS][COLUMNS / 128][32];
alignas(64) static int8_t q[kGroups * kGroup];
alignas(64) static float out[ROWS];
alignas(64) static uint8_t scratch[1 << 20];

static uint32_t random(uint32_t below) {
  static uint64_t state = 1;
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (state >> 33) % below;
}

/// As packByte of dialects/lut/packings: trit i of the byte is column 4i + j.
static uint8_t pack(const int8_t *first) {
  int byte = 0;
  for (int i = 0; i < 4; ++i)
    byte += (first[4 * i] + 1) << 2 * i;
  return byte;
}

static void fill() {
  for (int k = 0; k < COLUMNS; ++k)
    q[k] = static_cast<int>(random(255)) - 127;
  for (int r = 0; r < ROWS; ++r) {
    for (int k = 0; k < COLUMNS; ++k) {
      trits[r][k] = static_cast<int>(random(3)) - 1;
      rows[r][k / 128][k % 32] |= (trits[r][k] + 1) << (6 - k % 128 / 32 * 2);
    }
    for (int g = 0; g < kGroups; ++g)
      for (int j = 0; j < 4; ++j)
        blocks[r / 16][g][4 * (r % 16) + j] = pack(&trits[r][kGroup * g + j]);
  }
}

/// Any floats will do.
static constexpr float kAlpha = 0.75f, kScale = 12.5f;

static int countWrong(const char *name) {
  int wrong = 0;
  for (int r = 0; r < ROWS; ++r) {
    int32_t acc = 0;
    for (int k = 0; k < COLUMNS; ++k)
      acc += trits[r][k] * q[k];
    wrong += out[r] != static_cast<float>(acc) * (kAlpha / kScale);
    out[r] = 0;
  }
  if (wrong)
    fprintf(stderr, "%s: %d of %d rows are wrong\n", name, wrong, ROWS);
  return wrong;
}

/// In tiles, as workers claim them.
static void inTiles(setun::abi::KernelFunction multiply, int32_t sum) {
  for (int first = 0; first < ROWS / 16; first += TILE)
    multiply(&blocks[first][0][0], q, &sum, &kScale, kAlpha, nullptr,
             out + 16 * first, scratch, 1, std::min(TILE, ROWS / 16 - first));
}

int main() {
  fill();
  int32_t sum = 0;
  for (int k = 0; k < COLUMNS; ++k)
    sum += q[k];
  int wrong = 0;
  inTiles(kernel, sum);
  wrong += countWrong("kernel");
  inTiles(portable, sum);
  wrong += countWrong("portable");
  gemv8(&rows[0][0][0], q, sum, kAlpha / kScale, out, ROWS, COLUMNS);
  wrong += countWrong("gemv8");
  gemv32(&rows[0][0][0], q, sum, kAlpha / kScale, out, ROWS, COLUMNS);
  wrong += countWrong("gemv32");
  return wrong != 0;
}
