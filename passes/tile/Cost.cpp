//===- Cost.cpp - What a tile costs ---------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where no other source is named, constants were fitted on 2026-11-21 to some
// thousand tiles of five models on a 2-core Zen 4 (tests/bench/tiles.py without
// 3b).
//
//===----------------------------------------------------------------------===//

#include "passes/tile/Cost.h"

#include <cmath>

using namespace mlir;

namespace setun::passes {

/// Bytes a cycle that one core reads from memory: 31 GB/s at 3.7 GHz; and how
/// much longer it takes from more places than the target's `streams`: 19 GB/s.
static constexpr double kReadBytes = 8.4, kFarStreams = 1.6;
/// Cycles until a tile's first bytes come.
static constexpr double kStart = 2000;
/// Cycles around the loop over a panel's groups, and for the numbers of a block
/// of rows and a token.
static constexpr double kPass = 60, kStoreBlock = 6;
/// A sum that finds no register, every time something is added to it.
static constexpr double kSpilled = 1;
/// Instructions to take a trit of 64 bytes out of them: a shift and a mask; a
/// mask; a fifth of what base 3 needs with its instructions, and without.
static constexpr double kUnpack = 1, kUnpackInPlace = 0.5;
static constexpr double kUnpackMixed = 0.2, kUnpackBase3 = 2;
/// Activations of four columns, beside the product of one block with them.
static constexpr double kActivations = 0.1;
/// Look-ups: vectors of a table for a column, instructions for each; of codes
/// for 16 rows and columns; cycles to store a row of 16 tokens.
static constexpr double kTableVectors = lut::kLookupEntries / 8.0;
static constexpr double kTableOps = 2.4, kCodeOps = 25, kStoreRow = 20;
/// What sums cost that do not fit into the second cache, of all that is done.
static constexpr double kFarSums = 0.2;
/// Indexing: instructions for a group, and for its tables. They are counted;
/// few of them fill vectors of more than 16 bytes.
static constexpr double kIndexOps = 8, kIndexTableOps = 16;
/// Numbers of workers that may share a step, of whose times the mean counts.
/// They do not start as one, nor are they equally fast: so much of a tile the
/// others wait for each of them.
static constexpr int64_t kWorkers[] = {1, 2, 4};
static constexpr double kUneven = 0.4;

namespace {
struct CostModel {
  const LinearShape &shape;
  lut::PackingInterface packing;
  lut::TileAttr tile;
  lut::TargetAttr target;
  int64_t tokens;

  Cost predict() const;

private:
  int64_t panel() const { return packing.getPanelBlocks(); }
  int64_t groups() const { return lut::getGroups(packing, shape.columns); }
  int64_t columns() const { return groups() * lut::getGroupColumns(packing); }
  /// Weights that tiles of their own are made of, the others take part in them.
  ArrayRef<int64_t> shared() const {
    return ArrayRef(shape.rows).take_front(shape.gate.empty() ? ~0u : 1);
  }
  int64_t together() const { return shape.rows.size() / shared().size(); }

  /// Whoever writes a machine down may write 0.
  double dotMacs() const { return std::max(1u, target.getDotMacs()); }
  double lookupMacs() const { return std::max(1u, target.getLookupMacs()); }
  double instruction() const;
  double numbers() const;
  int64_t countPlaces() const;
  double unpack() const;
  double pairTokens() const;
  int64_t countSpilled() const;
  double multiplyPanels() const;
  double multiply(int64_t blocks) const;
  double fetch(int64_t blocks) const;
  double prepareLookups(int64_t blocks) const;
  double index(int64_t blocks) const;

  double read(int64_t blocks) const;
  Cost predictTile(int64_t blocks) const;
  SmallVector<int64_t> cut() const;
};
} // namespace

/// Reading and computing overlap, but not quite.
double Cost::total() const {
  return std::hypot(reading, computing) + preparing + waiting;
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

/// Cycles of an instruction on 64 bytes: products tell how wide vectors are.
double CostModel::instruction() const {
  switch (target.getDot()) {
  case lut::Dot::Words:
    return 8.0 / dotMacs();
  case lut::Dot::Singles:
    return 24.0 / dotMacs();
  case lut::Dot::Pairs:
    return 48.0 / dotMacs();
  case lut::Dot::Quads:
    return 64.0 / dotMacs();
  case lut::Dot::Tiles:
    return 128.0 / dotMacs();
  }
  llvm_unreachable("no such dot");
}

/// Sums of a row's products: codes that stay where they lie in their bytes are
/// cheaper to take apart, but each place needs a sum. What MadKernel does.
int64_t CostModel::countPlaces() const {
  int64_t places = target.getU8Codes() ? 4 : 3, some = tile.getTokens();
  bool pairs = target.getDot() == lut::Dot::Tiles && some % 2 == 0;
  bool fit = some == 1 || tile.getUnroll() * some * places <= target.getSums();
  bool stay = panel() == 1 && target.getDot() >= lut::Dot::Quads && !pairs;
  return stay && fit ? places : 1;
}

/// Of 64 bytes, in instructions on so many, by the forms that MadKernel takes.
double CostModel::unpack() const {
  double trits = packing.getTritsPerByte();
  if (panel() == 1)
    return trits * (countPlaces() > 1 ? kUnpackInPlace : kUnpack);
  bool mixed = target.getDot() == lut::Dot::Quads && target.getU8Codes();
  return trits * (mixed ? kUnpackMixed : kUnpackBase3);
}

/// `tiles` take two tokens at once, one alone at half the rate.
double CostModel::pairTokens() const {
  int64_t some = tile.getTokens();
  return target.getDot() == lut::Dot::Tiles
             ? double(lut::roundUp(some, 2)) / some
             : 1;
}

/// Sums that find no register.
int64_t CostModel::countSpilled() const {
  int64_t sums = tile.getUnroll() * tile.getTokens() * countPlaces();
  return std::max<int64_t>(0, sums - target.getSums());
}

/// `unroll` blocks for all tokens.
double CostModel::multiplyPanels() const {
  int64_t unroll = tile.getUnroll(), panels = unroll / panel();
  int64_t trits = packing.getTritsPerByte();
  double passes = lut::ceilDiv(tokens, tile.getTokens());
  double products = double(trits) * panels * tokens * pairTokens() *
                    (1 + kActivations / unroll) * lut::kGroupBytes / dotMacs();
  double others =
      panels * unpack() + countSpilled() * (trits / panel()) * kSpilled;
  return groups() * (products + passes * others * instruction()) +
         passes * kPass + tokens * unroll * kStoreBlock * instruction();
}

double CostModel::multiply(int64_t blocks) const {
  return lut::ceilDiv(blocks, tile.getUnroll()) * multiplyPanels();
}

/// Cycles of an instruction on 32 numbers of 16 bits, which words take alone.
double CostModel::numbers() const {
  return target.getDot() == lut::Dot::Words ? 8 * instruction() : instruction();
}

/// Rows of sums for 16 tokens at a time.
double CostModel::fetch(int64_t blocks) const {
  double rows = blocks * lut::kBlockRows;
  double passes = lut::ceilDiv(tokens, lut::kLookupTokens);
  double macs = rows * columns() * passes * lut::kLookupTokens;
  double sumBytes = rows * lut::kLookupTokens * 4;
  double far = 1 + kFarSums * std::min(1.0, sumBytes / target.getL2Bytes());
  return far * macs / lookupMacs() + rows * passes * kStoreRow * numbers();
}

double CostModel::prepareLookups(int64_t blocks) const {
  double passes = lut::ceilDiv(tokens, lut::kLookupTokens);
  // Dot products take half of the columns.
  double lookedUp = columns() / (target.getMixes() ? 2.0 : 1.0);
  double tables = passes * lookedUp * kTableVectors * kTableOps;
  double codes = double(blocks) * columns() / lut::kBlockRows * kCodeOps;
  return (tables + codes) * numbers();
}

double CostModel::index(int64_t blocks) const {
  return double(blocks) * groups() * kIndexOps * instruction();
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

double CostModel::read(int64_t blocks) const {
  double bytes =
      double(lut::ceilDiv(blocks, panel())) * groups() * lut::kGroupBytes;
  bool far = tile.getUnroll() / panel() > target.getStreams();
  return bytes / kReadBytes * (far ? kFarStreams : 1);
}

/// Of one matrix.
Cost CostModel::predictTile(int64_t blocks) const {
  Cost cost;
  cost.reading = kStart + read(blocks);
  switch (tile.getStrategy()) {
  case lut::Strategy::MultiplyAdd:
  case lut::Strategy::Skip:
  case lut::Strategy::Pick: // nobody asks
    cost.computing = multiply(blocks);
    break;
  case lut::Strategy::Lookup:
    cost.computing = fetch(blocks);
    cost.preparing = prepareLookups(blocks);
    break;
  case lut::Strategy::Table:
    cost.computing = index(blocks);
    cost.preparing = groups() * kIndexTableOps * instruction();
    break;
  }
  return cost;
}

/// Blocks of every tile, in the order in which they are claimed.
SmallVector<int64_t> CostModel::cut() const {
  SmallVector<int64_t> tiles;
  for (int64_t rows : shared()) {
    int64_t blocks = lut::getBlocks(rows);
    for (int64_t first = 0; first < blocks; first += tile.getBlocks())
      tiles.push_back(std::min(tile.getBlocks(), blocks - first));
  }
  return tiles;
}

/// What the workers wait for each other, of all their time: who is free takes
/// the next tile.
static double findIdleShare(ArrayRef<int64_t> tiles, int64_t workers) {
  SmallVector<int64_t> loads(workers);
  int64_t sum = 0;
  for (int64_t tile : tiles) {
    *llvm::min_element(loads) += tile;
    sum += tile;
  }
  double rounds = double(*llvm::max_element(loads) * workers) / sum - 1;
  double uneven = kUneven * (workers - 1) * *llvm::max_element(tiles) / sum;
  return rounds + uneven;
}

Cost CostModel::predict() const {
  SmallVector<int64_t> tiles = cut();
  Cost cost;
  for (int64_t blocks : tiles) {
    Cost one = predictTile(blocks);
    cost.reading += together() * one.reading;
    cost.computing += together() * one.computing;
    cost.preparing += together() * one.preparing;
  }
  double idle = 0, shares = 0;
  for (int64_t workers : kWorkers) {
    idle += findIdleShare(tiles, workers) / workers;
    shares += 1.0 / workers;
  }
  cost.waiting = cost.total() * idle / shares;
  return cost;
}

Cost predictCost(const LinearShape &shape, lut::PackingInterface packing,
                 lut::TileAttr tile, lut::TargetAttr target, int64_t tokens) {
  return CostModel{shape, packing, tile, target, tokens}.predict();
}

double predictCycles(const LinearShape &shape, lut::PackingInterface packing,
                     lut::TileAttr tile, lut::TargetAttr target) {
  constexpr int64_t steps = 4;
  auto total = [&](int64_t tokens) {
    return predictCost(shape, packing, tile, target, tokens).total();
  };
  int64_t rows = tile.getRows();
  if (rows < steps)
    return total(rows);
  return (total(rows) + steps * total(lut::ceilDiv(rows, steps))) / 2;
}

} // namespace setun::passes
