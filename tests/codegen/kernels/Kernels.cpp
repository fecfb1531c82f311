//===- Kernels.cpp --------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tests/codegen/kernels/Kernels.h"

#include "codegen/llvm/Emit.h"
#include "codegen/targets/Target.h"
#include "compiler/Pipeline.h"
#include "passes/Passes.h"
#include "passes/lower/Kernels.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/Constants.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;

namespace setun::codegen {

static DialectRegistry getDialects() {
  DialectRegistry registry;
  compiler::registerDialects(registry);
  return registry;
}

lut::TargetAttr getTarget(MLIRContext &context, const Cpu &cpu) {
  auto found =
      cantFail(resolveLevels(context, cpu.target, cpu.level, "")).front();
  if (StringRef(cpu.facts).empty())
    return found;
  std::string text;
  llvm::raw_string_ostream(text)
      << "#lut.target<name = \"" << found.getName() << "\", triple = \""
      << found.getTriple() << "\", cpu = \"" << found.getCpu()
      << "\", features = \"" << found.getFeatures() << "\", " << cpu.facts
      << ", dotMacs = 1, lookupMacs = 1, l2Bytes = 1>";
  return cast<lut::TargetAttr>(parseAttribute(text, &context));
}

bool canRun(const Cpu &cpu) {
  if (!StringRef(cpu.machines.front()).empty())
    return true;
  MLIRContext context(getDialects(), MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  auto machine = cantFail(createTargetMachine(getTarget(context, cpu)));
  llvm::StringMap<bool> host = llvm::sys::getHostCPUFeatures();
  return llvm::all_of(getRequiredFeatures(*machine),
                      [&](StringRef feature) { return host.lookup(feature); });
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
                                            recipe.residual,
                                            /*floats=*/false, int64_t(0));
  passes::KernelShape shape(kernel);
  auto buffer = [](ArrayRef<int64_t> dims, Type type) -> Type {
    return MemRefType::get(dims, type);
  };
  int64_t tokens = shape.rowsPadded;
  Type i8 = b.getI8Type(), f32 = b.getF32Type(), index = b.getIndexType();
  Type q = buffer({tokens, stride}, i8);
  if (recipe.strategy == lut::Strategy::Lookup)
    q = buffer(
        {tokens / lut::kLookupTokens, stride / 4, lut::kLookupTokens * 4}, i8);
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
  return {stride,           out,
          tokens,           shape.panelBlocks,
          shape.panelBytes, shape.scratchBytes};
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

/// Defines `setun_kernels`, through which Runner.cpp finds them.
static void addTable(llvm::Module &module, size_t recipes) {
  SmallVector<llvm::Constant *> kernels;
  for (size_t i = 0; i < recipes; ++i)
    for (const char *suffix : {"", "_portable"})
      kernels.push_back(module.getFunction(("k" + Twine(i) + suffix).str()));
  auto *type = llvm::ArrayType::get(
      llvm::PointerType::getUnqual(module.getContext()), kernels.size());
  new llvm::GlobalVariable(
      module, type, /*isConstant=*/true, llvm::GlobalValue::ExternalLinkage,
      llvm::ConstantArray::get(type, kernels), "setun_kernels");
}

Program link(llvm::Module &module, lut::TargetAttr target) {
  auto machine = cantFail(createTargetMachine(target));
  setTarget(module, *machine);
  for (llvm::Function &function : module)
    if (!function.isDeclaration())
      setAttributes(function, *machine);
  optimize(module, *machine);
  SmallVector<char, 0> object;
  cantFail(emit(module, *machine, llvm::CodeGenFileType::ObjectFile, object));
  return cantFail(Program::link({object.data(), object.size()},
                                machine->getTargetTriple()));
}

Kernels compile(const Cpu &cpu, StringRef packing, ArrayRef<Recipe> recipes) {
  MLIRContext context(getDialects(), MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  OpBuilder b(&context);
  OwningOpRef<ModuleOp> module = ModuleOp::create(b.getUnknownLoc());
  lut::TargetAttr target = getTarget(context, cpu);
  (*module)->setAttr(lut::kTargetAttr, target);
  b.setInsertionPointToEnd(module->getBody());
  lut::PackingInterface format = lut::I2Attr::get(&context);
  if (packing == "b3")
    format = lut::B3Attr::get(&context);
  if (auto order = lut::symbolizeOrder(packing))
    format = lut::LinesAttr::get(&context, *order);
  std::vector<Shape> shapes;
  for (auto [i, recipe] : llvm::enumerate(recipes))
    shapes.push_back(declare(b, "k" + Twine(i), format, recipe));
  lower(*module);
  llvm::LLVMContext llvmContext;
  auto code = translateModuleToLLVMIR(*module, llvmContext);
  addTable(*code, recipes.size());
  return {link(*code, target), std::move(shapes)};
}

} // namespace setun::codegen
