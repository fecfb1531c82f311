//===- LogTest.cpp - Which session of a file goes on ----------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/tune/Log.h"
#include "codegen/targets/Target.h"
#include "compiler/Compile.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace setun::compiler;
using setun::passes::BatchClass;
namespace lut = setun::lut;

namespace {
struct LogTest : testing::Test {
  LogTest() {
    registerDialects(registry);
    context.emplace(registry, MLIRContext::Threading::DISABLED);
    prepare(*context);
    target = cantFail(setun::codegen::resolveLevels(*context, "x86-64",
                                                    "x86-64-v3", ""))
                 .front();
    search.emplace(shapes, target);
    slots = search->plan(3, int64_t(1) << 40);
    (void)llvm::sys::fs::createUniqueDirectory("log", folder);
    path = folder;
    llvm::sys::path::append(path, "t.tuning");
  }
  ~LogTest() { (void)llvm::sys::fs::remove_directories(folder); }

  /// One run: what it knows before it measures the first `count` candidates.
  size_t measure(StringRef cpu, unsigned threads, size_t count) {
    Log log(path, target, /*threads=*/0);
    cantFail(log.open());
    search->forget();
    log.recall(*search);
    log.begin(cpu, threads, *search);
    size_t known = search->countMeasured();
    for (const Slot &slot : ArrayRef(slots).slice(1, count))
      log.add(search->getTrial(slot), BatchClass::Decode, {5, 0.5, 3},
              /*reference=*/false);
    cantFail(log.save());
    return known;
  }
  std::string open(StringRef file) {
    return toString(Log(file, target, 0).open());
  }

  DialectRegistry registry;
  std::optional<MLIRContext> context;
  lut::TargetAttr target;
  std::vector<setun::passes::LinearShape> shapes = {{{264}, 700, "", true}};
  std::optional<Search> search;
  std::vector<Slot> slots;
  SmallString<128> folder, path;
};
} // namespace

/// Two boards of one target, in turns, in one file.
TEST_F(LogTest, GoesOnWithTheSessionOfItsMachine) {
  EXPECT_EQ(measure("A", 2, 1), 0u);
  EXPECT_EQ(measure("B", 2, 3), 0u);
  EXPECT_EQ(measure("A", 2, 2), 1u);
  EXPECT_EQ(measure("A", 4, 1), 0u);
  EXPECT_EQ(measure("A", 2, 2), 2u);
  EXPECT_EQ(measure("B", 2, 3), 3u);
  EXPECT_EQ(cantFail(setun::tuning::read(path)).sessions_size(), 3);
}

TEST_F(LogTest, Removes) {
  measure("A", 2, 2);
  Log log(path, target, 0);
  cantFail(log.open());
  Trial trial = search->getTrial(slots[1]);
  log.remove(trial, BatchClass::Prefill); // was not measured
  EXPECT_EQ(log.getSession().measurements_size(), 2);
  log.remove(trial, BatchClass::Decode);
  EXPECT_EQ(log.getSession().measurements_size(), 1);
}

TEST_F(LogTest, RefusesWhatItCannotWrite) {
  EXPECT_EQ(open(path), "");
  EXPECT_NE(open("-").find("name a file"), std::string::npos);
  EXPECT_NE(open((folder + "/no/t.tuning").str()).find("cannot write '"),
            std::string::npos);
}
