//===- ChooseTiles.cpp - Strategy and tile of every linear ----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/lut/Lut.h"
#include "dialects/tern/Tern.h"
#include "passes/Passes.h"
#include "passes/tile/Candidates.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <map>
#include <numeric>

using namespace mlir;

namespace setun::passes {
#define GEN_PASS_DEF_CHOOSETILES
#include "passes/Passes.h.inc"

static ArrayAttr choose(const LinearShape &shape, lut::PackingInterface packing,
                        lut::TargetAttr target) {
  SmallVector<Attribute> tiles;
  for (BatchClass each : kBatchClasses)
    tiles.push_back(listCandidates(shape, packing, each, target).front().tile);
  return ArrayAttr::get(target.getContext(), tiles);
}

/// Sums of a block, two in registers; the tables of a row of activations cost
/// as much as some blocks do.
static constexpr int64_t kPickedBlocks = 32, kPickedTiles = 16;

/// Of a linear that no cost model knows.
static ArrayAttr chooseForPicked(const LinearShape &shape,
                                 lut::TargetAttr target) {
  int64_t tallest = 0, common = 0;
  for (int64_t rows : shape.rows) {
    tallest = std::max(tallest, lut::getBlocks(rows));
    common = std::gcd(common, lut::getBlocks(rows));
  }
  int64_t unroll = 4;
  while (common % unroll || (unroll > 1 && 2 * unroll > target.getSums()))
    unroll /= 2;
  SmallVector<Attribute> tiles;
  for (BatchClass each : kBatchClasses) {
    int64_t blocks =
        std::min(lut::ceilDiv(tallest, kPickedTiles), kPickedBlocks);
    tiles.push_back(lut::TileAttr::get(
        target.getContext(), getRows(each, target), lut::Strategy::Pick,
        lut::roundUp(blocks, unroll), unroll, /*tokens=*/1));
  }
  return ArrayAttr::get(target.getContext(), tiles);
}

namespace {
struct ChooseTiles : impl::ChooseTilesBase<ChooseTiles> {
  void runOnOperation() override {
    auto target = lut::getTarget(getOperation());
    if (!target)
      return signalPassFailure();
    std::map<std::pair<LinearShape, StringRef>, ArrayAttr> chosen;
    getOperation().walk([&](tern::FusedLinearOp linear) {
      if (linear->hasAttr(lut::kTilesAttr))
        return;
      if (isPicked(linear)) {
        linear->setAttr(lut::kTilesAttr,
                        chooseForPicked(LinearShape::get(linear), target));
        return;
      }
      auto packing = getPacking(linear);
      if (!packing) {
        linear.emitError(toString(packing.takeError()));
        return signalPassFailure();
      }
      // Layers are alike.
      ArrayAttr &tiles = chosen[{LinearShape::get(linear), packing->getWord()}];
      if (!tiles)
        tiles = choose(LinearShape::get(linear), *packing, target);
      linear->setAttr(lut::kTilesAttr, tiles);
    });
  }
};
} // namespace
} // namespace setun::passes
