//===- SelectInstructions.cpp - lut ops become instructions ---------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/targets/Target.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/MC/MCSubtargetInfo.h"

using namespace mlir;

namespace setun::codegen {

namespace {
struct SelectInstructions
    : PassWrapper<SelectInstructions, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(SelectInstructions)

  StringRef getArgument() const final { return "codegen-select-instructions"; }
  StringRef getDescription() const final {
    return "lut ops → what the module's target is good at";
  }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<LLVM::LLVMDialect, arith::ArithDialect,
                    vector::VectorDialect>();
  }

  void runOnOperation() final {
    lut::TargetAttr target = lut::getTarget(getOperation());
    if (!target)
      return signalPassFailure();
    auto machine = createTargetMachine(target);
    if (!machine) {
      getOperation().emitError(toString(machine.takeError()));
      return signalPassFailure();
    }
    const llvm::MCSubtargetInfo &info = *(*machine)->getMCSubtargetInfo();
    auto has = [&](StringRef feature) {
      return info.checkFeatures(("+" + feature).str());
    };
    RewritePatternSet patterns(&getContext());
    findIsa(target.getTriple())->populate(patterns, has);
    FrozenRewritePatternSet frozen(std::move(patterns));
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function->hasAttr(lut::kPortableAttr) &&
          failed(applyPatternsGreedily(function, frozen)))
        return signalPassFailure();
  }
};
} // namespace

std::unique_ptr<Pass> createSelectInstructions() {
  return std::make_unique<SelectInstructions>();
}

} // namespace setun::codegen
