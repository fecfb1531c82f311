//===- FloatStagesTest.cpp ------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/halide/FloatStages.h"

#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"

#include "gtest/gtest.h"

using namespace llvm;
using namespace setun::codegen;

static const std::vector<FloatStage> kStages = {
    {"embed_48", "embed", {48}, "f16"},
    {"norm_44", "norm", {44}, "", 1e-5},
    {"normq_700", "norm_quantize", {700, 768}, "", 1e-5},
    {"quantize_700", "quantize", {700, 704}},
    {"rope_44", "rope", {44, 48, 44}},
    {"norm_rope_44", "norm_rope", {44, 48, 22}, "", 1e-6},
    {"key_44", "store_key", {44, 44}, "f16"},
    {"norm_key_44", "norm_store_key", {44, 22}, "i8", 1e-6},
    {"value_44", "store_value", {44, 64}, "i8"},
    {"attend_44", "attend", {44, 48, 64, 3, 3}, "bf16"},
    {"window_44", "attend_window", {44, 48, 64, 3, 3}, "f32", 0.5},
    {"merge_48", "merge", {48}},
    {"attended_44", "attended", {44}},
    {"relu2_704", "glu_relu2", {704}},
    {"silu_704", "glu_silu", {704}},
    {"gelu_704", "glu_gelu_tanh", {704}},
    {"head_48", "head", {48, 64}, "bf16"}};

static std::string generatedFor(StringRef triple) {
  LLVMContext context;
  context.setDiscardValueNames(true); // Halide numbers them through
  auto module = generateFloatStages(kStages, Triple(triple), context);
  EXPECT_TRUE(bool(module)) << toString(module.takeError());
  EXPECT_EQ((*module)->getTargetTriple().str(), triple);
  std::string text;
  raw_string_ostream stream(text);
  for (const FloatStage &stage : kStages)
    (*module)->getFunction(stage.symbol)->print(stream);
  return text;
}

static std::string errorOf(ArrayRef<FloatStage> stages) {
  LLVMContext context;
  auto module =
      generateFloatStages(stages, Triple("x86_64-unknown-linux-gnu"), context);
  return module ? "" : toString(module.takeError());
}

TEST(FloatStages, areTheSameForEveryTarget) {
  std::string x86 = generatedFor("x86_64-unknown-linux-gnu");
  EXPECT_EQ(x86, generatedFor("aarch64-unknown-linux-gnu"));
  EXPECT_EQ(x86, generatedFor("riscv64-unknown-linux-gnu"));
}

/// Names that the object file of `module` leaves to others.
static std::vector<std::string> undefinedSymbols(Module &module,
                                                 StringRef cpu) {
  std::string problem;
  const Target *target =
      TargetRegistry::lookupTarget(module.getTargetTriple(), problem);
  EXPECT_TRUE(target) << problem;
  TargetOptions options;
  options.AllowFPOpFusion = FPOpFusion::Strict;
  std::unique_ptr<TargetMachine> machine(target->createTargetMachine(
      module.getTargetTriple(), cpu, "", options, Reloc::Static));
  SmallString<0> bytes;
  raw_svector_ostream stream(bytes);
  legacy::PassManager passes;
  machine->addPassesToEmitFile(passes, stream, nullptr,
                               CodeGenFileType::ObjectFile);
  passes.run(module);
  auto object = cantFail(
      object::ObjectFile::createObjectFile(MemoryBufferRef(bytes, "stages.o")));
  std::vector<std::string> names;
  for (object::SymbolRef symbol : object->symbols())
    if (cantFail(symbol.getFlags()) & object::SymbolRef::SF_Undefined)
      names.push_back(cantFail(symbol.getName()).str());
  return names;
}

TEST(FloatStages, callNothingButMemset) {
  InitializeAllTargetInfos();
  InitializeAllTargets();
  InitializeAllTargetMCs();
  InitializeAllAsmPrinters();
  std::pair<const char *, const char *> targets[] = {
      {"x86_64-unknown-linux-musl", "x86-64"},
      {"x86_64-unknown-linux-musl", "x86-64-v4"},
      {"aarch64-unknown-linux-musl", "generic"},
      {"riscv64-unknown-linux-musl", "sifive-x280"}};
  for (auto [triple, cpu] : targets) {
    LLVMContext context;
    auto module = generateFloatStages(kStages, Triple(triple), context);
    ASSERT_TRUE(bool(module)) << toString(module.takeError());
    for (const std::string &name : undefinedSymbols(**module, cpu))
      EXPECT_TRUE(name.empty() || name == "memset") << cpu << ": " << name;
  }
}

TEST(FloatStages, everyBadStageIsNamed) {
  std::string error = errorOf({{"a", "layernorm", {16}},
                               {"b", "rope", {45, 48, 45}},
                               {"c", "norm", {16, 16}},
                               {"d", "embed", {20}, "f32"},
                               {"e", "head", {32, 8}, "f64"},
                               {"f", "quantize", {700, 700}},
                               {"g", "norm", {-1}},
                               {"i", "attend", {64, 65, 64, 1}, "f32"},
                               {"h", "norm", {16}}});
  for (const char *name :
       {"'a'", "'b'", "'c'", "'d'", "'e'", "'f'", "'g'", "'i'"})
    EXPECT_NE(error.find(name), error.npos) << name << "\n" << error;
  EXPECT_EQ(error.find("'h'"), error.npos) << error;
}

TEST(FloatStages, symbolsAreUnique) {
  EXPECT_EQ(errorOf({{"a", "norm", {16}}, {"a", "norm", {32}}}),
            "float stage 'a' is listed twice");
}

TEST(FloatStages, noneIsFine) { EXPECT_EQ(errorOf({}), ""); }
