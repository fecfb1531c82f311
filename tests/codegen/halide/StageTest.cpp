//===- StageTest.cpp ------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tests/codegen/halide/StageTest.h"

#include "codegen/halide/FloatStages.h"

#include "llvm/IR/Module.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;

namespace setun::codegen {

void StageTest::build(const FloatStage &stage) {
  auto context = std::make_unique<LLVMContext>();
  Triple triple(sys::getProcessTriple());
  auto module = generateFloatStages({stage}, triple, *context);
  ASSERT_TRUE(bool(module)) << toString(module.takeError());
  auto compiled =
      Jit::create(std::move(*module), std::move(context), GetParam());
  ASSERT_TRUE(bool(compiled)) << toString(compiled.takeError());
  jit = std::move(*compiled);
}

reference::Row randomRow(int n, unsigned seed, float deviation) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, deviation);
  reference::Row row(n);
  for (float &value : row)
    value = normal(random);
  return row;
}

reference::Row padded(reference::Row row, size_t size) {
  row.resize(size);
  return row;
}

std::vector<reference::Row> interestingRows(int n) {
  reference::Row ties(n);
  for (int i = 0; i < n; ++i)
    ties[i] = i ? float(i % 253) - 126.5f : 127.0f;
  return {randomRow(n, n),
          randomRow(n, n + 1, 1e-3f),
          ties,
          reference::Row(n, 0.0f),
          reference::Row(n, -0.0f),
          randomRow(n, n + 2, 1e-30f),
          randomRow(n, n + 3, 1e-6f),
          randomRow(n, n + 4, 1e18f),
          randomRow(n, n + 5, 1e30f)};
}

} // namespace setun::codegen
