//===- Emit.cpp - From a lowered module to an object ----------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/llvm/Emit.h"
#include "codegen/halide/FloatStages.h"
#include "codegen/targets/Target.h"
#include "dialects/lut/Lut.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Linker/Linker.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Transforms/IPO/GlobalDCE.h"
#include "llvm/Transforms/IPO/Internalize.h"

using namespace mlir;

namespace setun::codegen {

static llvm::Error fail(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

/// The float stages that the module declares.
static std::vector<FloatStage> collectStages(ModuleOp module) {
  std::vector<FloatStage> stages;
  for (auto function : module.getOps<func::FuncOp>()) {
    auto stage = function->getAttrOfType<lut::StageAttr>(lut::kStageAttr);
    if (!stage)
      continue;
    std::string element;
    llvm::raw_string_ostream(element) << stage.getElement();
    stages.push_back({function.getSymName().str(), stage.getKind().str(),
                      stage.getSizes().vec(), element,
                      stage.getEps().getValueAsDouble()});
  }
  return stages;
}

/// Instructions of a stage that may be copied into the steps of all layers.
static constexpr unsigned kLargestInlined = 64;

/// The CPU of the target on every function, Halide's too.
static void setAttributes(llvm::Module &module,
                          const llvm::TargetMachine &machine) {
  StringRef vectorWidth = findIsa(machine.getTargetTriple().str())->vectorWidth;
  for (llvm::Function &function : module) {
    if (function.isDeclaration())
      continue;
    function.removeFnAttr("target-cpu");
    function.removeFnAttr("target-features");
    function.removeFnAttr("tune-cpu");
    function.addFnAttr("target-cpu", machine.getTargetCPU());
    function.addFnAttr("target-features", machine.getTargetFeatureString());
    function.addFnAttr("prefer-vector-width", vectorWidth);
    function.addFnAttr(llvm::Attribute::NoUnwind);
    // Every layer calls it: one copy serves all.
    if (function.getInstructionCount() > kLargestInlined)
      function.addFnAttr(llvm::Attribute::NoInline);
  }
}

llvm::Expected<std::unique_ptr<llvm::Module>>
translate(ModuleOp source, uint64_t tokenizerBytes,
          llvm::TargetMachine &machine, llvm::LLVMContext &context) {
  OwningOpRef<ModuleOp> copy = source.clone();
  PassManager pm(source.getContext());
  buildToLLVMPipeline(pm);
  if (failed(pm.run(*copy)))
    return fail("the lowered module could not be turned into LLVM IR");
  std::unique_ptr<llvm::Module> module =
      translateModuleToLLVMIR(*copy, context, "model");
  if (!module)
    return fail("the LLVM dialect could not be translated");
  module->setTargetTriple(machine.getTargetTriple());
  module->setDataLayout(machine.createDataLayout());
  auto stages = generateFloatStages(collectStages(source),
                                    machine.getTargetTriple(), context);
  if (!stages)
    return stages.takeError();
  (*stages)->setTargetTriple(machine.getTargetTriple());
  (*stages)->setDataLayout(machine.createDataLayout());
  if (llvm::Linker::linkModules(*module, std::move(*stages)))
    return fail("Halide's stages could not be linked into the module");
  setAttributes(*module, machine);
  emitModel(source, tokenizerBytes, getRequiredFeatures(machine), *module);
  llvm::internalizeModule(*module, [](const llvm::GlobalValue &value) {
    return value.getName() == "setun_model";
  });
  std::string problem;
  llvm::raw_string_ostream stream(problem);
  if (llvm::verifyModule(*module, &stream))
    return fail("the generated LLVM IR is broken: " + problem);
  return std::move(module);
}

void optimize(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager sccs;
  llvm::ModuleAnalysisManager modules;
  llvm::PipelineTuningOptions tuning;
  tuning.LoopUnrolling = false;
  tuning.LoopVectorization = tuning.SLPVectorization = false;
  llvm::PassBuilder builder(&machine, tuning);
  llvm::TargetLibraryInfoImpl library(machine.getTargetTriple());
  functions.registerPass([&] { return llvm::TargetLibraryAnalysis(library); });
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(sccs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, sccs, modules);
  auto pipeline =
      builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3);
  pipeline.addPass(llvm::GlobalDCEPass());
  pipeline.run(module, modules);
}

llvm::Error emit(llvm::Module &module, llvm::TargetMachine &machine,
                 llvm::CodeGenFileType type, llvm::SmallVectorImpl<char> &out) {
  llvm::raw_svector_ostream stream(out);
  llvm::legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, stream, nullptr, type))
    return fail("this target cannot emit that kind of file");
  passes.run(module);
  return llvm::Error::success();
}

} // namespace setun::codegen
