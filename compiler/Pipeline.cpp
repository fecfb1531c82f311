//===- Pipeline.cpp - The whole pipeline on one screen --------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Pipeline.h"

#include "codegen/llvm/Emit.h"
#include "codegen/targets/Target.h"
#include "dialects/lut/Lut.h"
#include "dialects/spmd/Spmd.h"
#include "dialects/tern/Tern.h"
#include "passes/Passes.h"
#include "passes/schedule/Schedule.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using mlir::func::FuncOp;

namespace setun::compiler {

void buildStage(Stage stage, OpPassManager &pm) {
  switch (stage) {
  case Stage::Simplify:
    // The importer quantizes for every projection, as the model is written:
    // equal quantizers become one here, which is what fuse-linear looks for.
    pm.addPass(createCanonicalizerPass());
    pm.addPass(createCSEPass());
    // Last: what canonicalization made unused goes with its weights.
    pm.addPass(passes::createDropUnusedWeights());
    break;
  case Stage::Fuse:
    // Linear first: the other three extend a fused_linear.
    pm.addNestedPass<FuncOp>(passes::createFuseLinear());
    pm.addNestedPass<FuncOp>(passes::createFuseNorm());
    // Gate before residual: a gated linear takes no residual.
    pm.addNestedPass<FuncOp>(passes::createFuseGate());
    pm.addNestedPass<FuncOp>(passes::createFuseResidual());
    break;
  case Stage::Encode:
    // First: a weight that has a packing keeps it, and what the user chooses
    // for some goes before what was measured.
    pm.addPass(passes::createTunePackings());
    pm.addPass(passes::createApplySchedule({"encode", /*last=*/false}));
    pm.addPass(passes::createOverridePackings());
    // Before tiles, whose bytes depend on the packing.
    pm.addPass(passes::createPackWeights());
    // Beside the packings: what zeros leave of a matrix lies elsewhere.
    pm.addPass(passes::createPackLines());
    break;
  case Stage::Tile:
    // Before tiles, which depend on the CPU; after all that does not.
    pm.addPass(passes::createSplitLevels());
    // Before facts choose: an op that has tiles keeps them.
    pm.addPass(passes::createTuneTiles());
    // Before lower, which writes one step and one set of kernels a class.
    pm.addNestedPass<FuncOp>(passes::createChooseTiles());
    // After them: they change single fields.
    pm.addPass(passes::createApplySchedule({"tile", /*last=*/true}));
    pm.addPass(passes::createOverrideTiles());
    pm.addNestedPass<FuncOp>(passes::createChooseSkips());
    break;
  case Stage::Lower:
    // Before steps, which address weights by their offset.
    pm.addPass(passes::createLayOutWeights());
    // Before kernels: it declares those that the steps call.
    pm.addPass(passes::createTernToSpmd());
    pm.addPass(passes::createBuildKernels());
    // Before selection: a packing may ask for a permute.
    pm.addPass(passes::createExpandUnpack());
    // Instructions are the ISA's business, hence a pass of codegen; it goes
    // before the portable lowering, which takes what the target left.
    pm.addPass(codegen::createSelectInstructions());
    pm.addPass(passes::createLutToVector());
    break;
  case Stage::Import:
  case Stage::LLVM:
  case Stage::Link:
    break; // no passes over the module
  }
}

static constexpr llvm::StringLiteral kNames[] = {
    "import", "simplify", "fuse", "encode", "tile", "lower", "llvm", "link"};

llvm::StringRef getName(Stage stage) {
  return kNames[static_cast<unsigned>(stage)];
}

std::optional<Stage> parseStage(llvm::StringRef name) {
  for (auto [i, known] : llvm::enumerate(kNames))
    if (name == known)
      return static_cast<Stage>(i);
  return std::nullopt;
}

void registerDialects(DialectRegistry &registry) {
  registry.insert<tern::TernDialect, lut::LutDialect, spmd::SpmdDialect,
                  arith::ArithDialect, cf::ControlFlowDialect,
                  func::FuncDialect, LLVM::LLVMDialect, memref::MemRefDialect,
                  scf::SCFDialect, ub::UBDialect, vector::VectorDialect>();
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  passes::registerSchedules(registry);
}

void registerPasses() {
  passes::registerSetunPasses();
  registerTransformsPasses();
  registerPass([] { return codegen::createSelectInstructions(); });
  codegen::registerToLLVMPasses();
  PassPipelineRegistration<>("codegen-to-llvm", "the llvm stage's passes",
                             codegen::buildToLLVMPipeline);
  for (Stage stage : {Stage::Simplify, Stage::Fuse, Stage::Encode, Stage::Tile,
                      Stage::Lower}) {
    std::string name = ("setun-" + getName(stage)).str();
    registerPassPipeline(
        name, "the passes of the stage",
        [stage](OpPassManager &pm, StringRef,
                function_ref<LogicalResult(const Twine &)>) {
          buildStage(stage, pm);
          return success();
        },
        [](function_ref<void(const detail::PassOptions &)>) {});
  }
}

} // namespace setun::compiler
