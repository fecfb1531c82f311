//===- TuningFileTest.cpp -------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Measurements.h"

#include "compiler/tuning/Check.h"
#include "runtime/threads/WorkerPool.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "gtest/gtest.h"

using namespace setun::tuning;

static Tuning makeTuning() {
  Tuning tuning;
  Session &session = addSession(tuning);
  measure(session, "i2", "decode", 4, 1).set_reference(true);
  measure(session, "b3", "decode", 8, 0.9);
  return tuning;
}

/// What is said of a text that is refused.
static std::string refuse(llvm::StringRef text) {
  auto tuning = parse(text, "f");
  return tuning ? "nothing" : toString(tuning.takeError());
}

static std::string refuse(const Tuning &tuning) {
  return refuse(print(tuning));
}

TEST(TuningFile, RoundTrip) {
  llvm::SmallString<128> path;
  ASSERT_FALSE(llvm::sys::fs::createTemporaryFile("tuning", "txtpb", path));
  Tuning tuning = makeTuning();
  ASSERT_FALSE(llvm::errorToBool(write(tuning, path)));
  auto again = read(path);
  ASSERT_TRUE(bool(again));
  EXPECT_EQ(print(*again), print(tuning));
  EXPECT_EQ(again->SerializeAsString(), tuning.SerializeAsString());
  llvm::sys::fs::remove(path);
}

TEST(TuningFile, ALineAMeasurement) {
  std::string text = print(makeTuning());
  EXPECT_EQ(llvm::StringRef(text).count('\n'), 7u) << text;
  EXPECT_EQ(text.find("# proto-file: compiler/tuning/Tuning.proto\n"), 0u);
}

TEST(TuningFile, TwoBehindEachOtherAreOne) {
  std::string text = print(makeTuning());
  auto both = parse(text + text, "f");
  ASSERT_TRUE(bool(both));
  EXPECT_EQ(both->sessions_size(), 2);
}

TEST(TuningFile, NoSuchFile) {
  auto tuning = read("/no/such/file");
  ASSERT_FALSE(bool(tuning));
  EXPECT_EQ(toString(tuning.takeError()),
            "/no/such/file: No such file or directory");
}

TEST(TuningFile, CorruptText) {
  std::string text = print(makeTuning());
  EXPECT_EQ(refuse("\n\nsessions { machin { } }").substr(0, 4), "f:3:");
  EXPECT_EQ(refuse("\x7f\x45LF\xff"),
            "f:1: found bytes that are no UTF-8, expected text\n");
  for (size_t size = 0; size + 2 < text.size(); ++size)
    EXPECT_NE(refuse(llvm::StringRef(text).substr(0, size)), "nothing");
}

TEST(TuningFile, Empty) {
  Tuning tuning;
  EXPECT_EQ(refuse(""),
            "f: found no measurement, expected what `setun tune` writes\n");
  addSession(tuning);
  EXPECT_EQ(refuse(tuning), refuse(""));
}

TEST(TuningFile, EveryProblemWithItsLine) {
  Tuning tuning = makeTuning();
  Measurement &first = *tuning.mutable_sessions(0)->mutable_measurements(0);
  Measurement &second = *tuning.mutable_sessions(0)->mutable_measurements(1);
  first.mutable_tile()->set_strategy("mdd");
  first.set_relative(1.5);
  second.set_batch_class("large");
  second.mutable_tile()->set_blocks(-1);
  EXPECT_EQ(refuse(tuning),
            "f:5: found strategy 'mdd', expected mad, table or lookup\n"
            "f:5: found relative '1.500000', expected 1 for the reference\n"
            "f:6: found blocks '-1', expected 1 to 2^24\n"
            "f:6: found batch_class 'large', expected decode, small or "
            "prefill\n");
}

TEST(TuningFile, HostileNumbers) {
  auto check = [](auto change, llvm::StringRef expected) {
    Tuning tuning = makeTuning();
    change(*tuning.mutable_sessions(0)->mutable_measurements(1));
    EXPECT_EQ(refuse(tuning), ("f:6: " + expected + "\n").str());
  };
  check([](Measurement &m) { m.mutable_linear()->clear_rows(); },
        "found rows '0 numbers', expected one for each weight");
  check(
      [](Measurement &m) { m.mutable_linear()->set_rows(0, int64_t(1) << 62); },
      "found rows '4611686018427387904', expected 1 to 2^24");
  check([](Measurement &m) { m.mutable_linear()->set_columns(0); },
        "found columns '0', expected 1 to 2^24");
  check([](Measurement &m) { m.mutable_linear()->set_gate("silu"); },
        "found rows '1 numbers', expected those of gate and up");
  check([](Measurement &m) { m.set_packing("i2>"); },
        "found packing 'i2>', expected the word of one, like i2 or b3");
  check([](Measurement &m) { m.set_relative(std::nan("")); },
        "found no relative, expected a positive number");
  check([](Measurement &m) { m.set_nanoseconds(-1); },
        "found no nanoseconds, expected a positive number");
  check([](Measurement &m) { m.set_runs(0); },
        "found runs '0', expected one or more");
}

TEST(TuningFile, Threads) {
  static_assert(kMostThreads == setun::runtime::kMaxWorkers);
  Tuning tuning = makeTuning();
  Machine &machine = *tuning.mutable_sessions(0)->mutable_machine();
  machine.set_threads(kMostThreads);
  EXPECT_EQ(refuse(tuning), "nothing");
  machine.set_threads(kMostThreads + 1);
  EXPECT_EQ(refuse(tuning), "f:4: found threads '513', expected 1 to 512\n");
}

/// MLIR parses it, and descends into brackets as deep as they go.
TEST(TuningFile, HostileTargets) {
  std::string good = "#lut.target<name = \"x\">", deep(2 << 20, '[');
  for (const std::string &text : std::initializer_list<std::string>{
           "", "1", deep, "#lut.target<" + deep, "#lut.target<{",
           "#lut.target<(", "#lut.target<[",
           good + std::string(4096 - good.size() + 1, ' ')}) {
    Tuning tuning = makeTuning();
    tuning.mutable_sessions(0)->mutable_machine()->set_target(text);
    EXPECT_EQ(refuse(tuning), "f:4: found target '" + text.substr(0, 64) +
                                  "', expected the facts of a target, "
                                  "#lut.target<…>\n");
  }
  Tuning tuning = makeTuning();
  tuning.mutable_sessions(0)->mutable_machine()->set_target(
      good + std::string(4096 - good.size(), ' '));
  EXPECT_EQ(refuse(tuning), "nothing");
}

TEST(TuningFile, ManyProblems) {
  Tuning tuning;
  Session &session = addSession(tuning, /*threads=*/0);
  for (int i = 0; i < 50; ++i)
    measure(session, "", "decode", 1, 1);
  std::string text = refuse(tuning);
  EXPECT_EQ(llvm::StringRef(text).count('\n'), 11u) << text;
  EXPECT_NE(text.find("f:4: found threads '0'"), std::string::npos);
  EXPECT_NE(text.find("f: and 41 problems more"), std::string::npos);
}
