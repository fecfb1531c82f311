//===- Candidates.cpp - Why a linear has its tiles ------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/report/Candidates.h"

#include "passes/tile/Cost.h"

using namespace mlir;
using llvm::json::Array;
using llvm::json::Object;
using setun::passes::Candidate;

namespace setun::compiler::report {

/// Of the cheapest, so many are shown.
static constexpr size_t kShown = 6;

std::optional<TileQuestion> TileQuestion::get(Operation *op) {
  auto linear = dyn_cast<tern::FusedLinearOp>(op);
  auto tiles = op->getAttrOfType<ArrayAttr>(lut::kTilesAttr);
  if (!linear || passes::isPicked(linear) || !tiles ||
      tiles.size() != std::size(passes::kBatchClasses))
    return std::nullopt;
  auto packing = passes::getPacking(linear);
  lut::TargetAttr target = packing ? lut::getTarget(op) : lut::TargetAttr();
  if (!target) {
    consumeError(packing.takeError());
    return std::nullopt;
  }
  return TileQuestion{passes::LinearShape::get(linear), *packing, tiles,
                      target};
}

static Object toJson(const TileQuestion &question, const Candidate &each,
                     bool chosen) {
  passes::Cost cost =
      passes::predictCost(question.shape, each.packing, each.tile,
                          question.target, each.tile.getRows());
  auto whole = [](double cycles) { return static_cast<int64_t>(cycles); };
  return Object{{"packing", each.packing.getWord()},
                {"strategy", lut::stringifyStrategy(each.tile.getStrategy())},
                {"blocks", each.tile.getBlocks()},
                {"unroll", each.tile.getUnroll()},
                {"tokens", each.tile.getTokens()},
                {"cycles", whole(each.cycles)},
                {"reading", whole(cost.reading)},
                {"computing", whole(cost.computing)},
                {"preparing", whole(cost.preparing)},
                {"waiting", whole(cost.waiting)},
                {"chosen", chosen}};
}

/// Whether the list shows the kind of candidate already.
static bool hasKind(ArrayRef<Candidate> list, const Candidate &wanted) {
  return llvm::any_of(list, [&](const Candidate &each) {
    return each.packing == wanted.packing &&
           each.tile.getStrategy() == wanted.tile.getStrategy();
  });
}

/// What is shown of a class.
static SmallVector<Candidate> pick(const TileQuestion &question,
                                   passes::BatchClass batch,
                                   lut::TileAttr chosen) {
  SmallVector<Candidate> shown;
  for (const Candidate &each : passes::listCandidates(
           question.shape, question.packing, batch, question.target))
    if (shown.size() < kShown || !hasKind(shown, each))
      shown.push_back(each);
  for (lut::PackingInterface packing : passes::listPackings(question.target)) {
    Candidate best =
        passes::listCandidates(question.shape, packing, batch, question.target)
            .front();
    if (!hasKind(shown, best))
      shown.push_back(best);
  }
  if (llvm::none_of(shown, [&](const Candidate &each) {
        return each.packing == question.packing && each.tile == chosen;
      }))
    shown.push_back({question.packing, chosen,
                     passes::predictCycles(question.shape, question.packing,
                                           chosen, question.target)});
  llvm::sort(shown, [](const Candidate &a, const Candidate &b) {
    return a.cycles < b.cycles;
  });
  return shown;
}

Array answer(const TileQuestion &question) {
  Array classes;
  for (auto [batch, attr] : llvm::zip(passes::kBatchClasses, question.tiles)) {
    auto chosen = cast<lut::TileAttr>(attr);
    Array list;
    for (const Candidate &each : pick(question, batch, chosen))
      list.push_back(
          toJson(question, each,
                 each.packing == question.packing && each.tile == chosen));
    classes.push_back(std::move(list));
  }
  return classes;
}

} // namespace setun::compiler::report
