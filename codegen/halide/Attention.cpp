//===- Attention.cpp - Some queries against a chunk of the cache ----------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Keys lie with 16 positions in the lanes, so that a score needs no sum across
// lanes; values with 16 elements of a head in the lanes, all positions of these
// one behind the other. Both are walked once, in the order in which they lie:
// a piece of the keys or values serves all queries before the next is read.
//
//===----------------------------------------------------------------------===//

#include "codegen/halide/Contract.h"
#include "codegen/halide/StageBuilder.h"
#include "codegen/halide/Stages.h"

#include <cmath>
#include <limits>

using namespace Halide;

namespace setun::codegen {

/// The maximum of no score: below all others, and finite, so that it can be
/// subtracted from itself.
static constexpr float kNoPeak = std::numeric_limits<float>::lowest();

namespace {
/// The stage's arguments and what all of its parts ask.
struct Attend {
  Attend(StageBuilder &stage, bool hasWindow);

  Func makeScores();
  Func makeSums(Func weights);
  void keepInRegisters(Func sums, RVar step, Func out, Var other);
  /// The number of the position is 16 · block + lane.
  Expr isSeen(Expr lane, Expr block, Expr query) {
    Expr position = block * kLanes + lane, row = query / group;
    Expr isPast = position < length + row;
    return first.defined() ? isPast && position >= first + row : isPast;
  }

  StageBuilder &stage;
  int width, padded, chunk, group;
  int together; // queries that share a register of keys or values
  ImageParam q, keys, values, keyScales, valueScales;
  Expr length, queries, seen; // seen: by the last query
  Expr first;                 // that the first row sees; none: from 0 on
  Var lane{"lane"}, block{"block"}, query{"query"};
};
} // namespace

Attend::Attend(StageBuilder &stage, bool hasWindow)
    : stage(stage), width(stage.size(0)), padded(stage.size(1)),
      chunk(stage.size(2)), group(stage.size(3)), together(stage.size(4)) {
  StageBuilder::require(padded >= width && padded % kLanes == 0 &&
                            chunk % kLanes == 0 && group > 0 && together > 0,
                        "a padded width and a chunk that are multiples of 16");
  q = stage.inputRows("q", Float(32), padded);
  keys = stage.storedBlocks("keys", padded);
  values = stage.storedBlocks("values", chunk);
  if (stage.isScaled()) {
    keyScales = stage.input("key_scales", Float(32), chunk);
    valueScales = stage.input("value_scales", Float(32), chunk);
  }
  if (hasWindow)
    first = stage.count("first");
  length = stage.count("length");
  Expr rows = stage.count("rows");
  queries = rows * group;
  seen = min(length + rows - 1, chunk);
}

/// The `sums` of some queries while `step` is walked, then `out` takes them.
void Attend::keepInRegisters(Func sums, RVar step, Func out, Var other) {
  Var inner("inner");
  out.split(query, query, inner, together, TailStrategy::RoundUp)
      .reorder(lane, inner, query, other)
      .vectorize(lane)
      .unroll(inner);
  sums.compute_at(out, query)
      .store_in(MemoryType::Stack)
      .vectorize(lane)
      .unroll(query);
  sums.update().reorder(lane, query, step).vectorize(lane).unroll(query);
}

/// (Σ_d q_d · k_d), d ascending; 16 positions and some queries side by side.
Func Attend::makeScores() {
  Func dots("dots"), scores("scores");
  RDom d(0, width);
  dots(lane, block, query) = 0.0f;
  dots(lane, block, query) +=
      q(d, query) * stage.loadStored(keys(lane, d, block));
  Expr dot = dots(lane, block, query);
  if (stage.isScaled())
    dot *= keyScales(block * kLanes + lane);
  // A choice of limits, not of scores: Halide would add up only those that are
  // seen, lane by lane. A NaN behind them is not below its limit.
  float infinity = std::numeric_limits<float>::infinity();
  Expr limit = select(isSeen(lane, block, query), infinity, -infinity);
  Expr score = dot * (stage.epsilon() ? stage.epsilon()
                                      : float(1.0 / std::sqrt(double(width))));
  scores(lane, block, query) = select(score < limit, score, limit);
  keepInRegisters(dots, d, scores, block);
  return scores;
}

/// Σ_j weight_j · v_j, j ascending.
Func Attend::makeSums(Func weights) {
  Func running("running"), sums("sums");
  Var column("column");
  RDom j(0, seen);
  running(lane, column, query) = 0.0f;
  running(lane, column, query) += weights(j % kLanes, j / kLanes, query) *
                                  stage.loadStored(values(lane, j, column));
  sums(lane, column, query) = running(lane, column, query);
  keepInRegisters(running, j, sums, column);
  return sums;
}

static void attendTo(StageBuilder &stage, bool hasWindow) {
  Attend a(stage, hasWindow);
  Var lane = a.lane, block = a.block, query = a.query;
  Func scores = a.makeScores();
  Expr blocks = (a.seen + kLanes - 1) / kLanes;
  Func peaks("peaks"), weights("weights"), denominators("denominators");
  auto peak = LaneReduction::max("peak", blocks, kNoPeak,
                                 [=](Expr lane, Expr block, Expr query) {
                                   return scores(lane, block, query);
                                 });
  peaks(query) = peak.result(query);
  auto exponentialOf = [=](Expr lane, Expr block, Expr query) {
    return exponential(scores(lane, block, query) - peaks(query));
  };
  Expr weight = exponentialOf(lane, block, query);
  if (stage.isScaled())
    weight *= a.valueScales(block * kLanes + lane);
  weights(lane, block, query) = weight;
  weights.vectorize(lane);
  auto denominator = LaneReduction::sumOfBlocks(
      "denominator", blocks, [=](Expr lane, Expr block, Expr query) {
        return stage.isScaled() ? exponentialOf(lane, block, query)
                                : Expr(weights(lane, block, query));
      });
  denominators(query) = denominator.result(query);
  Func sums = a.makeSums(weights);
  peak.computeAt(peaks, query);
  denominator.computeAt(denominators, query);
  stage.outputBlocks(scores, blocks, a.queries, a.chunk);
  stage.outputBlocks(weights, blocks, a.queries, a.chunk);
  stage.output(peaks, a.queries);
  stage.output(denominators, a.queries);
  stage.outputBlocks(sums, a.padded / kLanes, a.queries, a.padded);
}

void stages::attend(StageBuilder &stage) { attendTo(stage, false); }

void stages::attend_window(StageBuilder &stage) { attendTo(stage, true); }

/// Two chunks, or what several have become and the next, as if they were one.
void stages::merge(StageBuilder &stage) {
  int padded = stage.size(0);
  StageBuilder::require(padded % kLanes == 0, "a multiple of 16");
  struct Part {
    ImageParam peaks, denominators, sums;
  };
  auto take = [&](const std::string &name) {
    return Part{stage.inputVector((name + "_peaks").c_str()),
                stage.inputVector((name + "_denominators").c_str()),
                stage.inputRows((name + "_sums").c_str(), Float(32), padded)};
  };
  Part before = take("before"), next = take("next");
  Expr queries = stage.count("queries");
  Var d("d"), query("query");
  Func peaks("peaks"), older("older"), newer("newer");
  Expr a = before.peaks(query), b = next.peaks(query);
  peaks(query) = select(b > a, b, a);
  Expr ofOlder = exponential(a - peaks(query));
  Expr ofNewer = exponential(b - peaks(query));
  older(query) = ofOlder;
  newer(query) = ofNewer;
  Func denominators("denominators"), sums("sums");
  denominators(query) =
      before.denominators(query) * ofOlder + next.denominators(query) * ofNewer;
  sums(d, query) =
      before.sums(d, query) * older(query) + next.sums(d, query) * newer(query);
  sums.vectorize(d, kLanes);
  for (Func factor : {older, newer})
    factor.compute_at(sums, query).store_in(MemoryType::Stack);
  stage.output(peaks, queries);
  stage.output(denominators, queries);
  stage.outputRows(sums, padded, queries);
}

void stages::attended(StageBuilder &stage) {
  int width = stage.size(0);
  ImageParam denominator = stage.input("denominator", Float(32), 1);
  ImageParam sums = stage.input("sums", Float(32), width);
  Func out("out");
  Var d("d");
  out(d) = undef<float>();
  defineInRuns(out, 0, width,
               [&](RVar i) { out(i) = sums(i) / denominator(0); });
  stage.output(out, width);
}

} // namespace setun::codegen
