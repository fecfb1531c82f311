//===- ToLLVM.cpp - The pipeline into the LLVM dialect --------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/llvm/Emit.h"
#include "dialects/tern/Tern.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace setun::codegen {

namespace {
/// Weights are the link stage's business.
struct DropWeights : PassWrapper<DropWeights, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(DropWeights)
  StringRef getName() const final { return "DropWeights"; }
  StringRef getArgument() const final { return "codegen-drop-weights"; }
  StringRef getDescription() const final { return "remove tern.weight ops"; }
  void runOnOperation() final {
    for (auto weight :
         llvm::make_early_inc_range(getOperation().getOps<tern::WeightOp>()))
      weight.erase();
    for (StringRef name : {tern::kModelAttr, tern::kFilesAttr,
                           tern::kTokenizerAttr, tern::kCacheAttr})
      getOperation()->removeAttr(name);
  }
};
} // namespace

void buildToLLVMPipeline(OpPassManager &pm) {
  pm.addPass(std::make_unique<DropWeights>());
  pm.addPass(createSpmdToFunc());
  // Before all others: they and LLVM take long over a step of 30 layers.
  pm.addPass(createShareLoops());
  // Address arithmetic of views: shared between the rows of a step.
  pm.addPass(createCSEPass());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(createConvertVectorToLLVMPass());
  pm.addPass(createFinalizeMemRefToLLVMConversionPass());
  pm.addPass(arith::createArithExpandOpsPass());
  pm.addPass(createArithToLLVMConversionPass());
  // All shapes are static: a buffer is its pointer.
  ConvertFuncToLLVMPassOptions functions;
  functions.useBarePtrCallConv = true;
  pm.addPass(createConvertFuncToLLVMPass(functions));
  pm.addPass(createConvertControlFlowToLLVMPass());
  pm.addPass(createUBToLLVMConversionPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  pm.addPass(createCSEPass());
}

void registerToLLVMPasses() {
  registerPass([]() -> std::unique_ptr<Pass> {
    return std::make_unique<DropWeights>();
  });
  registerPass(createSpmdToFunc);
  registerPass(createShareLoops);
  memref::registerExpandStridedMetadataPass();
  registerLowerAffinePass();
  registerSCFToControlFlowPass();
  registerConvertVectorToLLVMPass();
  registerFinalizeMemRefToLLVMConversionPass();
  arith::registerArithExpandOpsPass();
  registerArithToLLVMConversionPass();
  registerConvertFuncToLLVMPass();
  registerConvertControlFlowToLLVMPass();
  registerUBToLLVMConversionPass();
  registerReconcileUnrealizedCastsPass();
}

} // namespace setun::codegen
