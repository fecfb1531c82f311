//===- ChooseTiles.cpp - Strategy and tile of every linear ----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/lut/Lut.h"
#include "dialects/tern/Tern.h"
#include "passes/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <numeric>

using namespace mlir;

namespace setun::passes {
#define GEN_PASS_DEF_CHOOSETILES
#include "passes/Passes.h.inc"

namespace {
/// One linear on one machine.
struct Chooser {
  lut::TargetAttr target;
  int64_t blocks;     // 16-row blocks of the narrowest weight
  int64_t common;     // what divides the blocks of every weight
  int64_t blockBytes; // packed bytes of one block

  /// Two accumulators hide the latency of a dot product; more blocks at once
  /// only help where the count divides.
  int64_t unrollFor(int64_t wanted) const {
    while (common % wanted)
      wanted /= 2;
    return wanted;
  }

  /// Tiles of about `bytes` packed weights, at least eight of them where the
  /// matrix allows, so that workers can share unevenly.
  int64_t blocksPerTile(int64_t bytes, int64_t unroll) const {
    int64_t count = std::max<int64_t>(1, bytes / blockBytes);
    count = std::min(count, std::max<int64_t>(1, blocks / 8));
    return lut::roundUp(count, unroll);
  }

  lut::TileAttr multiply(int64_t rows, int64_t wanted, int64_t tokens) const {
    int64_t unroll = unrollFor(wanted);
    return lut::TileAttr::get(target.getContext(), rows,
                              lut::Strategy::MultiplyAdd,
                              blocksPerTile(1 << 16, unroll), unroll, tokens);
  }

  /// Every tile builds its own tables (81 additions for `blocks`·16 rows), so
  /// tiles are tall; their int32 sums stay in half of L2.
  lut::TileAttr lookUp(int64_t rows) const {
    int64_t sums = lut::kBlockRows * lut::kLookupTokens * (4 + 2);
    int64_t fit = std::max<int64_t>(1, target.getL2Bytes() / 2 / sums);
    return lut::TileAttr::get(target.getContext(), rows, lut::Strategy::Lookup,
                              std::min(fit, (blocks + 1) / 2), 1,
                              lut::kLookupTokens);
  }
};
} // namespace

static constexpr int64_t kSmallRows = 8, kPrefillRows = 128;

static void chooseTiles(tern::FusedLinearOp linear, lut::TargetAttr target) {
  Chooser chooser{target, std::numeric_limits<int64_t>::max(), 0, 1};
  for (Attribute name : linear.getWeights()) {
    auto weight = tern::getWeight(linear, cast<FlatSymbolRefAttr>(name));
    auto packing =
        weight->getAttrOfType<lut::PackingInterface>(lut::kPackingAttr);
    ArrayRef<int64_t> shape = weight.getType().getShape();
    int64_t blocks = lut::getBlocks(shape[0]);
    chooser.blocks = std::min(chooser.blocks, blocks);
    chooser.common = std::gcd(chooser.common, blocks);
    chooser.blockBytes = lut::getGroups(packing, shape[1]) * lut::kGroupBytes;
  }
  bool wide = target.getDot() == lut::Dot::Quads;
  bool lookUp = target.getLookupMacs() > target.getDotMacs();
  linear->setAttr(
      lut::kTilesAttr,
      ArrayAttr::get(target.getContext(),
                     {chooser.multiply(1, 2, 1),
                      chooser.multiply(kSmallRows, wide ? 2 : 1, 4),
                      lookUp ? chooser.lookUp(kPrefillRows)
                             : chooser.multiply(kPrefillRows, wide ? 2 : 1,
                                                wide ? 8 : 4)}));
}

namespace {
struct ChooseTiles : impl::ChooseTilesBase<ChooseTiles> {
  void runOnOperation() override {
    auto target = lut::getTarget(getOperation()->getParentOfType<ModuleOp>());
    if (!target)
      return signalPassFailure();
    getOperation().walk([&](tern::FusedLinearOp linear) {
      if (linear->hasAttr(lut::kTilesAttr))
        return;
      for (Attribute name : linear.getWeights()) {
        auto weight = tern::getWeight(linear, cast<FlatSymbolRefAttr>(name));
        if (weight &&
            weight->getAttrOfType<lut::PackingInterface>(lut::kPackingAttr))
          continue;
        linear.emitError("weight ") << name
                                    << " has no packing; run the "
                                       "encode stage first";
        return signalPassFailure();
      }
      chooseTiles(linear, target);
    });
  }
};
} // namespace
} // namespace setun::passes
