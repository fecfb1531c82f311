//===- GluTest.cpp --------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tests/codegen/halide/StageTest.h"

#include <cmath>

using namespace setun::codegen;
using reference::Row;

class GluTest : public StageTest {
protected:
  using Glu = void(const float *, const float *, float *);

  void expectGlu(Glu *glu, float (*expected)(float, float), const Row &gate) {
    Row up = randomRow(int(gate.size()), 5), result;
    for (size_t i = 0; i < gate.size(); ++i)
      result.push_back(expected(gate[i], up[i]));
    Guarded<float> y(gate.size());
    glu(Guarded<float>(gate, gate.size()), Guarded<float>(up, up.size()), y);
    expectSameBits(y.values(), result);
  }
};

TEST_P(GluTest, relu2) {
  for (int count : {16, 704, 6912}) {
    auto *glu = compile<Glu>({"", "glu_relu2", {count}});
    ASSERT_TRUE(glu);
    for (const Row &gate : interestingRows(count))
      expectGlu(glu, reference::relu2, gate);
  }
}

TEST_P(GluTest, silu) {
  for (int count : {16, 704, 6912}) {
    auto *glu = compile<Glu>({"", "glu_silu", {count}});
    ASSERT_TRUE(glu);
    for (const Row &gate : interestingRows(count))
      expectGlu(glu, reference::silu, gate);
  }
}

TEST_P(GluTest, geluTanh) {
  for (int count : {16, 704, 6912}) {
    auto *glu = compile<Glu>({"", "glu_gelu_tanh", {count}});
    ASSERT_TRUE(glu);
    for (const Row &gate : interestingRows(count))
      expectGlu(glu, reference::geluTanh, gate);
  }
  for (float x : {-9.0f, -1.0f, -0.25f, 0.0f, 0.5f, 3.0f, 20.0f})
    EXPECT_NEAR(reference::geluTanh(x, 1),
                0.5 * x *
                    (1 + std::tanh(std::sqrt(2 / M_PI) *
                                   (x + 0.044715 * std::pow(x, 3)))),
                1e-6 * std::max(1.0f, std::fabs(x)));
}

/// Every exponent argument that counts: 2²⁰ values between -100 and 100, and
/// the limits.
TEST_P(GluTest, exponential) {
  constexpr int count = 1 << 20;
  auto *glu = compile<Glu>({"", "glu_silu", {count}});
  ASSERT_TRUE(glu);
  Row gate(count);
  for (int i = 0; i < count; ++i)
    gate[i] = float(i - count / 2) * (200.0f / count);
  gate[0] = INFINITY;
  for (int i = 1; i < 64; ++i)
    gate[i] = std::nextafter(i % 2 ? gate[i - 1] : 87.0f, float(i % 4) * 50);
  for (int i = 64; i < 128; ++i)
    gate[i] = -std::nextafter(88.0f, float(i % 2) * 100);
  expectGlu(glu, reference::silu, gate);
}

/// The contract's own accuracy, against the C library.
TEST(Exponential, isWithinOneUlp) {
  using reference::exponential;
  EXPECT_EQ(exponential(0.0f), 1.0f);
  EXPECT_EQ(exponential(-0.0f), 1.0f);
  EXPECT_EQ(exponential(-INFINITY), 0.0f);
  EXPECT_EQ(exponential(-1e30f), 0.0f);
  EXPECT_EQ(exponential(1e30f), INFINITY);
  float previous = 0;
  for (float x = -87; x <= 88; x += 1.0f / 8192) {
    float found = exponential(x);
    double expected = std::exp(double(x));
    double ulp = std::ldexp(1.0, std::ilogb(expected) - 23);
    ASSERT_LT(std::fabs(found - expected), ulp) << x;
    ASSERT_GE(found, previous) << x;
    previous = found;
  }
}

SETUN_EVERY_CPU_LEVEL(GluTest);
