//===- Kernels.cpp --------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tests/codegen/kernels/Kernels.h"

#include "codegen/llvm/Emit.h"
#include "codegen/targets/Target.h"
#include "dialects/spmd/Spmd.h"
#include "dialects/tern/Tern.h"
#include "passes/Passes.h"
#include "passes/lower/Kernels.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/TargetParser/Host.h"

#include <sys/mman.h>

using namespace mlir;

namespace setun::codegen {

//===----------------------------------------------------------------------===//
// Compiling
//===----------------------------------------------------------------------===//

bool hostRuns(const Cpu &cpu) {
  llvm::StringMap<bool> host = llvm::sys::getHostCPUFeatures();
  SmallVector<StringRef> words;
  StringRef(cpu.features).split(words, ',', -1, /*KeepEmpty=*/false);
  return Jit::hostRuns(cpu.name) && llvm::all_of(words, [&](StringRef word) {
           return host.lookup(word.drop_front());
         });
}

static DialectRegistry getDialects() {
  DialectRegistry registry;
  registry.insert<tern::TernDialect, lut::LutDialect, spmd::SpmdDialect,
                  arith::ArithDialect, cf::ControlFlowDialect,
                  func::FuncDialect, LLVM::LLVMDialect, memref::MemRefDialect,
                  scf::SCFDialect, ub::UBDialect, vector::VectorDialect>();
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  return registry;
}

static lut::TargetAttr getTarget(MLIRContext &context, const Cpu &cpu) {
  auto found =
      cantFail(resolveTarget(context, "x86-64", cpu.name, cpu.features));
  return lut::TargetAttr::get(
      &context, found.getTriple(), found.getCpu(), found.getFeatures(),
      cpu.dot.value_or(found.getDot()),
      cpu.permuteBytes.value_or(found.getPermuteBytes()), found.getDotMacs(),
      found.getLookupMacs(), found.getL2Bytes());
}

/// Declares the kernel as the lower stage does.
static Shape declare(OpBuilder &b, const Twine &name,
                     lut::PackingInterface packing, const Recipe &recipe) {
  MLIRContext *context = b.getContext();
  Location loc = b.getUnknownLoc();
  auto tile = lut::TileAttr::get(context, recipe.maxTokens, recipe.strategy,
                                 recipe.blocks, recipe.unroll, recipe.tokens);
  int64_t columns =
      lut::getGroups(packing, recipe.columns) * lut::getGroupColumns(packing);
  int64_t stride = lut::roundUp(columns, lut::kBlockRows);
  int64_t out = lut::roundUp(recipe.rows, lut::kBlockRows);
  auto kernel = lut::KernelAttr::getChecked(loc, context, packing, recipe.rows,
                                            recipe.columns, tile, stride, out,
                                            recipe.residual);
  passes::KernelShape shape(kernel);
  auto buffer = [](ArrayRef<int64_t> dims, Type type) -> Type {
    return MemRefType::get(dims, type);
  };
  int64_t tokens = shape.rowsPadded;
  Type i8 = b.getI8Type(), f32 = b.getF32Type(), index = b.getIndexType();
  Type q = buffer({tokens, stride}, i8);
  if (recipe.strategy == lut::Strategy::Lookup)
    q = buffer({tokens / lut::kLookupTokens, stride, lut::kLookupTokens}, i8);
  auto function = func::FuncOp::create(
      b, loc, name.str(),
      b.getFunctionType({buffer(shape.tileBytes, i8), q,
                         buffer(tokens, b.getI32Type()), buffer(tokens, f32),
                         f32, buffer({tokens, out}, f32),
                         buffer({tokens, out}, f32),
                         buffer(shape.scratchBytes, i8), index, index},
                        {}));
  function.setPrivate();
  function->setAttr(lut::kKernelAttr, kernel);
  return {stride, out, tokens, shape.blockBytes, shape.scratchBytes};
}

static void lower(ModuleOp module) {
  PassManager pm(module.getContext());
  pm.addPass(passes::createBuildKernels());
  pm.addPass(passes::createExpandUnpack());
  pm.addPass(createSelectInstructions());
  pm.addPass(passes::createLutToVector());
  buildToLLVMPipeline(pm);
  if (failed(pm.run(module)))
    llvm::report_fatal_error("the kernels could not be lowered");
}

Kernels compile(const Cpu &cpu, StringRef packing, ArrayRef<Recipe> recipes) {
  MLIRContext context(getDialects(), MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  OpBuilder b(&context);
  OwningOpRef<ModuleOp> module = ModuleOp::create(b.getUnknownLoc());
  (*module)->setAttr(lut::kTargetAttr, getTarget(context, cpu));
  b.setInsertionPointToEnd(module->getBody());
  lut::PackingInterface format = lut::I2Attr::get(&context);
  if (packing == "b3")
    format = lut::B3Attr::get(&context);
  std::vector<Shape> shapes;
  for (auto [i, recipe] : llvm::enumerate(recipes))
    shapes.push_back(declare(b, "k" + Twine(i), format, recipe));
  lower(*module);

  auto llvmContext = std::make_unique<llvm::LLVMContext>();
  auto code = translateModuleToLLVMIR(*module, *llvmContext);
  code->setTargetTriple(llvm::Triple(llvm::sys::getProcessTriple()));
  for (llvm::Function &function : *code)
    function.addFnAttr("prefer-vector-width", "512"); // as Emit.cpp does
  return {cantFail(Jit::create(std::move(code), std::move(llvmContext),
                               cpu.name, cpu.features)),
          std::move(shapes)};
}

//===----------------------------------------------------------------------===//
// Guarded
//===----------------------------------------------------------------------===//

static constexpr size_t kPage = 4096;
static constexpr uint8_t kGarbage = 0xa5;

Guarded::Guarded(size_t bytes)
    : bytes(bytes), whole((bytes / kPage + 1) * kPage) {
  void *pages = mmap(nullptr, whole + kPage, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED)
    llvm::report_fatal_error("out of memory");
  base = static_cast<uint8_t *>(pages);
  data = base + whole - bytes;
  mprotect(base + whole, kPage, PROT_NONE);
  std::fill_n(base, whole, kGarbage);
}

Guarded::~Guarded() { munmap(base, whole + kPage); }

void Guarded::seal() { mprotect(base, whole, PROT_READ); }

bool Guarded::isIntact() const {
  return std::all_of(base, data, [](uint8_t byte) { return byte == kGarbage; });
}

} // namespace setun::codegen
