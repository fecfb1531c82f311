//===- Head.cpp - Logits: a dense matrix of stored weights times a row ----===//
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

void stages::head(StageBuilder &stage) {
  int np = stage.size(0), rowsPerTile = stage.size(1);
  StageBuilder::require(np % kLanes == 0, "np, a multiple of 16");
  StageBuilder::require(int64_t(np) * rowsPerTile < INT32_MAX,
                        "a tile of less than 2147483647 weights");
  ImageParam weights = stage.storedRows("weights", np);
  ImageParam x = stage.input("x", Float(32), np);
  auto product = [=](Expr k, Expr row) {
    return stage.loadStored(weights(k, row)) * x(k);
  };
  Func logits("logits");
  Var r("r");
  logits(r) = undef<float>();
  stage.output(logits, rowsPerTile);
  Expr count = stage.count("count");

  // Row by row: two rows at once are two streams far apart, which Zen 4 reads
  // at half the speed of one.
  auto dots = LaneReduction::sum("dots", np / kLanes, product);
  RDom row(0, count);
  logits(row) = dots.result(row);
  dots.computeAt(logits, row, row, 1);
}

} // namespace setun::codegen
