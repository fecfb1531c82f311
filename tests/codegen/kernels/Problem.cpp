//===- Problem.cpp --------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tests/codegen/kernels/Problem.h"

namespace setun::codegen {

llvm::StringRef getName(Pattern pattern) {
  static const char *const names[] = {"noise", "all 1, 127", "all 1, -127",
                                      "all -1, -127", "aligned"};
  return names[static_cast<int>(pattern)];
}

Problem::Problem(int64_t rows, int64_t columns, int64_t tokens, Pattern pattern)
    : weights(Matrix::random(rows, columns, 7)), tokens(tokens) {
  std::minstd_rand generator(11);
  auto uniform = [&] { return generator() / float(generator.max()) - 0.5f; };
  for (int64_t i = 0; i < tokens * columns; ++i)
    q.push_back(static_cast<int8_t>(generator() % 255) - 127);
  for (int64_t i = 0; i < tokens; ++i)
    scales.push_back(127.0f / (uniform() + 0.6f));
  for (int64_t i = 0; i < tokens * rows; ++i)
    residual.push_back(uniform() * 3);
  if (pattern == Pattern::Random)
    return;
  bool aligned = pattern == Pattern::Aligned;
  int trit = pattern == Pattern::MinusMinus ? -1 : 1;
  int sign = pattern == Pattern::PlusPlus ? 1 : -1;
  for (size_t i = 0; i < weights.trits.size(); ++i)
    weights.trits[i] = aligned ? 1 - 2 * (i % columns % 2) : trit;
  for (size_t i = 0; i < q.size(); ++i)
    q[i] = 127 * (aligned ? 1 - 2 * (i % columns % 2) : sign);
}

/// The same operations in the same order as `KernelFunction` says.
std::vector<float> Problem::solve(bool addResidual) const {
  std::vector<float> y;
  for (int64_t m = 0; m < tokens; ++m)
    for (int64_t r = 0; r < weights.rows; ++r) {
      const int8_t *w = weights.trits.data() + r * weights.columns;
      const int8_t *x = q.data() + m * weights.columns;
      int32_t sum = 0;
      for (int64_t k = 0; k < weights.columns; ++k)
        sum += w[k] * x[k];
      float value = static_cast<float>(sum) * (alpha / scales[m]);
      y.push_back(addResidual ? value + residual[m * weights.rows + r] : value);
    }
  return y;
}

} // namespace setun::codegen
