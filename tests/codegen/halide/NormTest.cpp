//===- NormTest.cpp -------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tests/codegen/halide/StageTest.h"

using namespace setun::codegen;
using reference::roundUp;
using reference::Row;

static constexpr int kSizes[] = {1, 16, 44, 192, 264, 700, 2560, 6912};

class NormTest : public StageTest {};

TEST_P(NormTest, norm) {
  for (int n : kSizes) {
    SCOPED_TRACE(n);
    auto *norm = compile<void(const float *, const float *, float *)>(
        {"", "norm", {n}, "", 1e-5});
    ASSERT_TRUE(norm);
    Row weight = randomRow(n, 7);
    int np = roundUp(n);
    for (const Row &x : interestingRows(n)) {
      Guarded<float> y(np);
      norm(Guarded<float>(x, np), Guarded<float>(weight, np), y);
      expectSameBits(y.values(), padded(reference::norm(x, weight, 1e-5), np));
    }
  }
}

TEST_P(NormTest, tinyEpsilon) {
  auto *norm = compile<void(const float *, const float *, float *)>(
      {"", "norm", {44}, "", 1e-12});
  ASSERT_TRUE(norm);
  Row x = randomRow(44, 1, 1e-7f), weight = randomRow(44, 2);
  Guarded<float> y(48);
  norm(Guarded<float>(x, 48), Guarded<float>(weight, 48), y);
  expectSameBits(y.values(), padded(reference::norm(x, weight, 1e-12), 48));
}

static void expectQuantized(const Guarded<int8_t> &q, float scale, int32_t sum,
                            reference::Quantized expected, int kp) {
  expected.q.resize(kp);
  expectSameBits(q.values(), expected.q);
  EXPECT_EQ(scale, expected.scale);
  EXPECT_EQ(sum, expected.sum);
}

TEST_P(NormTest, normQuantize) {
  for (int n : kSizes) {
    SCOPED_TRACE(n);
    int np = roundUp(n), kp = np + 47;
    auto *stage =
        compile<void(const float *, const float *, int8_t *, float *,
                     int32_t *)>({"", "norm_quantize", {n, kp}, "", 1e-5});
    ASSERT_TRUE(stage);
    Row weight = randomRow(n, 8);
    for (const Row &x : interestingRows(n)) {
      Guarded<int8_t> q(kp);
      Guarded<float> scale(1);
      Guarded<int32_t> sum(1);
      stage(Guarded<float>(x, np), Guarded<float>(weight, np), q, scale, sum);
      expectQuantized(q, *scale, *sum,
                      reference::quantize(reference::norm(x, weight, 1e-5)),
                      kp);
    }
  }
}

TEST_P(NormTest, quantize) {
  for (int n : kSizes) {
    SCOPED_TRACE(n);
    int np = roundUp(n), kp = (np + 63) / 64 * 64;
    auto *stage = compile<void(const float *, int8_t *, float *, int32_t *)>(
        {"", "quantize", {n, kp}});
    ASSERT_TRUE(stage);
    for (const Row &x : interestingRows(n)) {
      Guarded<int8_t> q(kp);
      Guarded<float> scale(1);
      Guarded<int32_t> sum(1);
      stage(Guarded<float>(x, np), q, scale, sum);
      expectQuantized(q, *scale, *sum, reference::quantize(x), kp);
    }
  }
}

SETUN_EVERY_CPU_LEVEL(NormTest);
