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
    IRRewriter rewriter(&getContext());
    auto result = getOperation().walk([&](lut::UnpackOp op) {
      lut::TargetAttr target = lut::getTarget(op);
      if (!target)
        return WalkResult::interrupt();
      auto function = op->getParentOfType<func::FuncOp>();
      bool portable = function && function->hasAttr(lut::kPortableAttr);
      rewriter.setInsertionPoint(op);
      lut::UnpackOptions options;
      options.form = op.getForm();
      if (!portable) {
        // Only vectors of known length index a table.
        bool scalable = cast<VectorType>(op.getBytes().getType()).isScalable();
        options.permuteBytes = scalable ? 0 : target.getPermuteBytes();
        options.laneBits = target.getDot() == lut::Dot::Words ? 64 : 8;
      }
      rewriter.replaceOp(op,
                         op.getPacking().buildUnpack(rewriter, op.getLoc(),
                                                     op.getBytes(), options));
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
} // namespace setun::passes
