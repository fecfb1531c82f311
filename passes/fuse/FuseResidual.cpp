//===- FuseResidual.cpp - A linear and its residual become one store ------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/tern/Tern.h"
#include "passes/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;

namespace setun::passes {
#define GEN_PASS_DEF_FUSERESIDUAL
#include "passes/Passes.h.inc"

/// The linear behind `value` if it can take a residual.
static tern::FusedLinearOp getCandidate(Value value) {
  auto linear = value.getDefiningOp<tern::FusedLinearOp>();
  bool fits = linear && linear.getNumResults() == 1 && !linear.getGate() &&
              !linear.getResidual() && value.hasOneUse();
  return fits ? linear : nullptr;
}

static void fuse(IRRewriter &rewriter, tern::AddOp add) {
  tern::FusedLinearOp linear = getCandidate(add.getRhs());
  Value residual = add.getLhs();
  if (!linear) {
    linear = getCandidate(add.getLhs());
    residual = add.getRhs();
  }
  if (!linear)
    return;
  rewriter.setInsertionPoint(add);
  auto fused = tern::FusedLinearOp::create(
      rewriter, linear.getLoc(), add->getResultTypes(), linear.getInput(),
      residual, linear.getNormAttr(), linear.getEpsAttr(),
      linear.getQuantizerAttr(), linear.getWeights(), linear.getBiasesAttr(),
      nullptr);
  rewriter.replaceOp(add, fused);
  rewriter.eraseOp(linear);
}

namespace {
struct FuseResidual : impl::FuseResidualBase<FuseResidual> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    getOperation().walk([&](tern::AddOp add) { fuse(rewriter, add); });
  }
};
} // namespace
} // namespace setun::passes
