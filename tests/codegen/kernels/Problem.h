//===- Problem.h - A product, and a scalar loop for it ----------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_TESTS_CODEGEN_KERNELS_PROBLEM_H
#define SETUN_TESTS_CODEGEN_KERNELS_PROBLEM_H

#include "tests/codegen/kernels/Matrix.h"

namespace setun::codegen {

/// Noise, or all trits and all |q| at the bound, by their signs. `Aligned`: q
/// alternates and the trit follows, so that all products are positive.
enum class Pattern { Random, PlusPlus, PlusMinus, MinusMinus, Aligned };
inline constexpr Pattern kPatterns[] = {Pattern::Random, Pattern::PlusPlus,
                                        Pattern::PlusMinus, Pattern::MinusMinus,
                                        Pattern::Aligned};
llvm::StringRef getName(Pattern pattern);

/// Weights, quantized activations and what the product is.
struct Problem {
  Matrix weights;
  int64_t tokens;
  std::vector<int8_t> q;               ///< [tokens][columns]
  std::vector<float> scales, residual; ///< [tokens]; [tokens][rows]
  float alpha = 0.0371f;

  Problem(int64_t rows, int64_t columns, int64_t tokens, Pattern pattern);
  /// [tokens][rows]
  std::vector<float> solve(bool addResidual) const;
};

} // namespace setun::codegen

#endif // SETUN_TESTS_CODEGEN_KERNELS_PROBLEM_H
