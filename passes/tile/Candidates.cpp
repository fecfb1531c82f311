//===- Candidates.cpp - Tiles that a linear can have, and their costs -----===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/tile/Candidates.h"

#include "passes/tile/Cost.h"

#include "llvm/ADT/bit.h"

#include <numeric>

using namespace mlir;

namespace setun::passes {

static constexpr int64_t kPrefillRows = 256;
/// Codes of two trits, a nibble.
static constexpr unsigned kTableEntries = 16;
/// Of #lut.tile.
static constexpr int64_t kMostSums = 64;

/// Tokens of the small class: as many as are multiplied as soon as looked up.
/// The tables and codes of a tile cost as much as 16 more of them.
static int64_t getSmallRows(lut::TargetAttr target) {
  int64_t rows = 32, look = target.getLookupMacs(), dot = target.getDotMacs();
  while (look > dot && rows > 2 &&
         rows * look >
             (lut::roundUp(rows, lut::kLookupTokens) + lut::kLookupTokens) *
                 dot)
    rows /= 2;
  return rows;
}

int64_t getRows(BatchClass batchClass, lut::TargetAttr target) {
  switch (batchClass) {
  case BatchClass::Decode:
    return 1;
  case BatchClass::Small:
    return getSmallRows(target);
  case BatchClass::Prefill:
    return kPrefillRows;
  }
  llvm_unreachable("no such class");
}

namespace {
struct Lister {
  Lister(const LinearShape &shape, lut::PackingInterface packing,
         BatchClass batchClass, lut::TargetAttr target);

  void addAll();
  SmallVector<Candidate> list;

private:
  bool indexes() const;
  void addHeights(lut::Strategy strategy, int64_t unroll, int64_t tokens);
  void add(lut::TileAttr tile);

  const LinearShape &shape;
  lut::PackingInterface packing;
  lut::TargetAttr target;
  int64_t rows, panel;
  int64_t tallest = 0; ///< blocks of the weight that has most
  int64_t common = 0;  ///< what divides the blocks of every weight
};
} // namespace

Lister::Lister(const LinearShape &shape, lut::PackingInterface packing,
               BatchClass batchClass, lut::TargetAttr target)
    : shape(shape), packing(packing), target(target),
      rows(getRows(batchClass, target)), panel(packing.getPanelBlocks()) {
  for (int64_t height : shape.rows) {
    int64_t whole = lut::getPanels(packing, height) * panel;
    tallest = std::max(tallest, whole);
    common = std::gcd(common, whole);
  }
}

void Lister::add(lut::TileAttr tile) {
  list.push_back({packing, tile, predictCycles(shape, packing, tile, target)});
}

/// What 1, 2, 3, 4, 6, 8, 12 … tiles make of the tallest weight.
void Lister::addHeights(lut::Strategy strategy, int64_t unroll,
                        int64_t tokens) {
  int64_t unit = std::lcm(panel, unroll), last = 0;
  for (int64_t tiles = 1; last != unit;
       tiles += std::max<int64_t>(1, llvm::bit_floor<uint64_t>(tiles) / 2)) {
    int64_t blocks = lut::roundUp(lut::ceilDiv(tallest, tiles), unit);
    if (blocks != last)
      add(lut::TileAttr::get(target.getContext(), rows, strategy, blocks,
                             unroll, tokens));
    last = blocks;
  }
}

/// Whether sums of two trits can be indexed in a register.
bool Lister::indexes() const {
  return rows == 1 && panel == 1 && target.getPermuteBytes() >= kTableEntries;
}

void Lister::addAll() {
  // With more sums than registers hold, and half as many, none is the cheapest.
  int64_t most = std::max<int64_t>(panel, target.getSums() * 3 / 2);
  for (int64_t unroll : {panel, 2 * panel, 4 * panel})
    for (int64_t tokens : {1, 2, 3, 4, 6, 8})
      if (common % unroll == 0 && tokens <= rows &&
          unroll * tokens <= std::min(most, kMostSums))
        addHeights(lut::Strategy::MultiplyAdd, unroll, tokens);
  // Few tokens are those that are multiplied sooner.
  if (rows > getSmallRows(target))
    addHeights(lut::Strategy::Lookup, 1, lut::kLookupTokens);
  if (indexes())
    addHeights(lut::Strategy::Table, 1, 1);
  auto key = [](const Candidate &each) {
    return std::tuple(each.cycles, each.tile.getStrategy(),
                      each.tile.getBlocks(), each.tile.getUnroll(),
                      each.tile.getTokens());
  };
  llvm::sort(list, [&](const Candidate &a, const Candidate &b) {
    return key(a) < key(b);
  });
}

SmallVector<Candidate> listCandidates(const LinearShape &shape,
                                      lut::PackingInterface packing,
                                      BatchClass batchClass,
                                      lut::TargetAttr target) {
  Lister lister(shape, packing, batchClass, target);
  lister.addAll();
  return std::move(lister.list);
}

} // namespace setun::passes
