//===- TargetTest.cpp - What code may use on each CPU ---------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/targets/Target.h"

#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"

#include <gtest/gtest.h>

#include <set>

using namespace llvm;
using namespace setun;
using namespace setun::codegen;

namespace {
using Words = std::set<std::string>;

struct TargetTest : testing::Test {
  TargetTest() { context.loadDialect<lut::LutDialect>(); }

  /// What the executable of a level checks for, empty if there is none.
  std::vector<Words> getRequired(const Isa &isa, StringRef cpus) {
    machines.clear();
    std::vector<Words> required;
    auto levels = resolveLevels(context, isa.name, cpus, "");
    if (!levels) {
      consumeError(levels.takeError());
      return {};
    }
    for (lut::TargetAttr level : *levels) {
      machines.push_back(cantFail(createTargetMachine(level)));
      auto features = getRequiredFeatures(*machines.back());
      required.emplace_back(features.begin(), features.end());
    }
    return required;
  }

  const MCSubtargetInfo &info() {
    return *machines.front()->getMCSubtargetInfo();
  }

  mlir::MLIRContext context;
  std::vector<std::unique_ptr<TargetMachine>> machines;
};
} // namespace

static Words getNames(const MCSubtargetInfo &info, const FeatureBitset &bits) {
  Words names;
  for (const SubtargetFeatureKV &feature : info.getAllProcessorFeatures())
    if (bits.test(feature.Value))
      names.insert(feature.Key);
  return names;
}

/// `features` with all that they imply.
static Words close(const MCSubtargetInfo &info, const Words &features) {
  MCSubtargetInfo closed(info);
  closed.setFeatureBits({});
  for (const std::string &feature : features)
    closed.ApplyFeatureFlag("+" + feature);
  return getNames(info, closed.getFeatureBits());
}

/// Else a CPU that lacks it would meet an instruction it does not know.
TEST_F(TargetTest, CodeUsesOnlyWhatIsCheckedAtStart) {
  for (const Isa *isa : getIsas()) {
    ASSERT_FALSE(getRequired(*isa, isa->levels.split(',').first).empty());
    Words first = getNames(info(), info().getFeatureBits());
    size_t cpus = 0;
    for (const SubtargetSubTypeKV &cpu : info().getAllProcessorDescriptions()) {
      auto required = getRequired(*isa, cpu.Key);
      if (required.empty())
        continue; // 32 bits only
      ++cpus;
      Words allowed = close(info(), required[0]);
      allowed.insert(first.begin(), first.end());
      allowed.merge(getNames(info(), cpu.TuneImplies.getAsBitset()));
      for (const std::string &name : getNames(info(), info().getFeatureBits()))
        EXPECT_TRUE(allowed.count(name))
            << isa->name.str() << ' ' << cpu.Key << ": " << name;
    }
    EXPECT_GT(cpus, 20u) << isa->name.str();
  }
}

TEST_F(TargetTest, TheFeaturesOfKnownCpus) {
  struct Case {
    const char *isa, *cpu;
    std::vector<const char *> has, lacks;
  } cases[] = {
      {"x86-64", "x86-64", {}, {"sse3", "avx"}},
      {"x86-64", "x86-64-v3", {"avx2", "fma"}, {"avx512f"}},
      {"x86-64", "x86-64-v4+vnni", {"avx512vnni"}, {"avx512vbmi"}},
      {"x86-64", "graniterapids", {"avx512vbmi"}, {}},
      {"x86-64", "znver4+noavx512f", {"avx2"}, {"avx512f", "avx512vnni"}},
      {"aarch64", "armv8-a", {"neon"}, {"crc", "lse", "dotprod"}},
      {"aarch64", "armv8.2-a+dotprod", {"lse", "dotprod"}, {"i8mm"}},
      {"aarch64", "cortex-a53", {"neon"}, {"lse", "dotprod"}},
      {"aarch64", "cortex-a72", {"neon"}, {"lse", "dotprod"}},
      {"aarch64", "cortex-a76", {"dotprod"}, {"i8mm", "sve"}},
      {"aarch64", "neoverse-n1", {"dotprod"}, {"i8mm", "sve"}},
      {"aarch64", "neoverse-n2", {"i8mm", "sve2"}, {}},
      {"aarch64", "neoverse-v2", {"i8mm", "sve2"}, {}},
      {"aarch64", "apple-m1", {"dotprod"}, {"i8mm", "sve"}},
      {"riscv64", "rv64gc", {"d", "c"}, {"v", "zba"}},
      {"riscv64", "rv64gcv", {"d", "v"}, {"zba"}},
      {"riscv64", "rv64gc_zba_zbb", {"zba", "zbb"}, {"v", "zbs"}},
      {"riscv64", "sifive-x280", {"v", "zvl512b"}, {}},
      {"riscv64", "spacemit-x60", {"v", "zvl256b"}, {}}};
  for (const Case &c : cases) {
    auto required = getRequired(*cantFail(findIsa(c.isa)), c.cpu);
    ASSERT_EQ(required.size(), 1u) << c.cpu;
    for (const char *feature : c.has)
      EXPECT_TRUE(required[0].count(feature)) << c.cpu << ' ' << feature;
    for (const char *feature : c.lacks)
      EXPECT_FALSE(required[0].count(feature)) << c.cpu << ' ' << feature;
  }
}

/// At start the last level wins whose features are there.
TEST_F(TargetTest, EachLevelHasWhatThePlainerOnesHave) {
  for (const Isa *isa : getIsas()) {
    auto required = getRequired(*isa, isa->levels);
    ASSERT_GE(required.size(), 2u);
    for (size_t i = 1; i < required.size(); ++i) {
      EXPECT_LT(required[i - 1].size(), required[i].size());
      EXPECT_TRUE(std::includes(required[i].begin(), required[i].end(),
                                required[i - 1].begin(),
                                required[i - 1].end()));
    }
  }
}

/// Whatever the order on the command line.
TEST_F(TargetTest, ThePlainestLevelIsFirst) {
  auto levels =
      cantFail(resolveLevels(context, "x86-64", "znver4,x86-64,x86-64-v3", ""));
  std::vector<std::string> names;
  for (lut::TargetAttr level : levels)
    names.push_back(level.getName().str());
  EXPECT_EQ(names, (std::vector<std::string>{"x86-64", "x86-64-v3", "znver4"}));
}
