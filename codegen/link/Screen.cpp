//===- Screen.cpp - The low-bit copy of dense rows ------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/link/Screen.h"

#include "dialects/lut/Lut.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

namespace setun::codegen {

/// Sums and maxima in so many lanes, that vector units find them.
static constexpr int kLanes = 16;
static constexpr float kLargestCode = 31;
/// Outside these a row has no codes, or no bound.
static constexpr float kSmallest = 0x1p-100f, kLargest = 0x1p60f;

static float findPeak(const float *row, int64_t width) {
  std::array<float, kLanes> peak = {};
  bool finite = true;
  for (int64_t i = 0; i < width; i += kLanes)
    for (int lane = 0; lane < kLanes; ++lane) {
      float size = std::fabs(row[i + lane]);
      peak[lane] = size > peak[lane] ? size : peak[lane];
      finite &= size <= kLargest;
    }
  return finite ? *std::max_element(peak.begin(), peak.end())
                : std::numeric_limits<float>::infinity();
}

/// The integer nearest to w · inverse, in [−31, 31].
static float roundTo(float w, float inverse) {
  constexpr float magic = 12582912; // 1.5 · 2²³
  float scaled = w * inverse;
  scaled = scaled < kLargestCode ? scaled : kLargestCode;
  scaled = scaled > -kLargestCode ? scaled : -kLargestCode;
  return (scaled + magic) - magic;
}

/// Σ term(i)² in fp64.
template <typename Term> static double sumSquares(int64_t width, Term term) {
  std::array<double, kLanes> sums = {};
  for (int64_t i = 0; i < width; i += kLanes)
    for (int lane = 0; lane < kLanes; ++lane) {
      double value = term(i + lane);
      sums[lane] += value * value;
    }
  double total = 0;
  for (double sum : sums)
    total += sum;
  return total;
}

/// At least the root: a million roundings of fp64 and one to f32 are less than
/// what is added.
static float rootRoundedUp(double squares) {
  return static_cast<float>(std::sqrt(squares) * (1 + 0x1p-20) + 0x1p-140);
}

static double sumRest(const float *row, int64_t width, float step) {
  float inverse = 1 / step;
  return sumSquares(width, [=](int64_t i) {
    return row[i] - double(step) * roundTo(row[i], inverse);
  });
}

/// The step that leaves the least: limiting a few large weights may pay.
static float chooseStep(const float *row, int64_t width, float peak) {
  float best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (float part : {1.0f, 0.93f, 0.86f}) {
    float step = peak * part / kLargestCode;
    double rest = sumRest(row, width, step);
    if (rest < least)
      best = step, least = rest;
  }
  return best;
}

ScreenRow quantizeScreenRow(const float *row, int64_t width, uint8_t *codes) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  std::fill_n(codes, width, lut::kScreenOffset);
  float peak = findPeak(row, width);
  if (peak == infinity)
    return {0, infinity, 0};
  double squares = sumSquares(width, [&](int64_t i) { return row[i]; });
  float norm = rootRoundedUp(squares);
  if (!(norm <= kLargest))
    return {0, infinity, 0};
  if (peak < kSmallest)
    return {0, norm, norm};
  float step = chooseStep(row, width, peak), inverse = 1 / step;
  for (int64_t i = 0; i < width; ++i)
    codes[i] = static_cast<uint8_t>(int(roundTo(row[i], inverse)) +
                                    lut::kScreenOffset);
  double coded = sumSquares(width, [&](int64_t i) {
    return double(step) * roundTo(row[i], inverse);
  });
  return {step, rootRoundedUp(sumRest(row, width, step)),
          std::max(norm, rootRoundedUp(coded))};
}

void packScreenBlock(int64_t rows, int64_t columns,
                     const std::function<void(int64_t, float *)> &read,
                     uint8_t *out) {
  int64_t width = lut::padded(columns);
  std::vector<float> row(width, 0);
  std::vector<uint8_t> codes(lut::kBlockRows * width, lut::kScreenOffset);
  float head[3][lut::kBlockRows] = {};
  static_assert(sizeof(head) == lut::kScreenHeadBytes);
  for (int64_t r = 0; r < rows; ++r) {
    read(r, row.data());
    ScreenRow found =
        quantizeScreenRow(row.data(), width, codes.data() + r * width);
    head[0][r] = found.step;
    head[1][r] = found.rest;
    head[2][r] = found.norm;
  }
  std::memcpy(out, head, sizeof(head));
  out += sizeof(head);
  uint8_t group[4][lut::kGroupBytes];
  for (int64_t first = 0; first < width; first += lut::kScreenColumns) {
    for (int64_t i = 0; i < lut::kScreenColumns; ++i)
      for (int64_t r = 0; r < lut::kBlockRows; ++r)
        group[i / 4][4 * r + i % 4] = codes[r * width + first + i];
    lut::packScreenGroup(group, out);
    out += lut::kScreenGroupBytes;
  }
}

} // namespace setun::codegen
