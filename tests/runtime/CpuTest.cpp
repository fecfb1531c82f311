//===- CpuTest.cpp - What the CPU is said to have -------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/Cpu.h"

#include <gtest/gtest.h>

using namespace setun::runtime;

// The compiler's own detection is the oracle.
TEST(Cpu, AgreesWithTheCompiler) {
#define EXPECT_AGREE(name)                                                     \
  EXPECT_EQ(cpuFeature(name) == Feature::Present,                              \
            bool(__builtin_cpu_supports(name)))                                \
      << name
  EXPECT_AGREE("ssse3");
  EXPECT_AGREE("sse4.1");
  EXPECT_AGREE("popcnt");
  EXPECT_AGREE("avx");
  EXPECT_AGREE("f16c");
  EXPECT_AGREE("fma");
  EXPECT_AGREE("bmi");
  EXPECT_AGREE("bmi2");
  EXPECT_AGREE("avx2");
  EXPECT_AGREE("lzcnt");
  EXPECT_AGREE("movbe");
  EXPECT_AGREE("avx512f");
  EXPECT_AGREE("avx512bw");
  EXPECT_AGREE("avx512cd");
  EXPECT_AGREE("avx512dq");
  EXPECT_AGREE("avx512vl");
  EXPECT_AGREE("avx512vnni");
  EXPECT_AGREE("avx512vbmi");
  EXPECT_AGREE("avx512vbmi2");
  EXPECT_AGREE("avx512bf16");
  EXPECT_AGREE("avx512fp16");
  EXPECT_AGREE("avxvnni");
  EXPECT_AGREE("gfni");
  EXPECT_AGREE("vaes");
#undef EXPECT_AGREE
}

// AMD gave up fma4 before it had AVX-512: no CPU has both.
TEST(Cpu, TellsMissingFromUnknown) {
  EXPECT_EQ(cpuFeature("cmov"), Feature::Present);
  EXPECT_TRUE(cpuFeature("fma4") == Feature::Missing ||
              cpuFeature("avx512f") == Feature::Missing);
  EXPECT_EQ(cpuFeature("flux-capacitor"), Feature::Unknown);
  EXPECT_EQ(cpuFeature(""), Feature::Unknown);
}
