//===- Attention.cpp - One query head at one position ---------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Three walks over the positions: scores, softmax denominator, values. The
// exponentials are made twice, which is cheaper than a second scratch row, and
// gives the same bits.
//
//===----------------------------------------------------------------------===//

#include "codegen/halide/Contract.h"
#include "codegen/halide/StageBuilder.h"
#include "codegen/halide/Stages.h"

#include <cmath>
#include <limits>

using namespace Halide;

namespace setun::codegen {

/// Keys multiplied side by side, and values added between a load and a store
/// of the sums.
static constexpr int kKeysAtOnce = 4, kValuesAtOnce = 8;

/// The sums lie on the stack.
static constexpr int kWidestHead = 4096;

using Term = LaneReduction::Term;

/// scores[j] = (Σ q · k_j) · scale; -infinity from `length` to a multiple of
/// 16, which the exponential makes 0.
static Func makeScores(const Term &product, int groups, Expr length,
                       float scale) {
  Func scores("scores");
  Var j("j");
  scores(j) = -std::numeric_limits<float>::infinity();
  scores.vectorize(j, kLanes);
  auto addKeys = [&](Expr first, Expr blocks, int keys) {
    auto dots = LaneReduction::sum("dots", groups, product);
    RDom block(0, keys, 0, blocks);
    Expr key = first + keys * block.y + block.x;
    scores(key) = dots.result(key) * scale;
    dots.computeAt(scores, block.y, block.x, keys);
  };
  Expr blocks = length / kKeysAtOnce, whole = blocks * kKeysAtOnce;
  addKeys(0, blocks, kKeysAtOnce);
  addKeys(whole, length - whole, 1);
  return scores;
}

/// sums[d] = Σ p_j · v_j[d], j ascending.
static Func sumValues(Func scores, Func peak, ImageParam values, Expr length,
                      int padded) {
  Func sums("sums");
  Var d("d");
  sums(d) = 0.0f;
  sums.bound(d, 0, padded);
  sums.compute_root().store_in(MemoryType::Stack).vectorize(d, kLanes);
  auto addValues = [&](Expr first, Expr blocks, int count) {
    Func p("p");
    Var j("j");
    p(j) = exponential(scores(j) - peak());
    RDom block(0, count, 0, blocks);
    Expr position = first + count * block.y + block.x;
    sums(d) += p(position) * values(d, position);
    Var vector("vector"), lane("lane");
    sums.update(sums.num_update_definitions() - 1)
        .split(d, vector, lane, kLanes)
        .reorder(lane, block.x, vector, block.y)
        .vectorize(lane);
    p.compute_at(sums, block.y).store_in(MemoryType::Stack);
    if (count == 1)
      return;
    sums.update(sums.num_update_definitions() - 1).unroll(block.x);
    p.vectorize(j, count);
  };
  Expr blocks = length / kValuesAtOnce, whole = blocks * kValuesAtOnce;
  addValues(0, blocks, kValuesAtOnce);
  addValues(whole, length - whole, 1);
  return sums;
}

void stages::attention(StageBuilder &stage) {
  int width = stage.size(0), padded = stage.size(1);
  StageBuilder::require(padded >= width && padded % kLanes == 0 &&
                            padded <= kWidestHead,
                        "a padded width that is a multiple of 16, "
                        "4096 at most");
  ImageParam q = stage.input("q", Float(32), padded);
  ImageParam keys = stage.inputRows("keys", Float(32), padded);
  ImageParam values = stage.inputRows("values", Float(32), padded);
  Expr length = stage.count("length");

  Func scores = makeScores([=](Expr d, Expr j) { return q(d) * keys(d, j); },
                           padded / kLanes, length,
                           float(1.0 / std::sqrt(double(width))));
  Expr groups = (length + kLanes - 1) / kLanes;
  Func peak("peak"), denominator("denominator");
  peak() = LaneReduction::max("peaks", groups,
                              [=](Expr j, Expr) { return scores(j); })
               .computeRoot()
               .result();
  peak.compute_root();
  denominator() = LaneReduction::sum("denominators", groups,
                                     [=](Expr j, Expr) {
                                       return exponential(scores(j) - peak());
                                     })
                      .computeRoot()
                      .result();
  denominator.compute_root();

  Func sums = sumValues(scores, peak, values, length, padded);
  Func out("out");
  Var d("d");
  out(d) = undef<float>();
  defineInRuns(out, 0, width,
               [&](RVar i) { out(i) = sums(i) / denominator(); });
  stage.output(scores, groups * kLanes);
  stage.output(out, width);
}

} // namespace setun::codegen
