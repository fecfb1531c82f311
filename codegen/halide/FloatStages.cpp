//===- FloatStages.cpp ----------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/halide/FloatStages.h"

#include "codegen/halide/Bitcode.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVectorExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Transforms/IPO/AlwaysInliner.h"
#include "llvm/Transforms/IPO/GlobalDCE.h"
#include "llvm/Transforms/Scalar/SROA.h"

#include "HalideRuntime.h"

using namespace llvm;

namespace setun::codegen {

static Error failure(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message);
}

/// Halide takes an output that it reads again for one of its own, vector
/// aligned buffers. A caller's pointers are aligned for their elements only.
static void relaxAlignment(Instruction &access) {
  Value *pointer = getLoadStorePointerOperand(&access);
  if (!pointer || isa<AllocaInst>(getUnderlyingObject(pointer, 0)))
    return;
  Type *element = getLoadStoreType(&access)->getScalarType();
  if (element->isPointerTy())
    return;
  Align align(element->getPrimitiveSizeInBits() / 8);
  setLoadStoreAlignment(&access, align);
}

/// Takes from a function what ties it to Halide's CPU, and Halide's belief
/// that buffers of different names never overlap: one stage's output is the
/// next one's input, and both may end up in one function.
static void neutralize(Function &function) {
  for (Attribute attribute : function.getAttributes().getFnAttrs())
    if (attribute.isStringAttribute())
      function.removeFnAttr(attribute.getKindAsString());
  for (Argument &argument : function.args())
    argument.removeAttr(Attribute::NoAlias);
  for (Instruction &instruction : instructions(function)) {
    instruction.setMetadata(LLVMContext::MD_tbaa, nullptr);
    relaxAlignment(instruction);
  }
}

/// A halide_buffer_t on the stack of which only the host pointer is set.
static Value *makeBuffer(IRBuilder<> &builder, Argument *host) {
  host->addAttr(Attribute::NoAlias);
  Type *byte = builder.getInt8Ty();
  AllocaInst *buffer =
      builder.CreateAlloca(ArrayType::get(byte, sizeof(halide_buffer_t)));
  buffer->setAlignment(Align(alignof(halide_buffer_t)));
  Value *field = builder.CreateConstInBoundsGEP1_64(
      byte, buffer, offsetof(halide_buffer_t, host));
  builder.CreateStore(host, field);
  return buffer;
}

/// Gives Halide's function `symbol` the C signature. Halide takes the outputs
/// last.
static Error wrap(Module &module, StringRef symbol,
                  ArrayRef<Parameter> signature) {
  Function *body = module.getFunction(symbol);
  if (!body || body->arg_size() != signature.size())
    return failure("float stage '" + symbol + "' is not what Halide wrote");
  body->setName(symbol + ".halide");
  body->setLinkage(GlobalValue::InternalLinkage);
  body->addFnAttr(Attribute::AlwaysInline);

  IRBuilder<> builder(module.getContext());
  Type *pointer = builder.getPtrTy();
  auto types = map_to_vector(signature, [&](Parameter parameter) -> Type * {
    return parameter == Parameter::Count ? builder.getInt64Ty() : pointer;
  });
  auto *type = FunctionType::get(builder.getVoidTy(), types, false);
  auto *wrapper =
      Function::Create(type, GlobalValue::ExternalLinkage, symbol, module);
  wrapper->setDoesNotThrow();
  builder.SetInsertPoint(BasicBlock::Create(module.getContext(), "", wrapper));

  SmallVector<unsigned> order;
  for (bool outputs : {false, true})
    for (auto [index, parameter] : enumerate(signature))
      if ((parameter == Parameter::Output) == outputs)
        order.push_back(index);
  SmallVector<Value *> values;
  for (auto [index, parameter] : zip(order, body->args())) {
    Argument *argument = wrapper->getArg(index);
    argument->setName(parameter.getName().split('.').first);
    bool isCount = signature[index] == Parameter::Count;
    values.push_back(isCount ? argument : makeBuffer(builder, argument));
  }
  builder.CreateCall(body, values);
  builder.CreateRetVoid();
  return Error::success();
}

/// Inlines the bodies into the wrappers; the stack buffers disappear.
static void mergeWrappers(Module &module) {
  PassBuilder builder;
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager graph;
  ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(graph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, graph, modules);
  ModulePassManager passes;
  passes.addPass(AlwaysInlinerPass(/*InsertLifetimeIntrinsics=*/false));
  passes.addPass(
      createModuleToFunctionPassAdaptor(SROAPass(SROAOptions::ModifyCFG)));
  passes.addPass(GlobalDCEPass());
  passes.run(module, modules);
}

/// What DESIGN.md §4.3 forbids, and what our back end could not resolve.
static Error checkPortable(const Module &module) {
  for (const Function &function : module) {
    if (function.isDeclaration() &&
        (!function.isIntrinsic() ||
         Intrinsic::isTargetIntrinsic(function.getIntrinsicID())))
      return failure("float stages call '" + function.getName() + "'");
    for (const Instruction &instruction : instructions(function)) {
      if (isa<FPMathOperator>(instruction) &&
          instruction.getFastMathFlags().any())
        return failure("float stage '" + function.getName() +
                       "' has a fast-math flag");
      const Value *read = getLoadStorePointerOperand(&instruction);
      if (read && isa<UndefValue>(getUnderlyingObject(read)))
        return failure("float stage '" + function.getName() +
                       "' asks for the extents of a buffer; it has none");
    }
  }
  std::string problem;
  raw_string_ostream stream(problem);
  if (verifyModule(module, &stream))
    return failure("float stages: " + problem);
  return Error::success();
}

/// Reads what Halide's LLVM wrote, older than ours, for `triple`.
static Expected<std::unique_ptr<Module>>
readBitcode(StringRef path, const Triple &triple, LLVMContext &context) {
  auto buffer = MemoryBuffer::getFile(path);
  if (!buffer)
    return failure(path + ": " + buffer.getError().message());
  auto module = parseBitcodeFile(**buffer, context);
  if (!module)
    return module.takeError();
  (*module)->setModuleIdentifier("float_stages");
  (*module)->setSourceFileName("float_stages");
  (*module)->setTargetTriple(triple);
  (*module)->setDataLayout(triple.computeDataLayout());
  for (StringRef name : {"llvm.module.flags", "llvm.ident"})
    if (NamedMDNode *metadata = (*module)->getNamedMetadata(name))
      (*module)->eraseNamedMetadata(metadata);
  for (Function &function : **module)
    neutralize(function);
  return module;
}

Expected<std::unique_ptr<Module>>
generateFloatStages(ArrayRef<FloatStage> stages, const Triple &triple,
                    LLVMContext &context) {
  StringSet<> symbols;
  for (const FloatStage &stage : stages)
    if (!symbols.insert(stage.symbol).second)
      return failure("float stage '" + stage.symbol + "' is listed twice");

  SmallString<128> path;
  if (std::error_code code =
          sys::fs::createTemporaryFile("setun-float-stages", "bc", path))
    return failure("temporary file: " + code.message());
  FileRemover remover(path);
  StageBitcode bitcode = writeStageBitcode(stages.vec(), path.str().str());
  if (!bitcode.errors.empty())
    return failure(join(bitcode.errors, "\n"));

  auto module = readBitcode(path, triple, context);
  if (!module)
    return module.takeError();
  for (auto [stage, signature] : zip(stages, bitcode.signatures))
    if (Error error = wrap(**module, stage.symbol, signature))
      return error;
  mergeWrappers(**module);
  if (Error error = checkPortable(**module))
    return error;
  return module;
}

} // namespace setun::codegen
