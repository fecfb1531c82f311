//===- ScreenTest.cpp - Bounds of logits ----------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/link/Screen.h"
#include "codegen/llvm/Emit.h"
#include "codegen/targets/Target.h"
#include "compiler/Pipeline.h"
#include "dialects/lut/Lut.h"
#include "passes/Passes.h"
#include "passes/lower/Kernels.h"
#include "runtime/session/Screen.h"
#include "tests/codegen/Jit.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "gtest/gtest.h"

#include <cmath>
#include <cstring>
#include <random>

using namespace mlir;
using namespace setun;
using namespace setun::codegen;

namespace {

using Row = std::vector<float>;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// What the head's stage computes: 16 sums and a tree.
float computeLogit(const Row &w, const Row &x) {
  float lanes[16] = {};
  for (size_t i = 0; i < w.size(); ++i)
    lanes[i % 16] += w[i] * x[i];
  for (int width = 8; width; width /= 2)
    for (int i = 0; i < width; ++i)
      lanes[i] += lanes[i + width];
  return lanes[0];
}

struct Activations {
  explicit Activations(const Row &x) : high(x.size()), low(x.size()) {
    bounded = runtime::quantizeScreened(x.data(), uint32_t(x.size()),
                                        high.data(), low.data(), row);
  }

  std::vector<int8_t> high, low;
  setun::abi::ScreenedRow row;
  bool bounded;
};

/// The kernel's arithmetic for one row.
float computeBound(const ScreenRow &row, const uint8_t *codes,
                   const Activations &x) {
  uint32_t high = 0, low = 0;
  for (size_t i = 0; i < x.high.size(); ++i) {
    high += uint32_t(int32_t(codes[i]) * x.high[i]);
    low += uint32_t(int32_t(codes[i]) * x.low[i]);
  }
  auto t = int32_t((high << 7) + low - uint32_t(x.row.offset));
  float estimate = float(t) * (row.step * x.row.scale);
  float error = row.rest * x.row.norm + (row.norm * x.row.slack + 0x1p-100f);
  return estimate + error;
}

Row noise(size_t size, unsigned seed, float deviation) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, deviation);
  Row row(size);
  for (float &value : row)
    value = normal(random);
  return row;
}

/// Rows that are as bad as they get: for the codes, or for fp32.
std::vector<Row> makeRows(size_t width) {
  std::vector<Row> rows = {Row(width, 0), Row(width, 0.02f), Row(width, 1e-42f),
                           Row(width, -1e15f)};
  for (unsigned seed = 0; seed < 3; ++seed)
    rows.push_back(noise(width, seed, 0.02f));
  rows.push_back(noise(width, 4, 1e-30f));
  rows.push_back(noise(width, 5, 0.001f));
  rows.back()[width / 2] = 50; // nothing is left for the others
  rows.push_back(Row(width));
  for (size_t i = 0; i < width; ++i)
    rows.back()[i] = (i % 2 ? -1 : 1) * (1 + 0.49f / 31); // halves of a step
  rows.back()[0] = 1.03f;
  return rows;
}

/// x that points where the codes of `w` are wrong, so that the error is as
/// large as the bound allows.
Row pointAtRest(const Row &w) {
  std::vector<uint8_t> codes(w.size());
  ScreenRow row = quantizeScreenRow(w.data(), int64_t(w.size()), codes.data());
  Row x(w.size());
  for (size_t i = 0; i < w.size(); ++i)
    x[i] = (w[i] - row.step * float(codes[i] - 32)) * 1000;
  return x;
}

TEST(Screen, BoundsEveryLogit) {
  for (size_t width : {16u, 48u, 2560u}) {
    std::vector<Row> inputs = makeRows(width);
    for (const Row &w : makeRows(width))
      inputs.push_back(pointAtRest(w));
    for (const Row &x : inputs) {
      Activations quantized(x);
      ASSERT_TRUE(quantized.bounded);
      for (const Row &w : makeRows(width)) {
        std::vector<uint8_t> codes(width);
        ScreenRow row = quantizeScreenRow(w.data(), width, codes.data());
        float logit = computeLogit(w, x);
        EXPECT_LE(logit, computeBound(row, codes.data(), quantized));
      }
    }
  }
}

TEST(Screen, TheWorstErrorIsAlmostTheBound) {
  Row w = noise(2560, 1, 0.02f), x = pointAtRest(w);
  std::vector<uint8_t> codes(w.size());
  ScreenRow row = quantizeScreenRow(w.data(), 2560, codes.data());
  Activations quantized(x);
  float logit = computeLogit(w, x);
  float bound = computeBound(row, codes.data(), quantized);
  EXPECT_LE(bound - logit, 0.02f * logit);
}

TEST(Screen, ARowOfNoiseLosesLittle) {
  Row w = noise(2560, 1, 0.02f);
  std::vector<uint8_t> codes(w.size());
  ScreenRow row = quantizeScreenRow(w.data(), 2560, codes.data());
  EXPECT_LE(row.rest, 0.036f * row.norm);
}

TEST(Screen, WhatIsNotFiniteOrTooLargeHasNoBound) {
  for (float bad : {kInfinity, -kInfinity, std::nanf(""), 0x1p61f}) {
    Row row(32, 0.5f);
    row[17] = bad;
    std::vector<uint8_t> codes(32);
    EXPECT_EQ(quantizeScreenRow(row.data(), 32, codes.data()).rest, kInfinity);
    EXPECT_FALSE(Activations(row).bounded);
  }
}

TEST(Screen, ActivationsKeepFifteenBits) {
  Row x = noise(2560, 3, 2);
  Activations quantized(x);
  for (size_t i = 0; i < x.size(); ++i) {
    float v = 128.0f * quantized.high[i] + quantized.low[i];
    EXPECT_NEAR(x[i], v * quantized.row.scale, quantized.row.scale * 0.51f);
    EXPECT_LE(std::abs(quantized.high[i]), 127);
    EXPECT_LE(std::abs(quantized.low[i] + 0.5f), 64);
  }
}

//===----------------------------------------------------------------------===//
// The kernel
//===----------------------------------------------------------------------===//

struct Kernels {
  std::optional<Jit> jit;
  setun::abi::ScreenFunction kernel, portable;
};

/// The kernels of `rows` rows for a CPU of this machine.
Kernels compile(StringRef cpu, int64_t rows, int64_t columns) {
  DialectRegistry registry;
  compiler::registerDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  OpBuilder b(&context);
  OwningOpRef<ModuleOp> module = ModuleOp::create(b.getUnknownLoc());
  auto target = cantFail(resolveLevels(context, "x86-64", cpu, "")).front();
  (*module)->setAttr(lut::kTargetAttr, target);
  b.setInsertionPointToEnd(module->getBody());
  auto function = func::FuncOp::create(
      b, b.getUnknownLoc(), "screen",
      b.getFunctionType(passes::getScreenTypes(b, columns, rows), {}));
  function.setPrivate();
  auto name = FlatSymbolRefAttr::get(&context, "w");
  function->setAttr(lut::kScreenKernelAttr,
                    lut::ScreenKernelAttr::get(&context, name, name, name));
  PassManager pm(&context);
  pm.addPass(passes::createBuildKernels());
  pm.addPass(passes::createExpandUnpack());
  pm.addPass(createSelectInstructions());
  pm.addPass(passes::createLutToVector());
  buildToLLVMPipeline(pm);
  EXPECT_TRUE(succeeded(pm.run(*module)));
  auto machine = cantFail(createTargetMachine(target));
  auto llvmContext = std::make_unique<llvm::LLVMContext>();
  auto code = translateModuleToLLVMIR(*module, *llvmContext);
  setTarget(*code, *machine);
  Kernels kernels;
  kernels.jit = cantFail(Jit::create(std::move(code), std::move(llvmContext),
                                     machine->getTargetCPU(),
                                     machine->getTargetFeatureString()));
  using Function = std::remove_pointer_t<setun::abi::ScreenFunction>;
  kernels.kernel = kernels.jit->lookup<Function>("screen");
  kernels.portable = kernels.jit->lookup<Function>("screen_portable");
  return kernels;
}

class ScreenKernel : public testing::TestWithParam<const char *> {};

TEST_P(ScreenKernel, EqualsTheArithmetic) {
  StringRef cpu = GetParam();
  if (!Jit::hostRuns(cpu))
    GTEST_SKIP() << "this machine cannot run " << cpu.str();
  for (auto [rows, columns] : {std::pair{1, 16}, {16, 17}, {37, 272}}) {
    int64_t width = lut::padded(columns), blocks = lut::getBlocks(rows);
    int64_t blockBytes = lut::getScreenBlockBytes(columns);
    auto makeRow = [&](int64_t r) { return noise(columns, r + 1, 0.1f); };
    std::vector<uint8_t> bytes(blocks * blockBytes);
    for (int64_t block = 0; block < blocks; ++block)
      packScreenBlock(
          std::min<int64_t>(16, rows - 16 * block), columns,
          [&](int64_t r, float *out) {
            std::ranges::copy(makeRow(16 * block + r), out);
          },
          bytes.data() + block * blockBytes);
    Kernels kernels = compile(cpu, rows, columns);
    ASSERT_TRUE(kernels.kernel && kernels.portable);
    for (float size : {1.0f, 0.0f}) { // noise, and all as large as it gets
      Row x = size ? noise(columns, 99, size) : Row(columns, -3);
      x.resize(width);
      Activations quantized(x);
      const auto &q = quantized.row;
      Row bounds[2];
      for (int i = 0; i < 2; ++i) {
        bounds[i].assign(blocks * 16, 1);
        (i ? kernels.kernel
           : kernels.portable)(bytes.data(), q.high, q.low, q.offset, q.scale,
                               q.norm, q.slack, bounds[i].data(), blocks);
      }
      EXPECT_EQ(std::memcmp(bounds[0].data(), bounds[1].data(),
                            bounds[0].size() * sizeof(float)),
                0);
      for (int64_t r = 0; r < rows; ++r) {
        Row w = makeRow(r);
        w.resize(width);
        std::vector<uint8_t> codes(width);
        ScreenRow row = quantizeScreenRow(w.data(), width, codes.data());
        EXPECT_EQ(bounds[1][r], computeBound(row, codes.data(), quantized))
            << rows << "x" << columns << ", row " << r;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Cpu, ScreenKernel,
                         testing::Values("x86-64", "x86-64-v3", "x86-64-v4",
                                         "native"),
                         [](const auto &info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

} // namespace
