//===- MathTest.cpp - Our functions against long double libm --------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/support/Math.h"
#include "runtime/session/Rope.h"

#include <bit>
#include <gtest/gtest.h>
#include <math.h>
#include <random>
#include <vector>

using namespace setun::runtime;

TEST(SinCos, IsNearTheTruth) {
  std::mt19937_64 random(1);
  for (double limit : {1.0, 100.0, 131072.0, 4294967296.0}) {
    std::uniform_real_distribution<double> angles(0, limit);
    for (int i = 0; i < 200000; ++i) {
      double angle = angles(random);
      SinCos got = sinCos(angle);
      ASSERT_LT(fabsl(got.sin - sinl(angle)), 2e-16) << angle;
      ASSERT_LT(fabsl(got.cos - cosl(angle)), 2e-16) << angle;
    }
  }
}

TEST(SinCos, KnowsTheQuarters) {
  EXPECT_EQ(sinCos(0).sin, 0);
  EXPECT_EQ(sinCos(0).cos, 1);
  for (int quarter = 1; quarter < 100; ++quarter) {
    SinCos got = sinCos(quarter * M_PI_2);
    EXPECT_NEAR(got.sin, quarter % 2 ? quarter % 4 == 1 ? 1 : -1 : 0, 1e-13);
    EXPECT_NEAR(got.cos, quarter % 2 ? 0 : quarter % 4 == 0 ? 1 : -1, 1e-13);
  }
}

TEST(Exp, IsNearTheTruth) {
  std::mt19937_64 random(2);
  std::uniform_real_distribution<double> exponents(-699, 0);
  for (int i = 0; i < 200000; ++i) {
    double x = exponents(random), truth = expl(x);
    ASSERT_NEAR(expOfNegative(x) / truth, 1, 3 * 0x1p-52) << x;
  }
  EXPECT_EQ(expOfNegative(0), 1);
  EXPECT_EQ(expOfNegative(-INFINITY), 0);
  EXPECT_EQ(expOfNegative(NAN), 0);
}

TEST(Log, IsNearTheTruth) {
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> exponents(0, 60), near(0, 1);
  for (int i = 0; i < 200000; ++i)
    for (double x : {1 + near(random), exp2(exponents(random))})
      ASSERT_NEAR(logOfLarge(x), logl(x), 3 * 0x1p-52 * logl(x)) << x;
  EXPECT_EQ(logOfLarge(1), 0);
  for (double x : {M_SQRT2, nextafter(M_SQRT2, 0), 2.0, nextafter(2.0, 0)})
    EXPECT_NEAR(logOfLarge(x), logl(x), 0x1p-52);
}

// Known answers: whoever changes a coefficient or lets a compiler contract the
// polynomials changes the tokens of every model.
TEST(Math, HasTheseBitsOnEveryMachine) {
  EXPECT_EQ(std::bit_cast<uint64_t>(sinCos(12345.678).sin), 0xbfe687d5890974a5);
  EXPECT_EQ(std::bit_cast<uint64_t>(sinCos(12345.678).cos), 0x3fe6b94c3bbe24b8);
  EXPECT_EQ(std::bit_cast<uint64_t>(expOfNegative(-3.21)), 0x3fa4a99f3c5c83d6);
}

TEST(Rope, IsCorrectlyRounded) {
  const uint64_t pairs = 22, rows = 64;
  std::vector<double> frequencies(pairs);
  for (uint64_t i = 0; i < pairs; ++i)
    frequencies[i] = pow(500000, -2.0 * i / (2 * pairs));
  std::vector<float> table(rows * 2 * pairs);
  const double one = 1;
  for (uint64_t position : {0ull, 1000ull, 131000ull}) {
    fillRope({frequencies.data(), &one, 1, pairs}, position, rows,
             table.data());
    for (uint64_t row = 0; row < rows; ++row)
      for (uint64_t i = 0; i < pairs; ++i) {
        double angle = double(position + row) * frequencies[i];
        const float *at = table.data() + row * 2 * pairs + i;
        ASSERT_EQ(at[0], float(cosl(angle)));
        ASSERT_EQ(at[pairs], float(sinl(angle)));
      }
  }
}

TEST(Rope, TablesLieSideBySide) {
  const double frequencies[] = {1, 0.5, 0.25, 0.125}, scales[] = {1, 3};
  float out[3 * 2 * 4];
  fillRope({frequencies, scales, 2, 2}, 5, 3, out);
  const float *last = out + (2 * 2 + 1) * 4; // position 7, the second table
  EXPECT_EQ(last[1], float(sinCos(7 * 0.125).cos * 3));
  EXPECT_EQ(last[2], float(sinCos(7 * 0.25).sin * 3));
  EXPECT_EQ(out[2], float(sinCos(5).sin));
}
