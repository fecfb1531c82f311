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
/// alternates and the trit follows, so that all products are positive. Noise,
/// but of the activations and the residual most are zero, all, or all but the
/// last; residuals below zero count as zero.
enum class Pattern {
  Random,
  PlusPlus,
  PlusMinus,
  MinusMinus,
  Aligned,
  Sparse,
  Zero,
  Last
};
inline constexpr Pattern kPatterns[] = {Pattern::Random, Pattern::PlusPlus,
                                        Pattern::PlusMinus, Pattern::MinusMinus,
                                        Pattern::Aligned};
inline constexpr Pattern kSparsePatterns[] = {Pattern::Random, Pattern::Sparse,
                                              Pattern::Zero, Pattern::Last};
llvm::StringRef getName(Pattern pattern);

/// What becomes of the residual.
enum class Added { Nothing, Residual, Gate };

/// Weights, quantized activations and what the product is.
struct Problem {
  Matrix weights;
  int64_t tokens;
  std::vector<int8_t> q;               ///< [tokens][columns]
  std::vector<float> scales, residual; ///< [tokens]; [tokens][rows]
  float alpha = 0.0371f;

  Problem(int64_t rows, int64_t columns, int64_t tokens, Pattern pattern);
  /// [tokens][rows]
  std::vector<float> solve(Added use) const;

private:
  void thinOut(Pattern pattern);
};

} // namespace setun::codegen

#endif // SETUN_TESTS_CODEGEN_KERNELS_PROBLEM_H
