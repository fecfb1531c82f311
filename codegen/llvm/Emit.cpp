//===- Emit.cpp - From a lowered module to an object ----------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/llvm/Emit.h"
#include "codegen/halide/FloatStages.h"
#include "codegen/targets/Target.h"
#include "dialects/spmd/Spmd.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Linker/Linker.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Transforms/IPO/GlobalDCE.h"
#include "llvm/Transforms/IPO/Internalize.h"
#include "llvm/Transforms/Utils/Cloning.h"

using namespace mlir;

namespace setun::codegen {

static llvm::Error fail(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

/// The level of a target, or null.
static const Level *find(llvm::ArrayRef<Level> levels, Attribute target) {
  auto found = llvm::find_if(
      levels, [&](const Level &level) { return level.target == target; });
  return found == levels.end() ? nullptr : found;
}

llvm::Expected<std::vector<Level>> findLevels(ModuleOp module) {
  std::vector<Level> levels;
  for (auto step : module.getOps<spmd::StepOp>()) {
    lut::TargetAttr target = lut::getTarget(step);
    if (!target)
      return fail("the steps of the module are for no machine");
    if (find(levels, target))
      continue;
    auto machine = createTargetMachine(target);
    if (!machine)
      return machine.takeError();
    levels.push_back({target, std::move(*machine)});
    if (levels[0].target.getTriple() != target.getTriple())
      return fail("found steps for " + levels[0].target.getTriple() + " and " +
                  target.getTriple() + ", expected one of them");
  }
  // People edit modules: what is called must be for a machine that calls.
  for (auto function : module.getOps<func::FuncOp>()) {
    auto own = function->getAttrOfType<lut::TargetAttr>(lut::kTargetAttr);
    if (own && !find(levels, own))
      return fail("'" + function.getSymName() + "' is for " + own.getName() +
                  ", which no step is for");
  }
  return std::move(levels);
}

//===----------------------------------------------------------------------===//
// Stages
//===----------------------------------------------------------------------===//

/// The symbols of each float stage that the module declares, one a level.
using Stages = llvm::MapVector<lut::StageAttr, SmallVector<StringRef>>;

static Stages collectStages(ModuleOp module) {
  Stages stages;
  for (auto function : module.getOps<func::FuncOp>())
    if (auto stage = function->getAttrOfType<lut::StageAttr>(lut::kStageAttr))
      stages[stage].push_back(function.getSymName());
  return stages;
}

/// Generates every stage once: its body is the same for all levels.
static llvm::Expected<std::unique_ptr<llvm::Module>>
generateStages(const Stages &stages, const llvm::Triple &triple,
               llvm::LLVMContext &context) {
  std::vector<FloatStage> list;
  for (auto &[stage, symbols] : stages) {
    std::string element;
    llvm::raw_string_ostream(element) << stage.getElement();
    list.push_back({symbols[0].str(), stage.getKind().str(),
                    stage.getSizes().vec(), element,
                    stage.getEps().getValueAsDouble()});
  }
  auto module = generateFloatStages(list, triple, context);
  if (!module)
    return module;
  for (auto &[stage, symbols] : stages)
    for (StringRef symbol : llvm::drop_begin(symbols)) {
      llvm::ValueToValueMapTy values;
      llvm::CloneFunction((*module)->getFunction(symbols[0]), values)
          ->setName(symbol);
    }
  return module;
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

/// Instructions of a stage that may be copied into the steps of all layers.
static constexpr unsigned kLargestInlined = 64;

void setAttributes(llvm::Function &function,
                   const llvm::TargetMachine &machine) {
  const Isa *isa = cantFail(findIsa(machine.getTargetTriple().str()));
  StringRef cpu = machine.getTargetCPU();
  function.addFnAttr("target-cpu", cpu);
  function.addFnAttr("tune-cpu", cpu.starts_with("generic") ? isa->tune : cpu);
  function.addFnAttr("target-features", machine.getTargetFeatureString());
  function.addFnAttr("prefer-vector-width", isa->vectorWidth);
  function.addFnAttr(llvm::Attribute::NoUnwind);
  // Every layer calls it: one copy serves all.
  if (function.getInstructionCount() > kLargestInlined)
    function.addFnAttr(llvm::Attribute::NoInline);
}

/// What is made for one level of several says so in `source`, which `module`
/// was translated from.
static void setAttributes(llvm::Module &module, ModuleOp source,
                          llvm::ArrayRef<Level> levels) {
  SymbolTable symbols(source);
  for (llvm::Function &function : module) {
    if (function.isDeclaration())
      continue;
    Operation *op = symbols.lookup(function.getName());
    Attribute own = op ? op->getAttr(lut::kTargetAttr) : nullptr;
    setAttributes(function, *(own ? *find(levels, own) : levels[0]).machine);
    // What a kernel reads but residual, nothing writes: see KernelFunction. So
    // factors are computed once and not for every block.
    if (op && op->hasAttr(lut::kKernelAttr))
      for (unsigned read = 0; read < 4; ++read)
        function.addParamAttr(read, llvm::Attribute::NoAlias);
  }
}

void setTarget(llvm::Module &module, const llvm::TargetMachine &machine) {
  module.setTargetTriple(machine.getTargetTriple());
  module.setDataLayout(machine.createDataLayout());
  StringRef abi = cantFail(findIsa(machine.getTargetTriple().str()))->abi;
  if (!abi.empty())
    module.addModuleFlag(llvm::Module::Error, "target-abi",
                         llvm::MDString::get(module.getContext(), abi));
}

llvm::Expected<std::unique_ptr<llvm::Module>>
translate(ModuleOp source, uint64_t tokenizerBytes, llvm::ArrayRef<char> chat,
          llvm::ArrayRef<Level> levels, llvm::LLVMContext &context,
          llvm::function_ref<LogicalResult(PassManager &)> observe) {
  const llvm::TargetMachine &machine = *levels[0].machine;
  OwningOpRef<ModuleOp> copy = source.clone();
  PassManager pm(source.getContext());
  buildToLLVMPipeline(pm);
  if (failed(observe(pm)) || failed(pm.run(*copy)))
    return fail("the lowered module could not be turned into LLVM IR");
  std::unique_ptr<llvm::Module> module =
      translateModuleToLLVMIR(*copy, context, "model");
  if (!module)
    return fail("the LLVM dialect could not be translated");
  setTarget(*module, machine);
  auto stages =
      generateStages(collectStages(source), machine.getTargetTriple(), context);
  if (!stages)
    return stages.takeError();
  setTarget(**stages, machine);
  if (llvm::Linker::linkModules(*module, std::move(*stages)))
    return fail("Halide's stages could not be linked into the module");
  setAttributes(*module, *copy, levels);
  emitModel(source, tokenizerBytes, chat, levels, *module);
  llvm::internalizeModule(*module, [](const llvm::GlobalValue &value) {
    return value.getName() == "setun_model";
  });
  std::string problem;
  llvm::raw_string_ostream stream(problem);
  if (llvm::verifyModule(*module, &stream))
    return fail("the generated LLVM IR is broken: " + problem);
  return std::move(module);
}

//===----------------------------------------------------------------------===//
// Objects
//===----------------------------------------------------------------------===//

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
