//===- ExpandUnpack.cpp - Packings take their bytes apart -----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/lut/Lut.h"
#include "passes/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;

namespace setun::passes {
#define GEN_PASS_DEF_EXPANDUNPACK
#include "passes/Passes.h.inc"

namespace {
struct ExpandUnpack : impl::ExpandUnpackBase<ExpandUnpack> {
  void runOnOperation() override {
    lut::TargetAttr target = lut::getTarget(getOperation());
    if (!target)
      return signalPassFailure();
    IRRewriter rewriter(&getContext());
    getOperation().walk([&](lut::UnpackOp op) {
      auto function = op->getParentOfType<func::FuncOp>();
      bool portable = function && function->hasAttr(lut::kPortableAttr);
      rewriter.setInsertionPoint(op);
      rewriter.replaceOp(op, op.getPacking().buildUnpack(
                                 rewriter, op.getLoc(), op.getBytes(),
                                 portable ? 0 : target.getPermuteBytes()));
    });
  }
};
} // namespace
} // namespace setun::passes
