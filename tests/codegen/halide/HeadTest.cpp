//===- HeadTest.cpp - Stored weights: the embedding and the head ----------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tests/codegen/halide/StageTest.h"

#include <array>
#include <bit>
#include <cmath>

using namespace setun::codegen;
using reference::roundUp;
using reference::Row;

class HeadTest : public StageTest {};

TEST_P(HeadTest, everyHalf) {
  auto *embed =
      compile<void(const void *, float *)>({"", "embed", {65536}, "f16"});
  ASSERT_TRUE(embed);
  std::vector<uint16_t> halves(65536);
  for (int i = 0; i < 65536; ++i)
    halves[i] = uint16_t(i);
  Guarded<float> x(65536);
  embed(Guarded<uint16_t>(halves, 65536), x);
  for (int i = 0; i < 65536; ++i) {
    float expected = float(std::bit_cast<_Float16>(halves[i]));
    if (expected != expected)
      ASSERT_NE(x[i], x[i]) << i;
    else
      ASSERT_EQ(std::bit_cast<uint32_t>(x[i]),
                std::bit_cast<uint32_t>(expected))
          << i;
  }
}

TEST_P(HeadTest, embeddingTimesAFactor) {
  double factor = std::sqrt(640.0); // rounded to fp32 once
  auto *embed =
      compile<void(const void *, float *)>({"", "embed", {48}, "bf16", factor});
  ASSERT_TRUE(embed);
  std::vector<uint16_t> stored(48);
  for (int i = 0; i < 48; ++i)
    stored[i] = uint16_t(0x3f80 + 37 * i);
  Guarded<float> x(48);
  embed(Guarded<uint16_t>(stored, 48), x);
  for (int i = 0; i < 48; ++i)
    ASSERT_EQ(x[i],
              std::bit_cast<float>(uint32_t(stored[i]) << 16) * float(factor))
        << i;
}

TEST_P(HeadTest, everyBfloat) {
  auto *embed =
      compile<void(const void *, float *)>({"", "embed", {65536}, "bf16"});
  ASSERT_TRUE(embed);
  std::vector<uint16_t> stored(65536);
  for (int i = 0; i < 65536; ++i)
    stored[i] = uint16_t(i);
  Guarded<float> x(65536);
  embed(Guarded<uint16_t>(stored, 65536), x);
  for (int i = 0; i < 65536; ++i)
    ASSERT_EQ(std::bit_cast<uint32_t>(x[i]), uint32_t(i) << 16) << i;
}

TEST_P(HeadTest, embedFloat) {
  auto *embed =
      compile<void(const void *, float *)>({"", "embed", {272}, "f32"});
  ASSERT_TRUE(embed);
  Row row = randomRow(272, 1);
  Guarded<float> x(272);
  embed(Guarded<float>(row, 272), x);
  expectSameBits(x.values(), row);
}

namespace {
/// Weights [count][np] as fp32 and as bytes of the element type.
struct Weights {
  std::vector<Row> rows;
  std::vector<uint8_t> bytes;
};

/// The upper half of an fp32.
struct Bfloat {
  explicit Bfloat(float value) : bits(std::bit_cast<uint32_t>(value) >> 16) {}
  explicit operator float() const {
    return std::bit_cast<float>(uint32_t(bits) << 16);
  }
  uint16_t bits;
};
} // namespace

template <typename T>
static void store(Weights &weights, float value, Row &row) {
  T stored(value);
  auto bytes = std::bit_cast<std::array<uint8_t, sizeof(T)>>(stored);
  weights.bytes.insert(weights.bytes.end(), bytes.begin(), bytes.end());
  row.push_back(float(stored));
}

static Weights makeWeights(int count, int np, const std::string &element) {
  Weights weights;
  for (int r = 0; r < count; ++r) {
    Row row;
    for (float value : randomRow(np, r)) {
      if (element == "f32")
        store<float>(weights, value, row);
      else if (element == "f16")
        store<_Float16>(weights, value, row);
      else
        store<Bfloat>(weights, value, row);
    }
    weights.rows.push_back(row);
  }
  return weights;
}

TEST_P(HeadTest, everyCount) {
  for (const char *element : {"f32", "bf16", "f16"}) {
    for (int np : {16, 48, 272, 2560}) {
      SCOPED_TRACE(std::string(element) + " " + std::to_string(np));
      auto *head = compile<void(const void *, const float *, float *, int64_t)>(
          {"", "head", {np, 64}, element});
      ASSERT_TRUE(head);
      Row x = randomRow(np, 99);
      for (int count : {0, 1, 2, 3, 4, 5, 7, 8, 13, 63, 64}) {
        Weights weights = makeWeights(count, np, element);
        Row expected;
        for (const Row &row : weights.rows)
          expected.push_back(
              reference::sum(np, [&](int k) { return row[k] * x[k]; }));
        Guarded<float> logits(count);
        head(Guarded<uint8_t>(weights.bytes, weights.bytes.size()),
             Guarded<float>(x, np), logits, count);
        expectSameBits(logits.values(), expected);
      }
    }
  }
}

SETUN_EVERY_CPU_LEVEL(HeadTest);

namespace {
/// Rows as `#lut.codes` has them, of any codes.
struct CodedRows {
  CodedRows(int count, int np, int bits, int group);

  std::vector<Row> rows; ///< what they stand for
  std::vector<uint8_t> bytes;
};
} // namespace

/// The integer of a column, from the bytes of its row.
static int decode(const uint8_t *row, int bits, int k) {
  if (bits == 8)
    return int8_t(row[k]);
  auto half = [&](const uint8_t *at, int i) {
    return at[i % 16] >> (i / 16 * 4) & 15;
  };
  if (bits == 4)
    return half(row + k / 32 * 16, k % 32) - 8;
  const uint8_t *group = row + k / 64 * 48;
  int high = group[32 + k % 16] >> (k % 64 / 16 * 2) & 3;
  return half(group + k % 64 / 32 * 16, k % 32) + 16 * high - 32;
}

CodedRows::CodedRows(int count, int np, int bits, int group) {
  int width = (np + group - 1) / group * group;
  for (int r = 0; r < count; ++r) {
    size_t begin = bytes.size();
    for (int i = 0; i < width * bits / 8; ++i)
      bytes.push_back(uint8_t(i * i * 31 + r * 7 + i));
    Row scales = randomRow(width / group, r);
    for (float scale : scales)
      for (uint8_t byte : std::bit_cast<std::array<uint8_t, 4>>(scale))
        bytes.push_back(byte);
    Row row;
    for (int k = 0; k < np; ++k)
      row.push_back(float(decode(bytes.data() + begin, bits, k)) *
                    scales[k / group]);
    rows.push_back(row);
  }
}

TEST_P(HeadTest, codes) {
  for (auto [bits, group] : {std::pair(8, 64), {8, 32}, {6, 64}, {4, 32}})
    for (int np : {16, 48, 272}) {
      SCOPED_TRACE(std::to_string(bits) + " bits, " + std::to_string(np));
      CodedRows coded(5, np, bits, group);
      Guarded<uint8_t> stored(coded.bytes, coded.bytes.size());
      // Each stage goes when the next one is compiled.
      auto *embed = compile<void(const void *, float *)>(
          {"", "embed_codes", {np, bits, group}, "", np == 48 ? 3.5 : 0});
      ASSERT_TRUE(embed);
      Guarded<float> first(np), logits(5);
      embed(stored, first);
      Row scaled = coded.rows[0];
      for (float &value : scaled)
        value *= np == 48 ? 3.5f : 1;
      expectSameBits(first.values(), scaled);
      Row x = randomRow(np, 99), expected;
      for (const Row &row : coded.rows)
        expected.push_back(
            reference::sum(np, [&](int k) { return row[k] * x[k]; }));
      auto *head = compile<void(const void *, const float *, float *, int64_t)>(
          {"", "head_codes", {np, 64, bits, group}});
      ASSERT_TRUE(head);
      head(stored, Guarded<float>(x, np), logits, 5);
      expectSameBits(logits.values(), expected);
    }
}
