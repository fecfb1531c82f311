//===- RowsTest.cpp -------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/safetensors/Rows.h"

#include "tests/frontends/safetensors/Files.h"

#include "gtest/gtest.h"

#include <bit>
#include <cmath>
#include <limits>

using namespace setun::frontends;

/// The trit sequence of the golden vectors.
static int8_t golden(int i) { return (7 * i + i / 5) % 3 - 1; }

/// All rows of `rows` × `cols`, read `step` rows at a time.
static std::vector<int8_t> read(Encoding encoding, const std::string &bytes,
                                int64_t rows, int64_t cols, int64_t step,
                                float scaleInv = 0) {
  std::vector<int8_t> out(rows * cols, 99);
  for (int64_t r = 0; r < rows; r += step)
    readTrits(encoding, bytes, rows, cols, r, std::min(step, rows - r),
              scaleInv, out.data() + r * cols);
  return out;
}

TEST(Rows, NamesEncodings) {
  for (Encoding encoding :
       {Encoding::HfPacked, Encoding::F32, Encoding::F16, Encoding::BF16})
    EXPECT_EQ(parseEncoding(encodingName(encoding)),
              std::pair(encoding, Derived::Nothing));
  for (Derived derived : {Derived::Inverse, Derived::Peaks})
    EXPECT_EQ(parseEncoding(encodingName(Encoding::F16, derived)),
              std::pair(Encoding::F16, derived));
  EXPECT_EQ(parseEncoding("hf-packed-peaks"), std::nullopt);
  EXPECT_EQ(encodingName(Encoding::HfPacked), "hf-packed");
  EXPECT_EQ(parseEncoding("i8"), std::nullopt);
  EXPECT_EQ(floatEncoding(DType::F64), std::nullopt);
  EXPECT_EQ(encodedBytes(Encoding::HfPacked, 8, 4), 8u);
  EXPECT_EQ(encodedBytes(Encoding::BF16, 3, 5), 30u);
}

TEST(Rows, UnpacksTheGoldenVector) {
  std::string packed("\x50\x25\x42\x94\x09\x50\x25\x42", 8); // two rows of four
  std::vector<int8_t> expected;
  for (int i = 0; i < 32; ++i)
    expected.push_back(golden(i));
  for (int64_t step : {1, 3, 8})
    EXPECT_EQ(read(Encoding::HfPacked, packed, 8, 4, step), expected) << step;
}

TEST(Rows, UnpacksOddWidths) {
  constexpr int64_t rows = 20, cols = 263;
  std::vector<int8_t> trits;
  std::string packed(rows / 4 * cols, 0);
  for (int i = 0; i < rows * cols; ++i) {
    trits.push_back(golden(i));
    int r = i / cols;
    packed[r % 5 * cols + i % cols] |= (trits[i] + 1) << (2 * (r / 5));
  }
  EXPECT_EQ(read(Encoding::HfPacked, packed, rows, cols, 7), trits);
}

TEST(Rows, RoundsHalvesToEven) {
  float above = std::nextafter(0.5f, 1.0f);
  std::vector<float> weights{0.5f, -0.5f, above,  -above, 1.5f,  -1.5f,
                             0.0f, -0.0f, 1e-40f, 2.5f,   -9e30f};
  std::vector<int8_t> expected{0, 0, 1, -1, 1, -1, 0, 0, 0, 1, -1};
  EXPECT_EQ(read(Encoding::F32, f32(weights), 11, 1, 4, 1.0f), expected);
  EXPECT_EQ(countNearTies(Encoding::F32, f32(weights), 1.0f), 4u);
  // The product is rounded to fp32 before it is compared.
  float third = 1.0f / 3.0f, scale = 1.5f;
  EXPECT_EQ(read(Encoding::F32, f32({third}), 1, 1, 1, scale)[0],
            third * scale > 0.5f);
}

/// What IEEE 754 says a half is.
static float halfValue(unsigned half) {
  int exponent = half >> 10 & 31;
  float mantissa = half & 1023, sign = half & 0x8000 ? -1.0f : 1.0f;
  if (exponent == 31)
    return mantissa ? NAN : sign * INFINITY;
  if (exponent == 0)
    return sign * std::ldexp(mantissa, -24);
  return sign * std::ldexp(1024 + mantissa, exponent - 25);
}

TEST(Rows, DecodesEveryHalf) {
  std::vector<uint16_t> halves(65536);
  for (unsigned i = 0; i < 65536; ++i)
    halves[i] = i;
  std::vector<float> values(65536);
  readFloats(Encoding::F16, bytesOf(halves), 0, 65536, values.data());
  for (unsigned i = 0; i < 65536; ++i) {
    if (std::isnan(halfValue(i)))
      ASSERT_TRUE(std::isnan(values[i])) << i;
    else
      ASSERT_EQ(std::bit_cast<uint32_t>(values[i]),
                std::bit_cast<uint32_t>(halfValue(i)))
          << i;
  }
}

TEST(Rows, ReadsFloatsAtAnyAlignment) {
  std::string bytes = "x" + f32({1.5f, -2.0f, 3.25f});
  float out[2];
  readFloats(Encoding::F32, llvm::StringRef(bytes).drop_front(), 1, 2, out);
  EXPECT_EQ(out[0], -2.0f);
  EXPECT_EQ(out[1], 3.25f);
  bytes = "x" + bytesOf<uint16_t>({0x3f80, 0xc000});
  readFloats(Encoding::BF16, llvm::StringRef(bytes).drop_front(), 0, 2, out);
  EXPECT_EQ(out[0], 1.0f);
  EXPECT_EQ(out[1], -2.0f);
}

TEST(Rows, AveragesMagnitudes) {
  EXPECT_EQ(absMean(Encoding::F32, ""), 0.0);
  std::vector<float> values;
  for (int i = 1; i <= 37; ++i)
    values.push_back(i % 2 ? i : -i);
  EXPECT_EQ(absMean(Encoding::F32, f32(values)), 19.0);
  // In fp32 the sum would stop growing at 2^24.
  std::vector<float> ones((1 << 24) + 1024, 1.0f);
  EXPECT_EQ(absMean(Encoding::F32, f32(ones)), 1.0);
}

TEST(Rows, FindsNonFinite) {
  float nan = std::numeric_limits<float>::quiet_NaN();
  for (size_t index : {0, 4095, 4096, 9999}) {
    std::vector<float> values(10000, std::numeric_limits<float>::max());
    EXPECT_MESSAGE(checkFinite(Encoding::F32, f32(values), "w"), "");
    EXPECT_EQ(findNonFinite(Encoding::F32, f32(values)), std::nullopt);
    values[index] = -nan;
    EXPECT_EQ(findNonFinite(Encoding::F32, f32(values)), index);
  }
  EXPECT_MESSAGE(
      checkFinite(Encoding::BF16, bytesOf<uint16_t>({0, 0x7fc0}), "w"),
      "w: found NaN at index 1");
  EXPECT_MESSAGE(checkFinite(Encoding::F16, bytesOf<uint16_t>({0xfc00}), "w"),
                 "w: found infinity at index 0");
  EXPECT_EQ(findNonFinite(Encoding::F16, bytesOf<uint16_t>({0x7bff})),
            std::nullopt);
  EXPECT_EQ(findNonTrit(Encoding::F32, f32({1, 0, -1, -0.0f, 2})), 4u);
  EXPECT_EQ(findNonTrit(Encoding::F32, f32({1, 0, -1, -0.0f})), std::nullopt);
}

TEST(Rows, FindsTheUnusedCode) {
  std::string packed(3 * 700, '\x99'); // 12 × 700, codes 1 and 2
  EXPECT_EQ(messageOf(checkPacked(packed, 12, 700, "w")), "");
  packed[2 * 700 + 5] = '\x39'; // code 3 at bits 4-5: row 2 + 2 · 3
  EXPECT_MESSAGE(checkPacked(packed, 12, 700, "w"),
                 "w: found the code 3 at row 8, column 5");
}

/// [rows][cols] of trits times scale(row, column).
template <typename Scale>
static std::string ternary(int64_t rows, int64_t cols, Scale scale) {
  std::vector<float> values;
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < cols; ++c)
      values.push_back(float((r * 7 + c * c) % 3 - 1) * scale(r, c));
  return f32(values);
}

TEST(Rows, FindsScalesOfTrits) {
  auto find = [](int64_t rows, int64_t cols, auto scale) {
    auto found = findTernaryScales(Encoding::F32, ternary(rows, cols, scale),
                                   rows, cols);
    return found ? std::tuple(found->columns, found->scale)
                 : std::tuple(int64_t(-1), 0.0f);
  };
  using T = std::tuple<int64_t, float>;
  // The fewest that reproduce every value: of the tensor, of rows, of groups.
  EXPECT_EQ(find(12, 40, [](auto, auto) { return 0.3f; }), T(0, 0.3f));
  EXPECT_EQ(find(12, 40, [](auto, auto) { return 0.0f; }), T(0, 1.0f));
  EXPECT_EQ(find(12, 40, [](auto r, auto) { return 0.3f + r; }), T(40, 0));
  EXPECT_EQ(find(4, 96, [](auto r, auto c) { return 1.f + r + c / 48; }),
            T(48, 0));
  EXPECT_EQ(find(4, 96, [](auto r, auto c) { return 1.f + r + c / 16; }),
            T(16, 0));
  // Not where groups are no multiples of 16 columns, or one value differs.
  EXPECT_EQ(std::get<0>(find(4, 40, [](auto, auto c) { return 1.f + c / 20; })),
            -1);
  EXPECT_EQ(std::get<0>(find(4, 64,
                             [](auto r, auto c) {
                               return r == 3 && c == 60 ? 1.0000001f : 1.f;
                             })),
            -1);
}

TEST(Rows, ReadsPeaks) {
  std::string bytes = f32({1, -3, 2, 0, -0.0f, 0, 5, -4, 1});
  float peaks[2];
  readPeaks(Encoding::F32, bytes, 3, 1, 2, peaks);
  EXPECT_EQ(peaks[0], 0);
  EXPECT_EQ(peaks[1], 5);
}
