//===- Glu.cpp - The gated activations of a feed-forward block ------------===//
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

static void gatedUnit(StageBuilder &stage, Expr (*activation)(Expr gate)) {
  int count = stage.size(0);
  StageBuilder::require(count % kLanes == 0,
                        "a count that is a multiple of 16");
  ImageParam gate = stage.input("gate", Float(32), count);
  ImageParam up = stage.input("up", Float(32), count);
  Func y("y");
  Var i("i");
  y(i) = activation(gate(i)) * up(i);
  y.vectorize(i, kLanes);
  stage.output(y, count);
}

void stages::glu_relu2(StageBuilder &stage) {
  gatedUnit(stage, [](Expr gate) {
    Expr positive = select(gate > 0.0f, gate, 0.0f);
    return positive * positive;
  });
}

void stages::glu_silu(StageBuilder &stage) {
  gatedUnit(stage,
            [](Expr gate) { return gate / (1.0f + exponential(-gate)); });
}

} // namespace setun::codegen
