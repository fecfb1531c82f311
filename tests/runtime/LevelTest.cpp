//===- LevelTest.cpp - Which level a CPU gets -----------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/Level.h"

#include <gtest/gtest.h>

using namespace setun::abi;
using namespace setun::runtime;

namespace {
// A CPU of our own: some of the features, and some that nobody can tell.
Feature testCpu(std::string_view name) {
  if (name == "add" || name == "multiply" || name == "dot")
    return Feature::Present;
  return name.starts_with("odd") ? Feature::Unknown : Feature::Missing;
}

/// A model whose levels want these features.
class Levels {
public:
  explicit Levels(std::vector<std::vector<const char *>> wanted)
      : wanted(std::move(wanted)), model(setun_model) {
    const char *names[] = {"first", "second", "third", "fourth"};
    for (auto &features : this->wanted) {
      Level &level = levels.emplace_back(Level());
      level.name = names[levels.size() - 1];
      level.features = features.data();
      level.numFeatures = uint32_t(features.size());
    }
    model.levels = levels.data();
    model.numLevels = levels.size();
  }

  std::string choose() const {
    const Level *level = chooseLevel(model, testCpu);
    return level ? level->name : "none";
  }
  Failure check(size_t level) const {
    return checkLevel(model, levels[level], testCpu);
  }

private:
  std::vector<std::vector<const char *>> wanted;
  std::vector<Level> levels;
  Model model;
};
} // namespace

TEST(ChooseLevel, TakesTheLastThatRuns) {
  EXPECT_EQ(Levels({{}}).choose(), "first");
  EXPECT_EQ(Levels({{}, {}}).choose(), "second");
  EXPECT_EQ(Levels({{"add"}, {"add", "dot"}}).choose(), "second");
  EXPECT_EQ(Levels({{"add"}, {"add", "dot"}, {"add", "tiles"}}).choose(),
            "second");
  // One that is lacking does not keep a later one from being taken.
  EXPECT_EQ(Levels({{"add"}, {"tiles"}, {"dot"}, {"odd"}}).choose(), "third");
}

TEST(ChooseLevel, FindsNone) {
  EXPECT_EQ(Levels({{"tiles"}}).choose(), "none");
  EXPECT_EQ(Levels({{"add", "odd"}, {"dot", "tiles"}}).choose(), "none");
}

TEST(CheckLevel, NamesWhatIsMissing) {
  std::string cpu = cpuName() == "unknown" ? "" : " (" + cpuName() + ")";
  EXPECT_EQ(Levels({{"add", "dot"}}).check(0), "");
  EXPECT_EQ(Levels({{}, {"tiles", "dot", "odd", "wide"}}).check(1),
            "this CPU" + cpu +
                " lacks tiles, wide, which fake was compiled for (second)");
  EXPECT_EQ(Levels({{"odd", "add", "odder"}}).check(0),
            "cannot tell whether this CPU has odd, odder, which fake was "
            "compiled for (first)");
  EXPECT_EQ(Levels({{"odd"}, {"odder"}}).check(0),
            "cannot tell whether this CPU has odd, which fake was compiled "
            "for (first, the plainest of its levels)");
}

TEST(CheckLevel, NamesVectorsOnce) {
  std::string text = Levels({{"add", "zvfh", "v", "zba", "zvl128b"}}).check(0);
  EXPECT_NE(text.find(" lacks v, zba, which"), text.npos) << text;
  text = Levels({{"zvl256b", "wide"}}).check(0);
  EXPECT_NE(text.find(" lacks zvl256b, wide, which"), text.npos) << text;
}
