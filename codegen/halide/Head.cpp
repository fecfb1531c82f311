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

/// Rows at once: one row alone waits for its own additions.
static constexpr int kRowsAtOnce = 8;

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

  auto addRows = [&](Expr first, Expr blocks, int rows) {
    auto dots = LaneReduction::sum("dots", np / kLanes, product);
    RDom block(0, rows, 0, blocks);
    Expr row = first + rows * block.y + block.x;
    logits(row) = dots.result(row);
    dots.computeAt(logits, block.y, block.x, rows);
  };
  Expr whole = count / kRowsAtOnce * kRowsAtOnce;
  addRows(0, count / kRowsAtOnce, kRowsAtOnce);
  addRows(whole, count - whole, 1);
}

} // namespace setun::codegen
