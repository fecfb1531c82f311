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
