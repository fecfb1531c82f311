//===- Jit.cpp ------------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tests/codegen/Jit.h"

#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"

using namespace llvm;

namespace setun::codegen {

static void optimize(Module &module, TargetMachine &machine) {
  for (Function &function : module) {
    function.addFnAttr("target-cpu", machine.getTargetCPU());
    function.addFnAttr("target-features", machine.getTargetFeatureString());
  }
  PassBuilder builder(&machine);
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager graph;
  ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(graph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, graph, modules);
  builder.buildPerModuleDefaultPipeline(OptimizationLevel::O3)
      .run(module, modules);
}

Expected<Jit> Jit::create(std::unique_ptr<Module> module,
                          std::unique_ptr<LLVMContext> context, StringRef cpu,
                          StringRef features) {
  InitializeNativeTarget();
  InitializeNativeTargetAsmPrinter();
  orc::JITTargetMachineBuilder target(module->getTargetTriple());
  target.setCPU(cpu.str())
      .addFeatures(SubtargetFeatures(features).getFeatures())
      .setCodeGenOptLevel(CodeGenOptLevel::Aggressive);
  target.getOptions().AllowFPOpFusion = FPOpFusion::Strict;
  auto machine = target.createTargetMachine();
  if (!machine)
    return machine.takeError();
  module->setDataLayout((*machine)->createDataLayout());
  optimize(*module, **machine);

  auto engine = orc::LLJITBuilder()
                    .setJITTargetMachineBuilder(std::move(target))
                    .create();
  if (!engine)
    return engine.takeError();
  if (Error error = (*engine)->addIRModule(
          orc::ThreadSafeModule(std::move(module), std::move(context))))
    return error;
  return Jit(std::move(*engine));
}

uint64_t Jit::address(StringRef symbol) {
  auto found = engine->lookup(symbol);
  if (found)
    return found->getValue();
  consumeError(found.takeError());
  return 0;
}

bool Jit::hostRuns(StringRef cpu) {
  StringMap<bool> host = sys::getHostCPUFeatures();
  if (cpu == "x86-64-v4")
    return host["avx512f"] && host["avx512bw"] && host["avx512dq"] &&
           host["avx512vl"] && host["avx512cd"];
  if (cpu == "x86-64-v3")
    return host["avx2"] && host["fma"] && host["bmi2"];
  return true;
}

} // namespace setun::codegen
