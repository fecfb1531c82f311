//===- Trial.h - A kernel's buffers, and what it should write ---*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_TESTS_CODEGEN_KERNELS_TRIAL_H
#define SETUN_TESTS_CODEGEN_KERNELS_TRIAL_H

#include "tests/codegen/kernels/Kernels.h"
#include "tests/codegen/kernels/Problem.h"

namespace setun::codegen {

/// The buffers of one problem; what the contract leaves open is garbage.
class Trial {
public:
  Trial(const Recipe &recipe, const Shape &shape, const Problem &problem,
        llvm::StringRef packing);

  /// Calls a kernel for the first `rows` tokens and compares.
  void check(Machine &machine, size_t kernel, int64_t rows, bool tokenMinor,
             bool inPlace) const;

private:
  void layOutActivations();
  void compare(llvm::ArrayRef<float> out, int64_t rows) const;

  const Recipe &recipe;
  const Shape &shape;
  const Problem &problem;
  std::vector<float> expected;
  std::vector<uint8_t> weights;
  std::vector<int8_t> plain,
      minor; ///< [token][stride], [token/16][stride/4][16][4]
  std::vector<int32_t> sums;
  std::vector<float> residual; ///< [token][out]
};

} // namespace setun::codegen

#endif // SETUN_TESTS_CODEGEN_KERNELS_TRIAL_H
