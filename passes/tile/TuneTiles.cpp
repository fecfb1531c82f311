//===- TuneTiles.cpp - Tiles that were measured to be best ----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Passes.h"
#include "passes/tile/Candidates.h"

using namespace mlir;

namespace setun::passes {
#define GEN_PASS_DEF_TUNETILES
#include "passes/Passes.h.inc"

/// Null if nothing was measured for it.
static lut::ChoiceAttr findChoice(ArrayAttr list, StringRef level,
                                  const LinearShape &shape,
                                  lut::PackingInterface packing) {
  for (auto choice : list.getAsRange<lut::ChoiceAttr>())
    if (choice.hasTiles() && choice.getLevel() == level &&
        choice.getPacking() == packing && LinearShape::get(choice) == shape)
      return choice;
  return nullptr;
}

/// The tiles of all classes, facts' where the choice has none.
static llvm::Expected<ArrayAttr> listTiles(lut::ChoiceAttr choice,
                                           lut::TargetAttr target) {
  LinearShape shape = LinearShape::get(choice);
  lut::TileAttr chosen[] = {choice.getDecode(), choice.getSmall(),
                            choice.getPrefill()};
  SmallVector<Attribute> tiles;
  for (auto [batchClass, tile] : llvm::zip(kBatchClasses, chosen)) {
    if (!tile)
      tile = listCandidates(shape, choice.getPacking(), batchClass, target)
                 .front()
                 .tile;
    else if (llvm::Error error =
                 verifyTile(tile, shape, choice.getPacking(), batchClass))
      return std::move(error);
    tiles.push_back(tile);
  }
  return ArrayAttr::get(target.getContext(), tiles);
}

static llvm::Error tune(tern::FusedLinearOp linear, ArrayAttr list,
                        lut::TargetAttr target) {
  auto packing = getPacking(linear);
  if (!packing)
    return packing.takeError();
  lut::ChoiceAttr choice =
      findChoice(list, target.getName(), LinearShape::get(linear), *packing);
  if (!choice)
    return llvm::Error::success();
  auto tiles = listTiles(choice, target);
  if (!tiles)
    return tiles.takeError();
  linear->setAttr(lut::kTilesAttr, *tiles);
  return llvm::Error::success();
}

namespace {
struct TuneTiles : impl::TuneTilesBase<TuneTiles> {
  void runOnOperation() override {
    auto list = getOperation()->getAttrOfType<ArrayAttr>(lut::kTuningAttr);
    if (!list)
      return;
    getOperation().walk([&](tern::FusedLinearOp linear) {
      auto target = lut::getTarget(linear);
      if (!target)
        return signalPassFailure();
      if (linear->hasAttr(lut::kTilesAttr) || isPicked(linear))
        return;
      if (llvm::Error error = tune(linear, list, target)) {
        linear.emitError("lut.tuning: ") << toString(std::move(error));
        signalPassFailure();
      }
    });
    getOperation()->removeAttr(lut::kTuningAttr);
  }
};
} // namespace
} // namespace setun::passes
