//===- Bitcode.cpp --------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/halide/Bitcode.h"

#include "codegen/halide/StageBuilder.h"
#include "codegen/halide/Stages.h"

#include <stdexcept>

using namespace Halide;

namespace setun::codegen {

namespace {
struct Generator {
  const char *kind;
  size_t numSizes;
  void (*generate)(StageBuilder &stage);
};
} // namespace

static constexpr Generator kGenerators[] = {
#define FLOAT_STAGE(kind, numSizes) {#kind, numSizes, stages::kind},
#include "codegen/halide/Stages.def"
};

/// Keeps every index of a stage within 31 bits.
static constexpr int64_t kLargestSize = 1 << 24;

/// One target for every ISA: 512-bit vectors stay whole, and all features
/// beyond that are left to our own back end.
static Target halideTarget() {
  return Target(Target::Linux, Target::X86, 64,
                {Target::AVX512_Skylake, Target::NoRuntime, Target::NoAsserts,
                 Target::NoBoundsQuery, Target::StrictFloat});
}

static const Generator &findGenerator(const std::string &kind) {
  for (const Generator &generator : kGenerators)
    if (generator.kind == kind)
      return generator;
  throw std::invalid_argument("a kind from Stages.def");
}

static void lowerStage(const FloatStage &stage, StageBitcode &result,
                       Module &module) {
  const Generator &generator = findGenerator(stage.kind);
  StageBuilder::require(stage.sizes.size() == generator.numSizes,
                        "as many sizes as Stages.def says");
  for (int64_t size : stage.sizes)
    StageBuilder::require(size > 0 && size <= kLargestSize,
                          "sizes from 1 to 16777216");
  StageBuilder builder(stage);
  generator.generate(builder);
  result.signatures.push_back(builder.signature());
  Module lowered = builder.lower(module.target());
  for (const Internal::LoweredFunc &function : lowered.functions())
    module.append(function);
}

StageBitcode writeStageBitcode(const std::vector<FloatStage> &stages,
                               const std::string &path) {
  StageBitcode result;
  Module module("float_stages", halideTarget());
  module.set_any_strict_float(true);
  for (const FloatStage &stage : stages) {
    std::string name = "float stage '" + stage.symbol + "' (" + stage.kind;
    try {
      lowerStage(stage, result, module);
    } catch (const std::invalid_argument &expected) {
      result.errors.push_back(name + "): expected " + expected.what());
    } catch (const Error &error) {
      result.errors.push_back(name + "): Halide: " + error.what());
    }
  }
  if (!result.errors.empty())
    return result;
  try {
    module.compile({{OutputFileType::bitcode, path}});
  } catch (const Error &error) {
    result.errors.push_back(std::string("float stages: Halide: ") +
                            error.what());
  }
  return result;
}

} // namespace setun::codegen
