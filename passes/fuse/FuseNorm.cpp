//===- FuseNorm.cpp - A norm becomes part of the linear that reads it -----===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/tern/Tern.h"
#include "passes/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;

namespace setun::passes {
#define GEN_PASS_DEF_FUSENORM
#include "passes/Passes.h.inc"

namespace {
struct FuseNorm : impl::FuseNormBase<FuseNorm> {
  void runOnOperation() override {
    getOperation().walk([](tern::FusedLinearOp linear) {
      auto norm = linear.getInput().getDefiningOp<tern::NormOp>();
      if (!norm || linear.getNorm() || !norm->hasOneUse())
        return;
      linear.setNormAttr(norm.getWeightAttr());
      linear.setEpsAttr(norm.getEpsAttr());
      linear.getInputMutable().assign(norm.getInput());
      norm.erase();
    });
  }
};
} // namespace
} // namespace setun::passes
