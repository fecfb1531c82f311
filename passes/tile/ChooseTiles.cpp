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

static constexpr int64_t kPrefillRows = 256;
/// Codes of two trits, a nibble.
static constexpr unsigned kTableEntries = 16;

namespace {
/// One linear on one machine.
struct Chooser {
  lut::TargetAttr target;
  int64_t blocks;     // 16-row blocks of all weights that are shared out
  int64_t tallest;    // those of the largest
  int64_t common;     // what divides the blocks of every weight
  int64_t panel;      // blocks of a panel, the same in every weight
  int64_t panelBytes; // packed bytes of one

  bool looksUp() const { return target.getLookupMacs() > target.getDotMacs(); }

  /// Tokens of the small class: as many as are multiplied as soon as looked up.
  /// The tables and codes of a tile cost as much as 16 more of them.
  int64_t smallRows() const {
    int64_t rows = 32;
    while (looksUp() && rows > 2 &&
           rows * target.getLookupMacs() >
               (lut::roundUp(rows, lut::kLookupTokens) + lut::kLookupTokens) *
                   target.getDotMacs())
      rows /= 2;
    return rows;
  }

  /// Two blocks share a load of activations, four where they are
  /// scalable, if registers hold the sums of all, `each` of them, the count
  /// divides, and memory is read from that many places as fast as from one.
  int64_t unrollFor(int64_t rows, int64_t each) const {
    if (panel > 1)
      return panel;
    int64_t unroll = target.getScalable() ? 4 : 2;
    if (rows <= smallRows())
      unroll = std::min<int64_t>(unroll, target.getStreams());
    while (unroll > 1 && (common % unroll || target.getSums() < unroll * each))
      unroll /= 2;
    return unroll;
  }

  /// Tiles of about `bytes` packed weights, at least eight of them where the
  /// matrix allows, so that workers can share unevenly.
  int64_t blocksPerTile(int64_t bytes, int64_t unroll) const {
    int64_t count = std::max<int64_t>(1, bytes / panelBytes) * panel;
    count = std::min(count, std::max<int64_t>(1, blocks / 8));
    return lut::roundUp(count, unroll);
  }

  /// Decoding into sums of 32 bits, each scale of the codes has its own. It
  /// reads long stretches: where a matrix begins, prefetching begins anew, and
  /// gate and up take turns.
  lut::TileAttr multiply(int64_t rows) const {
    int64_t wanted = rows > smallRows() ? 8 : 4;
    int64_t tokens = std::min<int64_t>({rows, target.getSums(), wanted});
    bool wide = target.getDot() >= lut::Dot::Quads;
    int64_t bytes = rows == 1 ? 160 << 10 : 64 << 10;
    int64_t unroll = unrollFor(rows, rows == 1 && wide ? 3 : tokens);
    tokens = std::min(tokens, std::max<int64_t>(1, target.getSums() / unroll));
    return lut::TileAttr::get(target.getContext(), rows,
                              lut::Strategy::MultiplyAdd,
                              blocksPerTile(bytes, unroll), unroll, tokens);
  }

  /// Every tile builds its own tables, 15 instructions for two columns, and
  /// then needs one or two for their 16·`blocks` rows.
  lut::TileAttr index() const {
    int64_t count = std::min(blocks, std::max<int64_t>(24, blocks / 8));
    return lut::TileAttr::get(target.getContext(), 1, lut::Strategy::Table,
                              count, 1, 1);
  }

  /// Every tile builds its own tables, 81 additions for two columns of its
  /// rows, so tiles are tall; their number is even, for two workers.
  lut::TileAttr lookUp(int64_t rows) const {
    constexpr int64_t tall = 80;
    int64_t tiles = lut::roundUp(llvm::divideCeil(tallest, tall), 2);
    return lut::TileAttr::get(target.getContext(), rows, lut::Strategy::Lookup,
                              lut::roundUp(lut::ceilDiv(tallest, tiles), panel),
                              1, lut::kLookupTokens);
  }
};
} // namespace

static void chooseTiles(tern::FusedLinearOp linear, lut::TargetAttr target) {
  Chooser chooser{target, 0, 0, 0, 1, 1};
  for (Attribute name : linear.getWeights()) {
    auto weight = tern::getWeight(linear, cast<FlatSymbolRefAttr>(name));
    auto packing =
        weight->getAttrOfType<lut::PackingInterface>(lut::kPackingAttr);
    ArrayRef<int64_t> shape = weight.getType().getShape();
    int64_t blocks = lut::getBlocks(shape[0]);
    // A tile of gate and up is one of each.
    chooser.blocks = linear.getGate() ? blocks : chooser.blocks + blocks;
    chooser.tallest = std::max(chooser.tallest, blocks);
    chooser.common = std::gcd(chooser.common, blocks);
    chooser.panel = packing.getPanelBlocks();
    chooser.panelBytes = lut::getPanelBytes(packing, shape[1]);
  }
  // Products one by one cost more than sums of two from a register.
  bool table = chooser.panel == 1 && target.getDot() == lut::Dot::Singles &&
               target.getPermuteBytes() >= kTableEntries;
  linear->setAttr(
      lut::kTilesAttr,
      ArrayAttr::get(target.getContext(),
                     {table ? chooser.index() : chooser.multiply(1),
                      chooser.multiply(chooser.smallRows()),
                      chooser.looksUp() ? chooser.lookUp(kPrefillRows)
                                        : chooser.multiply(kPrefillRows)}));
}

namespace {
struct ChooseTiles : impl::ChooseTilesBase<ChooseTiles> {
  void runOnOperation() override {
    auto target = lut::getTarget(getOperation());
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
