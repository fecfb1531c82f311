//===- Rope.cpp - Heads of q, rotated and padded --------------------------===//
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

static void rotate(StageBuilder &stage, const Row &x) {
  int width = stage.size(0), padded = stage.size(1), rotary = stage.size(2);
  StageBuilder::require(padded >= width,
                        "a padded width of at least the head width");
  ImageParam angles = stage.angles(rotary, width);
  Func y("y");
  Var d("d");
  y(d) = undef<float>();
  defineRotated(y, x, angles, width, rotary);
  defineInRuns(y, width, padded, [&](RVar i) { y(i) = 0.0f; });
  stage.output(y, padded);
}

void stages::rope(StageBuilder &stage) {
  ImageParam x = stage.input("x", Float(32), stage.size(0));
  rotate(stage, [=](Expr i) { return x(i); });
}

void stages::norm_rope(StageBuilder &stage) {
  rotate(stage, normalizedHead(stage, stage.size(0)));
}

} // namespace setun::codegen
