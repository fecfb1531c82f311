//===- Rope.cpp - From the rows of q, k, v to padded heads ----------------===//
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

static int paddedWidth(const StageBuilder &stage) {
  StageBuilder::require(stage.size(1) >= stage.size(0),
                        "a padded width of at least the head width");
  return stage.size(1);
}

/// Rotates pairs half a head apart by the angles of the position:
/// (a, b) becomes (a cos - b sin, b cos + a sin).
void stages::rope(StageBuilder &stage) {
  int width = stage.size(0), half = width / 2, padded = paddedWidth(stage);
  StageBuilder::require(width % 2 == 0, "an even head width");
  ImageParam x = stage.input("x", Float(32), width);
  ImageParam angles = stage.input("angles", Float(32), width);
  Func y("y");
  Var d("d");
  y(d) = undef<float>();
  defineInRuns(y, 0, half, [&](RVar i) {
    y(i) = x(i) * angles(i) - x(i + half) * angles(i + half);
  });
  defineInRuns(y, 0, half, [&](RVar i) {
    y(i + half) = x(i + half) * angles(i) + x(i) * angles(i + half);
  });
  defineInRuns(y, width, padded, [&](RVar i) { y(i) = 0.0f; });
  stage.output(y, padded);
}

void stages::copy_head(StageBuilder &stage) {
  int width = stage.size(0), padded = paddedWidth(stage);
  ImageParam x = stage.input("x", Float(32), width);
  Func y("y");
  Var d("d");
  y(d) = undef<float>();
  defineInRuns(y, 0, width, [&](RVar i) { y(i) = x(i); });
  defineInRuns(y, width, padded, [&](RVar i) { y(i) = 0.0f; });
  stage.output(y, padded);
}

} // namespace setun::codegen
