//===- Contract.cpp -------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/halide/Contract.h"

#include <limits>

using namespace Halide;

namespace setun::codegen {

/// 1.5 · 2²³: adding it to |x| < 2²² rounds x to an integer, half to even, and
/// leaves that integer in the low bits. Two additions on every CPU, where
/// roundeven is a library call on some.
static constexpr float kRoundMagic = 12582912.0f;

Expr exponential(const Expr &x) {
  constexpr float log2e = 0x1.715476p+0f;
  constexpr float ln2High = 0x1.63p-1f, ln2Low = -0x1.bd0106p-13f;
  // (e^r - 1 - r) / r² on |r| ≤ ln 2 / 2: minimax for the relative error of
  // e^r, 3.6e-9 with the coefficients rounded.
  constexpr float coefficients[] = {0x1.6a23d0p-10f, 0x1.123a20p-7f,
                                    0x1.5558f2p-5f, 0x1.555492p-3f,
                                    0x1.fffffcp-2f};
  Expr shifted = x * log2e + kRoundMagic;
  Expr n = shifted - kRoundMagic;
  Expr r = (x - n * ln2High) - n * ln2Low;
  Expr q = coefficients[0];
  for (int i = 1; i < 5; ++i)
    q = q * r + coefficients[i];
  Expr mantissa = (q * (r * r) + r) + 1.0f;
  Expr power = (reinterpret<uint32_t>(shifted) << 23) + 0x3f800000;
  Expr value = mantissa * reinterpret<float>(power);
  float infinity = std::numeric_limits<float>::infinity();
  return select(x < -87.0f, 0.0f, select(x > 88.0f, infinity, value));
}

Expr roundToInt8(const Expr &x) {
  // Limited before it is rounded: the same integer, and the magic holds.
  Expr limited = select(x < 127.0f, x, 127.0f);
  limited = select(limited > -128.0f, limited, -128.0f);
  Expr bits = reinterpret<uint32_t>(limited + kRoundMagic);
  return reinterpret<int8_t>(cast<uint8_t>(bits & 0xff));
}

LaneReduction::LaneReduction(const std::string &name, Expr groups,
                             const BlockTerm &term, const Expr &identity,
                             const Combine &combine)
    : combine(combine), group(0, groups, name + "_group") {
  Func lanes(name);
  lanes(lane, row) = identity;
  lanes(lane, row) = combine(lanes(lane, row), term(lane, group, row));
  steps.push_back(lanes);
  for (int width = kLanes / 2; width > 1; width /= 2) {
    Func half(name + std::to_string(width)), whole = steps.back();
    half(lane, row) = combine(whole(lane, row), whole(lane + width, row));
    steps.push_back(half);
  }
}

/// Blocks of terms that are numbered through.
static LaneReduction::BlockTerm inBlocks(const LaneReduction::Term &term) {
  return [term](Expr lane, Expr block, Expr row) {
    return term(block * kLanes + lane, row);
  };
}

LaneReduction LaneReduction::sum(const std::string &name, Expr groups,
                                 const Term &term) {
  return sumOfBlocks(name, groups, inBlocks(term));
}

LaneReduction LaneReduction::sumOfBlocks(const std::string &name, Expr groups,
                                         const BlockTerm &term) {
  Expr zero = cast(term(0, 0, 0).type(), 0);
  return {name, groups, term, zero, [](Expr a, Expr b) { return a + b; }};
}

LaneReduction LaneReduction::max(const std::string &name, Expr groups,
                                 const Term &term) {
  return max(name, groups, -std::numeric_limits<float>::infinity(),
             inBlocks(term));
}

LaneReduction LaneReduction::max(const std::string &name, Expr groups,
                                 float lowest, const BlockTerm &term) {
  return {name, groups, term, lowest,
          [](Expr a, Expr b) { return select(b > a, b, a); }};
}

Expr LaneReduction::result(const Expr &row) const {
  return combine(steps.back()(0, row), steps.back()(1, row));
}

template <typename Fn> void LaneReduction::forEachStep(Fn fn) {
  int width = kLanes;
  for (Func step : steps) {
    step.store_in(MemoryType::Stack).vectorize(lane, width);
    fn(step);
    width /= 2;
  }
  steps.front().update().reorder(lane, row, group).vectorize(lane);
}

LaneReduction &LaneReduction::computeRoot() {
  forEachStep([](Func step) { step.compute_root(); });
  return *this;
}

void LaneReduction::computeAt(Func consumer, Var row) {
  forEachStep([&](Func step) { step.compute_at(consumer, row); });
}

void LaneReduction::computeAt(Func consumer, RVar block, RVar row, int rows) {
  forEachStep([&](Func step) { step.compute_at(consumer, block); });
  Stage update = consumer.update(consumer.num_update_definitions() - 1);
  if (rows == 1)
    return update.unscheduled();
  update.unroll(row);
  for (Func step : steps)
    step.unroll(this->row);
  steps.front().update().unroll(this->row);
}

Func holdHead(int width, const Row &element) {
  Func head("head");
  Var d("d");
  head(d) = 0.0f;
  head.bound(d, 0, roundUpToLanes(width)).vectorize(d, kLanes);
  defineInRuns(head, 0, width, [&](RVar i) { head(i) = element(i); });
  head.compute_root().store_in(MemoryType::Stack);
  return head;
}

void defineRotated(Func y, const Row &x, ImageParam angles, int width,
                   int rotary) {
  int half = rotary / 2;
  defineInRuns(y, 0, half, [&](RVar i) {
    y(i) = x(i) * angles(i) - x(i + half) * angles(i + half);
  });
  defineInRuns(y, 0, half, [&](RVar i) {
    y(i + half) = x(i + half) * angles(i) + x(i) * angles(i + half);
  });
  defineInRuns(y, rotary, width, [&](RVar i) { y(i) = x(i); });
}

void defineInRuns(Func func, int begin, int end,
                  const std::function<void(RVar i)> &define) {
  for (int lanes = kLanes; begin < end; lanes /= 2) {
    int extent = (end - begin) / lanes * lanes;
    if (!extent)
      continue;
    RDom run(begin, extent);
    define(run.x);
    RVar vector, element;
    func.update(func.num_update_definitions() - 1)
        .split(run.x, vector, element, lanes)
        .vectorize(element);
    begin += extent;
  }
}

} // namespace setun::codegen
