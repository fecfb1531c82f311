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

void stages::rope(StageBuilder &stage) {
  int width = stage.size(0), padded = stage.size(1);
  StageBuilder::require(padded >= width,
                        "a padded width of at least the head width");
  StageBuilder::require(width % 2 == 0, "an even head width");
  ImageParam x = stage.input("x", Float(32), width);
  ImageParam angles = stage.input("angles", Float(32), width);
  Func y("y");
  Var d("d");
  y(d) = undef<float>();
  defineRotated(y, x, angles, width / 2);
  defineInRuns(y, width, padded, [&](RVar i) { y(i) = 0.0f; });
  stage.output(y, padded);
}

} // namespace setun::codegen
