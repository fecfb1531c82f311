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

/// Half of g · (1 + tanh u) is g / (1 + e^-2u).
void stages::glu_gelu_tanh(StageBuilder &stage) {
  gatedUnit(stage, [](Expr gate) {
    constexpr float cubic = 0.044715f, minusTwoRoot = -0x1.988454p+0f;
    Expr inner = gate + ((gate * gate) * gate) * cubic;
    return gate / (1.0f + exponential(inner * minusTwoRoot));
  });
}

} // namespace setun::codegen
