//===- SplitLevels.cpp - A forward function for each CPU level ------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/lut/Lut.h"
#include "passes/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;

namespace setun::passes {
#define GEN_PASS_DEF_SPLITLEVELS
#include "passes/Passes.h.inc"

namespace {
struct SplitLevels : impl::SplitLevelsBase<SplitLevels> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (!module->hasAttr(lut::kLevelsAttr))
      return;
    auto forward = module.lookupSymbol<func::FuncOp>("forward");
    if (!forward) {
      module.emitError("expected a function @forward");
      return signalPassFailure();
    }
    OpBuilder builder(forward);
    for (lut::TargetAttr level : lut::getLevels(module)) {
      auto clone = cast<func::FuncOp>(builder.clone(*forward));
      clone.setSymName(("forward." + level.getName()).str());
      clone->setAttr(lut::kTargetAttr, level);
    }
    forward.erase();
    module->removeAttr(lut::kLevelsAttr);
  }
};
} // namespace
} // namespace setun::passes
