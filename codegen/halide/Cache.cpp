//===- Cache.cpp - Heads of k and v become lanes of the cache -------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/halide/Contract.h"
#include "codegen/halide/StageBuilder.h"
#include "codegen/halide/Stages.h"

using namespace Halide;

namespace setun::codegen {

/// The nearest bf16, half to even. Not for NaN.
static Expr narrowToBf16(const Expr &x) {
  Expr bits = reinterpret<uint32_t>(x);
  return cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

/// The nearest f16, half to even, and the largest for what is larger.
static Expr narrowToHalf(const Expr &x) {
  Expr bits = reinterpret<uint32_t>(x), magnitude = bits & 0x7fffffff;
  Expr normal =
      (magnitude + 0xfff + ((magnitude >> 13) & 1) - 0x38000000) >> 13;
  // One half has f16's last subnormal bit in its own last place.
  Expr subnormal =
      reinterpret<uint32_t>(reinterpret<float>(magnitude) + 0.5f) - 0x3f000000;
  Expr half = select(magnitude < 0x38800000, subnormal, min(normal, 0x7bff));
  return cast<uint16_t>(half | ((bits >> 16) & 0x8000));
}

namespace {
/// Writes a head as the stage's element.
class HeadWriter {
public:
  HeadWriter(StageBuilder &stage, Func head, int width);

  Expr store(const Expr &d) const;
  /// i8: the scale, behind the head.
  void finish() {
    if (stage.isScaled())
      stage.output(scale);
  }

private:
  StageBuilder &stage;
  Func head, inverse{"inverse"}, scale{"scale"};
};
} // namespace

HeadWriter::HeadWriter(StageBuilder &stage, Func head, int width)
    : stage(stage), head(head) {
  if (!stage.isScaled())
    return;
  Func peak("peak");
  Expr floor = 1e-5f;
  auto largest = LaneReduction::max("largest", roundUpToLanes(width) / kLanes,
                                    [=](Expr d, Expr) { return abs(head(d)); })
                     .computeRoot();
  peak() = select(largest.result() > floor, largest.result(), floor);
  inverse() = 127.0f / peak();
  scale() = peak() / 127.0f;
  peak.compute_root();
  inverse.compute_root();
}

Expr HeadWriter::store(const Expr &d) const {
  const std::string &element = stage.element();
  Expr x = head(d);
  if (element == "bf16")
    return narrowToBf16(x);
  if (element == "f16")
    return narrowToHalf(x);
  return stage.isScaled() ? roundToInt8(x * inverse()) : x;
}

/// The rotated head of `x`, a row or what a norm made of it.
static void storeKey(StageBuilder &stage, const Row &x) {
  int width = stage.size(0), rotary = stage.size(1);
  StageBuilder::require(width <= kWidestHead, "a head width of 4096 at most");
  ImageParam angles = stage.angles(rotary, width);
  Func head("head"), stored("stored");
  Var d("d");
  head(d) = 0.0f;
  head.bound(d, 0, roundUpToLanes(width)).vectorize(d, kLanes);
  defineRotated(head, x, angles, width, rotary);
  head.compute_root().store_in(MemoryType::Stack);
  HeadWriter writer(stage, head, width);
  stored(d) = writer.store(d);
  stage.outputStrided(stored, width, kLanes);
  writer.finish();
}

void stages::store_key(StageBuilder &stage) {
  ImageParam x = stage.input("x", Float(32), stage.size(0));
  storeKey(stage, [=](Expr i) { return x(i); });
}

void stages::norm_store_key(StageBuilder &stage) {
  storeKey(stage, normalizedHead(stage, stage.size(0)));
}

void stages::store_value(StageBuilder &stage) {
  int width = stage.size(0), chunk = stage.size(1);
  StageBuilder::require(width <= kWidestHead, "a head width of 4096 at most");
  ImageParam x = stage.input("x", Float(32), width);
  Func head = holdHead(width, [&](Expr i) { return x(i); });
  HeadWriter writer(stage, head, width);
  Func stored("stored");
  Var lane("lane"), column("column");
  stored(lane, column) = writer.store(column * kLanes + lane);
  stored.vectorize(lane, kLanes);
  stage.outputRows(stored, kLanes, roundUpToLanes(width) / kLanes,
                   chunk * kLanes);
  writer.finish();
}

} // namespace setun::codegen
