//===- CandidatesTest.cpp - Tiles that a linear can have ------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/targets/Target.h"
#include "passes/tile/Cost.h"

#include <gtest/gtest.h>

#include <set>

using namespace mlir;
using namespace setun;
using namespace setun::passes;

namespace {
/// Every level of every ISA, every packing, shapes that divide badly.
struct CandidatesTest : testing::Test {
  CandidatesTest() {
    context.loadDialect<lut::LutDialect>();
    for (const codegen::Isa *isa : codegen::getIsas())
      for (lut::TargetAttr level : cantFail(
               codegen::resolveLevels(context, isa->name, isa->levels, "")))
        levels.push_back(level);
  }

  using Check =
      llvm::function_ref<void(const LinearShape &, BatchClass, lut::TargetAttr,
                              ArrayRef<Candidate> list)>;
  void forAll(ArrayRef<LinearShape> shapes, Check check) {
    for (lut::TargetAttr level : levels)
      for (const LinearShape &shape : shapes)
        for (lut::PackingInterface packing : listPackings(level))
          for (BatchClass each : kBatchClasses) {
            SCOPED_TRACE(level.getName().str() + " " + packing.getWord().str() +
                         " " + stringifyBatchClass(each).str() + " " +
                         std::to_string(shape.columns));
            check(shape, each, level,
                  listCandidates(shape, packing, each, level));
          }
  }

  MLIRContext context;
  SmallVector<lut::TargetAttr> levels;
  const SmallVector<LinearShape> shapes{{{1}, 1, "", true},
                                        {{17, 16, 1}, 20, "", false},
                                        {{70, 64}, 21, "", false},
                                        {{1000, 500, 500}, 1000, "", false},
                                        {{1360, 1360}, 1000, "silu", false},
                                        {{2560}, 6912, "", true},
                                        {{14336, 14336}, 4096, "relu2", false}};
};
} // namespace

TEST_F(CandidatesTest, AreLegalAndOfTheClass) {
  forAll(shapes, [&](const LinearShape &shape, BatchClass batch,
                     lut::TargetAttr level, ArrayRef<Candidate> list) {
    ASSERT_FALSE(list.empty());
    for (const Candidate &each : list) {
      EXPECT_FALSE(
          errorToBool(verifyTile(each.tile, shape, each.packing, batch)));
      EXPECT_EQ(each.tile.getRows(), getRows(batch, level));
    }
  });
}

TEST_F(CandidatesTest, CheapestFirstAndEachOnce) {
  forAll(shapes, [&](const LinearShape &, BatchClass, lut::TargetAttr,
                     ArrayRef<Candidate> list) {
    EXPECT_GT(list.front().cycles, 0);
    EXPECT_TRUE(llvm::is_sorted(
        list, [](auto &a, auto &b) { return a.cycles < b.cycles; }));
    std::set<const void *> tiles;
    for (const Candidate &each : list)
      EXPECT_TRUE(tiles.insert(each.tile.getAsOpaquePointer()).second);
  });
}

/// Of one tile and of the cheapest.
TEST_F(CandidatesTest, MoreColumnsCostMore) {
  forAll(shapes, [&](const LinearShape &shape, BatchClass batch,
                     lut::TargetAttr level, ArrayRef<Candidate> list) {
    LinearShape wider = shape;
    wider.columns = shape.columns * 2 + 64;
    auto more = listCandidates(wider, list.front().packing, batch, level);
    EXPECT_GT(more.front().cycles, list.front().cycles);
    for (const Candidate &each : list)
      EXPECT_GT(predictCycles(wider, each.packing, each.tile, level),
                each.cycles);
  });
}

TEST_F(CandidatesTest, MoreTokensCostMore) {
  forAll(shapes, [&](const LinearShape &shape, BatchClass,
                     lut::TargetAttr level, ArrayRef<Candidate> list) {
    for (const Candidate &each : list) {
      double last = 0;
      for (int64_t tokens = 1; tokens <= each.tile.getRows(); tokens *= 2) {
        double cost =
            predictCost(shape, each.packing, each.tile, level, tokens).total();
        EXPECT_GE(cost, last);
        last = cost;
      }
    }
  });
}

/// Two workers find two tiles at least where there are blocks for them.
TEST_F(CandidatesTest, WorkIsShared) {
  forAll(shapes, [&](const LinearShape &shape, BatchClass, lut::TargetAttr,
                     ArrayRef<Candidate> list) {
    int64_t tallest = lut::getBlocks(*llvm::max_element(shape.rows));
    if (tallest >= 64)
      EXPECT_LT(list.front().tile.getBlocks(), tallest);
  });
}

TEST_F(CandidatesTest, PackingsBeginWithTheTargets) {
  for (lut::TargetAttr level : levels) {
    auto packings = listPackings(level);
    EXPECT_EQ(packings.size(), 2u);
    EXPECT_EQ(packings.front().getWord(), level.getBase3() ? "b3" : "i2");
  }
}
