//===- Search.cpp - Which candidates to measure next ----------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/tune/Search.h"

#include "compiler/tuning/Choices.h"

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

void Cell::record(unsigned i, const Result &result, bool again) {
  results[i] = result;
  if (again)
    confirmed.insert(i);
}

void Cell::forget() {
  results.clear();
  confirmed.clear();
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

SmallVector<unsigned> Cell::listDoubtful() const {
  SmallVector<unsigned> list = rank();
  auto isCertain = [&](unsigned i) {
    return isReference(i) || confirmed.count(i);
  };
  if (list.empty() || isCertain(list.front()))
    return {};
  llvm::erase_if(list, isCertain);
  return list;
}

SmallVector<unsigned> Cell::dropLucky() {
  SmallVector<unsigned> lucky = rank();
  auto certain =
      llvm::find_if(lucky, [&](unsigned i) { return confirmed.count(i); });
  if (certain == lucky.end())
    return {};
  lucky.erase(certain, lucky.end());
  llvm::erase_if(lucky, [&](unsigned i) { return isReference(i); });
  for (unsigned i : lucky)
    results.erase(i);
  return lucky;
}

unsigned Cell::getBest() const { return results.empty() ? 0 : rank().front(); }

std::optional<double> Cell::getBestTime() const {
  return results.empty() ? std::nullopt
                         : std::optional(results.at(getBest()).relative);
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
            passes::listCandidates(shape, packing, each, target),
            /*facts=*/added.packings.size() == 1);
    }
  }
}

double Search::getProduct(const Packing &packing) const {
  auto best = [&](BatchClass each) {
    return packing.cells[static_cast<unsigned>(each)].getBestTime();
  };
  return tuning::getProduct(best(BatchClass::Decode),
                            best(BatchClass::Prefill));
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

void Search::append(std::vector<Slot> &round, std::vector<Slot> slots,
                    int64_t &rest) const {
  if (slots.empty())
    return;
  slots.insert(slots.begin(), getReference(slots.front().shape));
  int64_t own = 0;
  for (const Slot &slot : slots)
    own += getTrial(slot).getBytes();
  if (!round.empty() && own > rest)
    return;
  rest -= own;
  llvm::append_range(round, slots);
}

std::vector<Slot> Search::plan(unsigned perShape, int64_t maxBytes) const {
  std::vector<Slot> round;
  for (unsigned shape = 0; shape < shapes.size(); ++shape) {
    SmallVector<unsigned> packings = getHopeful(shapes[shape]);
    Planned planned;
    std::vector<Slot> slots;
    for (unsigned i = 0; i < perShape; ++i)
      if (auto slot = planSlot(shape, packings[i % packings.size()], planned))
        slots.push_back(*slot);
    append(round, std::move(slots), maxBytes);
  }
  return round;
}

std::vector<Slot> Search::planAgain(unsigned shape) const {
  std::vector<Slot> slots;
  for (unsigned packing : getHopeful(shapes[shape])) {
    for (unsigned place = 0; place < kFinalists; ++place) {
      Slot slot;
      slot.shape = shape;
      slot.packing = packing;
      slot.again = true;
      for (auto [c, cell] :
           llvm::enumerate(shapes[shape].packings[packing].cells)) {
        SmallVector<unsigned> list = cell.listDoubtful();
        slot.wanted[c] = place < list.size();
        slot.candidates[c] = slot.wanted[c] ? list[place] : cell.getBest();
      }
      if (llvm::is_contained(slot.wanted, true))
        slots.push_back(slot);
    }
  }
  return slots;
}

std::vector<Slot> Search::planFinal(int64_t maxBytes) const {
  std::vector<Slot> round;
  for (unsigned shape = 0; shape < shapes.size(); ++shape)
    append(round, planAgain(shape), maxBytes);
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
      slot.candidates[index], result, slot.again);
}

void Search::record(const passes::LinearShape &shape, StringRef packing,
                    BatchClass batchClass, lut::TileAttr tile,
                    const Result &result) {
  for (Shape &known : shapes) {
    if (!(known.shape == shape))
      continue;
    for (Packing &each : known.packings) {
      Cell &cell = each.cells[static_cast<unsigned>(batchClass)];
      auto index = cell.find(tile);
      if (each.attr.getWord() == packing && index)
        cell.record(*index, result);
    }
  }
}

template <typename Body>
static void forEachCell(auto &shapes, const Body &body) {
  for (auto &shape : shapes)
    for (auto &packing : shape.packings)
      for (auto &cell : packing.cells)
        body(cell);
}

std::vector<std::pair<Trial, BatchClass>> Search::dropLucky() {
  std::vector<std::pair<Trial, BatchClass>> dropped;
  for (auto [s, shape] : llvm::enumerate(shapes))
    for (auto [p, packing] : llvm::enumerate(shape.packings))
      for (BatchClass each : passes::kBatchClasses) {
        auto index = static_cast<unsigned>(each);
        for (unsigned i : packing.cells[index].dropLucky()) {
          Slot slot;
          slot.shape = s;
          slot.packing = p;
          slot.candidates[index] = i;
          dropped.emplace_back(getTrial(slot), each);
        }
      }
  return dropped;
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
