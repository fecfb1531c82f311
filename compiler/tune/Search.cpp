//===- Search.cpp - Which candidates to measure next ----------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/tune/Search.h"

#include <cmath>

using namespace mlir;
using setun::passes::BatchClass;

namespace setun::compiler {

/// A packing is given up when so many of its candidates were measured and its
/// best is so much slower than another's.
static constexpr size_t kFairTrials = 4;
static constexpr double kHopeless = 1.25;
/// Of a packing and class that are measured again.
static constexpr unsigned kFinalists = 2;

//===----------------------------------------------------------------------===//
// Cell
//===----------------------------------------------------------------------===//

std::optional<unsigned> Cell::find(lut::TileAttr tile) const {
  for (auto [i, candidate] : llvm::enumerate(candidates))
    if (candidate.tile == tile)
      return i;
  return std::nullopt;
}

/// How many times something is doubled on the way.
static double getDistance(lut::TileAttr a, lut::TileAttr b) {
  auto far = [](int64_t x, int64_t y) {
    return std::abs(std::log2(double(x) / double(y)));
  };
  return far(a.getBlocks(), b.getBlocks()) + far(a.getUnroll(), b.getUnroll()) +
         far(a.getTokens(), b.getTokens()) +
         (a.getStrategy() == b.getStrategy() ? 0 : 4);
}

std::optional<unsigned> Cell::pick(const std::set<unsigned> &planned) const {
  lut::TileAttr best = getTile(getBest());
  bool byCost = (results.size() + planned.size()) % 3 == 2;
  std::optional<unsigned> picked;
  for (unsigned i = 0; i < candidates.size(); ++i) {
    if (results.count(i) || planned.count(i))
      continue;
    if (!picked || (!byCost && getDistance(getTile(i), best) <
                                   getDistance(getTile(*picked), best)))
      picked = i;
  }
  return picked;
}

SmallVector<unsigned> Cell::rank() const {
  SmallVector<unsigned> list(llvm::make_first_range(results));
  llvm::sort(list, [&](unsigned a, unsigned b) {
    return std::pair(results.at(a).relative, a) <
           std::pair(results.at(b).relative, b);
  });
  return list;
}

unsigned Cell::getBest() const { return results.empty() ? 0 : rank().front(); }

double Cell::getBestTime() const {
  return results.empty() ? 1 : results.at(getBest()).relative;
}

//===----------------------------------------------------------------------===//
// Search
//===----------------------------------------------------------------------===//

Search::Search(ArrayRef<passes::LinearShape> list, lut::TargetAttr target) {
  for (const passes::LinearShape &shape : list) {
    Shape &added = shapes.emplace_back(Shape{shape, {}});
    for (lut::PackingInterface packing : passes::listPackings(target)) {
      Packing &cells = added.packings.emplace_back(Packing{packing, {}});
      for (BatchClass each : passes::kBatchClasses)
        cells.cells.emplace_back(
            passes::listCandidates(shape, packing, each, target));
    }
  }
}

/// As it chooses packings in Choices.h.
double Search::getProduct(const Packing &packing) const {
  auto best = [&](BatchClass each) {
    return packing.cells[static_cast<unsigned>(each)].getBestTime();
  };
  return best(BatchClass::Decode) * best(BatchClass::Prefill);
}

SmallVector<unsigned> Search::getHopeful(const Shape &shape) const {
  double least = std::numeric_limits<double>::infinity();
  for (const Packing &packing : shape.packings)
    least = std::min(least, getProduct(packing));
  SmallVector<unsigned> hopeful;
  for (auto [i, packing] : llvm::enumerate(shape.packings)) {
    bool tried = llvm::all_of(packing.cells, [](const Cell &cell) {
      return cell.countMeasured() >= std::min(kFairTrials, cell.size());
    });
    if (!tried || getProduct(packing) <= kHopeless * least)
      hopeful.push_back(i);
  }
  return hopeful;
}

Slot Search::getReference(unsigned shape) const {
  Slot slot;
  slot.shape = shape;
  slot.wanted.fill(true);
  slot.reference = true;
  return slot;
}

/// The next candidate of every class; where none is left, the best so far.
std::optional<Slot> Search::planSlot(unsigned shape, unsigned packing,
                                     Planned &planned) const {
  Slot slot;
  slot.shape = shape;
  slot.packing = packing;
  for (auto [i, cell] :
       llvm::enumerate(shapes[shape].packings[packing].cells)) {
    std::set<unsigned> &taken = planned[{packing, i}];
    if (packing == 0)
      taken.insert(0); // the reference
    auto picked = cell.pick(taken);
    slot.candidates[i] = picked.value_or(cell.getBest());
    slot.wanted[i] = picked.has_value();
    if (picked)
      taken.insert(*picked);
  }
  if (llvm::none_of(slot.wanted, [](bool wanted) { return wanted; }))
    return std::nullopt;
  return slot;
}

std::vector<Slot> Search::plan(unsigned perShape, int64_t maxBytes) const {
  std::vector<Slot> round;
  int64_t bytes = 0;
  for (unsigned shape = 0; shape < shapes.size(); ++shape) {
    SmallVector<unsigned> packings = getHopeful(shapes[shape]);
    Planned planned;
    std::vector<Slot> slots;
    for (unsigned i = 0; i < perShape; ++i)
      if (auto slot = planSlot(shape, packings[i % packings.size()], planned))
        slots.push_back(*slot);
    if (slots.empty())
      continue;
    slots.insert(slots.begin(), getReference(shape));
    int64_t own = 0;
    for (const Slot &slot : slots)
      own += getTrial(slot).getBytes();
    if (!round.empty() && bytes + own > maxBytes)
      continue;
    bytes += own;
    llvm::append_range(round, slots);
  }
  return round;
}

std::vector<Slot> Search::planFinal() const {
  std::vector<Slot> round;
  for (auto [i, shape] : llvm::enumerate(shapes)) {
    std::vector<Slot> slots;
    for (unsigned packing : getHopeful(shape)) {
      for (unsigned place = 0; place < kFinalists; ++place) {
        Slot slot;
        slot.shape = i;
        slot.packing = packing;
        bool any = false;
        for (auto [c, cell] : llvm::enumerate(shape.packings[packing].cells)) {
          SmallVector<unsigned> ranked = cell.rank();
          bool isReference =
              packing == 0 && place < ranked.size() && ranked[place] == 0;
          slot.wanted[c] = place < ranked.size() && !isReference;
          slot.candidates[c] = slot.wanted[c] ? ranked[place] : cell.getBest();
          any |= slot.wanted[c];
        }
        if (any)
          slots.push_back(slot);
      }
    }
    if (slots.empty())
      continue;
    round.push_back(getReference(i));
    llvm::append_range(round, slots);
  }
  return round;
}

Trial Search::getTrial(const Slot &slot) const {
  const Packing &packing = shapes[slot.shape].packings[slot.packing];
  Trial trial{shapes[slot.shape].shape, packing.attr, {}};
  for (size_t i = 0; i < Slot::kClasses; ++i)
    trial.tiles[i] = packing.cells[i].getTile(slot.candidates[i]);
  return trial;
}

void Search::record(const Slot &slot, BatchClass batchClass,
                    const Result &result) {
  unsigned index = static_cast<unsigned>(batchClass);
  shapes[slot.shape].packings[slot.packing].cells[index].record(
      slot.candidates[index], result);
}

bool Search::record(const passes::LinearShape &shape, StringRef packing,
                    BatchClass batchClass, lut::TileAttr tile,
                    const Result &result) {
  for (Shape &known : shapes) {
    if (!(known.shape == shape))
      continue;
    for (Packing &each : known.packings) {
      Cell &cell = each.cells[static_cast<unsigned>(batchClass)];
      auto index = cell.find(tile);
      if (each.attr.getWord() != packing || !index)
        continue;
      cell.record(*index, result);
      return true;
    }
  }
  return false;
}

template <typename Body>
static void forEachCell(auto &shapes, const Body &body) {
  for (auto &shape : shapes)
    for (auto &packing : shape.packings)
      for (auto &cell : packing.cells)
        body(cell);
}

void Search::forget() {
  forEachCell(shapes, [](Cell &cell) { cell.forget(); });
}

size_t Search::countMeasured() const {
  size_t count = 0;
  forEachCell(shapes, [&](const Cell &cell) { count += cell.countMeasured(); });
  return count;
}

size_t Search::countCandidates() const {
  size_t count = 0;
  forEachCell(shapes, [&](const Cell &cell) { count += cell.size(); });
  return count;
}

} // namespace setun::compiler
