//===- SamplesTest.cpp - Whatever a runner prints -------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/tune/Samples.h"

#include "gtest/gtest.h"

using namespace setun::compiler;

static const std::string kMachine = R"({"cpu": "Board", "threads": 2})"
                                    "\n";

static std::string getError(const std::string &text) {
  auto samples = Samples::parse(text);
  return samples ? "" : toString(samples.takeError());
}

TEST(Samples, Read) {
  auto samples = Samples::parse(
      kMachine + R"({"step": "decode", "op": "a", "ns": [5, 1, 9]})");
  ASSERT_TRUE(bool(samples));
  EXPECT_EQ(samples->cpu, "Board");
  EXPECT_EQ(samples->threads, 2u);
  auto times = samples->find("decode", "a");
  ASSERT_TRUE(bool(times));
  EXPECT_EQ(times->size(), 3u);
  auto missing = samples->find("small", "a");
  ASSERT_FALSE(bool(missing));
  EXPECT_NE(toString(missing.takeError()).find("cut off"), std::string::npos);
}

TEST(Samples, Garbage) {
  const std::string op = R"({"step": "decode", "op": "a", "ns": )";
  for (const std::string &text :
       {std::string("Welcome to the board!\n"), std::string(""),
        std::string("{}"), std::string(R"({"cpu": "x", "threads": 0})"),
        std::string(R"({"cpu": "", "threads": 1})"),
        R"({"threads": 1, "cpu": ")" + std::string(1000, 'x') + "\"}",
        kMachine + "segmentation fault", kMachine + op + "[]}",
        kMachine + op + "[1e300]}", kMachine + op + "[-1]}",
        kMachine + op + "[\"1\"]}", kMachine + op + "1}",
        kMachine + op + "[1]}\n" + op + "[1]}", kMachine + op + "[1, 2",
        kMachine + "{\"step\": \"decode\", \"ns\": [1]}", kMachine + "\xff\xfe",
        kMachine + "[[[[[[", std::string(30 << 20, '['),
        kMachine + op + std::string(1 << 20, '[')})
    EXPECT_NE(getError(text).find("the runner printed"), std::string::npos)
        << text.substr(0, 200);
  // What cannot be shown is not.
  EXPECT_EQ(getError("\x1b[31m").find('\x1b'), std::string::npos);
}

/// No more threads than the runtime starts, or nobody can read the file.
TEST(Samples, Threads) {
  EXPECT_EQ(getError(R"({"cpu": "x", "threads": 512})"), "");
  EXPECT_NE(getError(R"({"cpu": "x", "threads": 513})"), "");
}

TEST(Samples, Median) {
  EXPECT_EQ(getMedian({3, 1, 2}), 2);
  EXPECT_EQ(getMedian({4, 1}), 1);
  EXPECT_EQ(getMedian({7}), 7);
}

/// A step in which all took twice as long says nothing.
TEST(Samples, ComparedStepByStep) {
  EXPECT_EQ(compare({10, 40, 10}, {20, 80, 20}), 0.5);
  EXPECT_EQ(compare({10, 40, 10, 99}, {20, 80, 20}), 0.5);
}
