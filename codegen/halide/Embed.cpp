//===- Embed.cpp - A row of the embedding table as fp32 -------------------===//
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

void stages::embed(StageBuilder &stage) {
  int np = stage.size(0);
  StageBuilder::require(np % kLanes == 0, "np, a multiple of 16");
  ImageParam row = stage.storedRows("row", np);
  Func x("x");
  Var i("i");
  Expr value = stage.loadStored(row(i, 0));
  x(i) = stage.epsilon() ? value * stage.epsilon() : value;
  x.vectorize(i, kLanes);
  stage.output(x, np);
}

} // namespace setun::codegen
