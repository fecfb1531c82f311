//===- Candidates.cpp - Tiles that a linear can have, and their costs -----===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/tile/Candidates.h"

#include <cmath>
#include <numeric>

using namespace mlir;

namespace setun::passes {

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

static Chooser makeChooser(const LinearShape &shape,
                           lut::PackingInterface packing,
                           lut::TargetAttr target) {
  Chooser chooser{target,
                  0,
                  0,
                  0,
                  packing.getPanelBlocks(),
                  lut::getPanelBytes(packing, shape.columns)};
  for (int64_t rows : shape.rows) {
    int64_t blocks = lut::getBlocks(rows);
    // A tile of gate and up is one of each.
    chooser.blocks = shape.gate.empty() ? chooser.blocks + blocks : blocks;
    chooser.tallest = std::max(chooser.tallest, blocks);
    chooser.common =
        std::gcd(chooser.common, lut::roundUp(blocks, chooser.panel));
  }
  return chooser;
}

static lut::TileAttr choose(const Chooser &chooser, BatchClass batchClass) {
  lut::TargetAttr target = chooser.target;
  // Products one by one cost more than sums of two from a register.
  bool table = chooser.panel == 1 && target.getDot() == lut::Dot::Singles &&
               target.getPermuteBytes() >= kTableEntries;
  switch (batchClass) {
  case BatchClass::Decode:
    return table ? chooser.index() : chooser.multiply(1);
  case BatchClass::Small:
    return chooser.multiply(chooser.smallRows());
  case BatchClass::Prefill:
    return chooser.looksUp() ? chooser.lookUp(kPrefillRows)
                             : chooser.multiply(kPrefillRows);
  }
  llvm_unreachable("no such class");
}

namespace {
/// Lists tiles by their distance from the rules' choice.
struct Lister {
  const Chooser &chooser;
  lut::PackingInterface packing;
  lut::TileAttr chosen;
  SmallVector<Candidate> list;

  void add(lut::TileAttr tile) {
    auto far = [](int64_t a, int64_t b) {
      return std::abs(std::log2(double(a) / b));
    };
    double distance = far(tile.getBlocks(), chosen.getBlocks()) +
                      far(tile.getUnroll(), chosen.getUnroll()) +
                      far(tile.getTokens(), chosen.getTokens()) +
                      (tile.getStrategy() == chosen.getStrategy() ? 0 : 8);
    if (llvm::none_of(list, [&](auto &each) { return each.tile == tile; }))
      list.push_back({packing, tile, distance});
  }

  /// Whole multiples of `unit`, for 1, 2, 3, 4, 6, 8 … tiles of the tallest.
  void addHeights(lut::Strategy strategy, int64_t unit, int64_t unroll,
                  int64_t tokens) {
    int64_t last = 0;
    for (int64_t tiles = 1; tiles <= chooser.tallest;
         tiles += std::max<int64_t>(1, (tiles & -tiles) / 2)) {
      int64_t blocks = lut::roundUp(lut::ceilDiv(chooser.tallest, tiles), unit);
      if (blocks != last)
        add(lut::TileAttr::get(chosen.getContext(), chosen.getRows(), strategy,
                               blocks, unroll, tokens));
      last = blocks;
    }
  }

  void addAll() {
    int64_t rows = chosen.getRows(), sums = chooser.target.getSums();
    for (int64_t unroll : {1, 2, 4})
      for (int64_t tokens : {1, 2, 3, 4, 6, 8}) {
        int64_t wide = unroll * chooser.panel;
        if (chooser.common % wide == 0 && tokens <= rows &&
            (tokens == 1 || wide * tokens <= sums))
          addHeights(lut::Strategy::MultiplyAdd, wide, wide, tokens);
      }
    if (rows >= lut::kLookupTokens)
      addHeights(lut::Strategy::Lookup, chooser.panel, 1, lut::kLookupTokens);
    if (rows == 1 && chooser.panel == 1 &&
        chooser.target.getPermuteBytes() >= kTableEntries)
      addHeights(lut::Strategy::Table, 1, 1, 1);
  }
};
} // namespace

SmallVector<Candidate> listCandidates(const LinearShape &shape,
                                      lut::PackingInterface packing,
                                      BatchClass batchClass,
                                      lut::TargetAttr target) {
  Chooser chooser = makeChooser(shape, packing, target);
  Lister lister{chooser, packing, choose(chooser, batchClass), {}};
  lister.add(lister.chosen);
  lister.addAll();
  auto key = [](const Candidate &each) {
    return std::tuple(each.cycles, each.tile.getStrategy(),
                      each.tile.getBlocks(), each.tile.getUnroll(),
                      each.tile.getTokens());
  };
  llvm::sort(lister.list, [&](const Candidate &a, const Candidate &b) {
    return key(a) < key(b);
  });
  return lister.list;
}

SmallVector<lut::PackingInterface> listPackings(lut::TargetAttr target) {
  MLIRContext *context = target.getContext();
  lut::PackingInterface two = lut::I2Attr::get(context);
  lut::PackingInterface three = lut::B3Attr::get(context);
  if (target.getBase3())
    return {three, two};
  return {two, three};
}

} // namespace setun::passes
