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

/// What the ISA has for `target`, which `function` is made for.
static FailureOr<FrozenRewritePatternSet> getPatterns(func::FuncOp function,
                                                      lut::TargetAttr target) {
  auto machine = createTargetMachine(target);
  if (!machine)
    return function.emitError(toString(machine.takeError()));
  const llvm::MCSubtargetInfo &info = *(*machine)->getMCSubtargetInfo();
  RewritePatternSet patterns(function.getContext());
  cantFail(findIsa(target.getTriple()))
      ->populate(patterns, [&](StringRef feature) {
        return info.checkFeatures(("+" + feature).str());
      });
  return FrozenRewritePatternSet(std::move(patterns));
}

namespace {
struct SelectInstructions
    : PassWrapper<SelectInstructions, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(SelectInstructions)

  StringRef getName() const final { return "SelectInstructions"; }
  StringRef getArgument() const final { return "codegen-select-instructions"; }
  StringRef getDescription() const final {
    return "lut ops → what the target is good at";
  }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<LLVM::LLVMDialect, arith::ArithDialect,
                    vector::VectorDialect>();
  }

  void runOnOperation() final {
    llvm::DenseMap<Attribute, FailureOr<FrozenRewritePatternSet>> levels;
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (function.isDeclaration() || function->hasAttr(lut::kPortableAttr))
        continue;
      lut::TargetAttr target = lut::getTarget(function);
      if (!target)
        return signalPassFailure();
      auto [level, isNew] = levels.try_emplace(target, failure());
      if (isNew)
        level->second = getPatterns(function, target);
      if (failed(level->second) ||
          failed(applyPatternsGreedily(function, *level->second)))
        return signalPassFailure();
    }
  }
};
} // namespace

std::unique_ptr<Pass> createSelectInstructions() {
  return std::make_unique<SelectInstructions>();
}

} // namespace setun::codegen
