//===- Norm.cpp - RMSNorm and the int8 quantization of a row --------------===//
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

/// y[i] = (x[i] · r) · weight[i] with r = 1 / sqrt(Σ x² / n + epsilon).
/// Padding stays 0 because x and weight are 0 there.
static Row normalize(StageBuilder &stage, int n, const Row &x) {
  int np = roundUpToLanes(n);
  ImageParam weight = stage.input("weight", Float(32), np);
  auto squares = LaneReduction::sum("squares", np / kLanes, [=](Expr i, Expr) {
                   return x(i) * x(i);
                 }).computeRoot();
  Func r("r");
  r() = 1.0f / sqrt(squares.result() / float(n) + stage.epsilon());
  r.compute_root();
  return [=](Expr i) { return (x(i) * r()) * weight(i); };
}

static Row normalizedRow(StageBuilder &stage, int n) {
  ImageParam x = stage.input("x", Float(32), roundUpToLanes(n));
  return normalize(stage, n, [=](Expr i) { return x(i); });
}

Row normalizedHead(StageBuilder &stage, int width) {
  StageBuilder::require(width <= kWidestHead, "a head width of 4096 at most");
  ImageParam x = stage.input("x", Float(32), width);
  Func held = holdHead(width, [=](Expr i) { return x(i); });
  return normalize(stage, width, [=](Expr i) { return held(i); });
}

/// BitNet b1.58, arXiv 2402.17764: q = roundeven(y · s) with s = 127 / max |y|,
/// and Σ q for kernels whose packed weights carry an offset.
static void quantizeRow(StageBuilder &stage, int n, int kp, const Row &y) {
  int np = roundUpToLanes(n);
  StageBuilder::require(kp >= np, "kp, at least n rounded up to 16");
  auto peak = LaneReduction::max("peak", np / kLanes, [=](Expr i, Expr) {
                return abs(y(i));
              }).computeRoot();
  Func q("q"), scale("scale"), sum("sum");
  Var i("i");
  Expr floor = 1e-5f;
  scale() = 127.0f / select(peak.result() > floor, peak.result(), floor);

  q(i) = undef<int8_t>();
  defineInRuns(q, 0, np, [&](RVar j) { q(j) = roundToInt8(y(j) * scale()); });
  defineInRuns(q, np, kp, [&](RVar j) { q(j) = cast<int8_t>(0); });

  sum() = LaneReduction::sum("sums", np / kLanes,
                             [=](Expr j, Expr) { return cast<int>(q(j)); })
              .computeRoot()
              .result();
  stage.output(q, kp);
  stage.output(scale);
  stage.output(sum);
}

void stages::norm(StageBuilder &stage) {
  int n = stage.size(0);
  Row row = normalizedRow(stage, n);
  Func y("y");
  Var i("i");
  y(i) = row(i);
  y.vectorize(i, kLanes);
  stage.output(y, roundUpToLanes(n));
}

void stages::norm_quantize(StageBuilder &stage) {
  int n = stage.size(0);
  quantizeRow(stage, n, stage.size(1), normalizedRow(stage, n));
}

void stages::quantize(StageBuilder &stage) {
  int n = stage.size(0);
  ImageParam x = stage.input("x", Float(32), roundUpToLanes(n));
  quantizeRow(stage, n, stage.size(1), [=](Expr i) { return x(i); });
}

} // namespace setun::codegen
