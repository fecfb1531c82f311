//===- Problem.cpp --------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tests/codegen/kernels/Problem.h"

#include <cmath>

namespace setun::codegen {

llvm::StringRef getName(Pattern pattern) {
  static const char *const names[] = {
      "noise",   "all 1, 127", "all 1, -127", "all -1, -127",
      "aligned", "sparse",     "zero",        "last"};
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
  if (pattern >= Pattern::Sparse) {
    thinOut(pattern);
    return;
  }
  bool aligned = pattern == Pattern::Aligned;
  int trit = pattern == Pattern::MinusMinus ? -1 : 1;
  int sign = pattern == Pattern::PlusPlus ? 1 : -1;
  for (size_t i = 0; i < weights.trits.size(); ++i)
    weights.trits[i] = aligned ? 1 - 2 * (i % columns % 2) : trit;
  for (size_t i = 0; i < q.size(); ++i)
    q[i] = 127 * (aligned ? 1 - 2 * (i % columns % 2) : sign);
}

void Problem::thinOut(Pattern pattern) {
  std::minstd_rand generator(13);
  auto thin = [&](auto &values, int64_t width) {
    for (size_t i = 0; i < values.size(); ++i) {
      bool last = static_cast<int64_t>(i) % width == width - 1;
      bool stays = pattern == Pattern::Sparse
                       ? generator() % 10 < 3
                       : last && pattern == Pattern::Last;
      if (!stays)
        values[i] = 0;
    }
  };
  thin(q, weights.columns);
  thin(residual, weights.rows);
  for (size_t i = 0; i < residual.size(); ++i)
    if (residual[i] == 0 && i % 3)
      residual[i] = i % 3 == 1 ? -0.0f : -1.5f;
    else if (pattern == Pattern::Last)
      residual[i] = std::abs(residual[i]);
}

/// The same operations in the same order as `KernelFunction` says.
std::vector<float> Problem::solve(Added use) const {
  std::vector<float> y;
  for (int64_t m = 0; m < tokens; ++m)
    for (int64_t r = 0; r < weights.rows; ++r) {
      const int8_t *w = weights.trits.data() + r * weights.columns;
      const int8_t *x = q.data() + m * weights.columns;
      int32_t sum = 0;
      for (int64_t k = 0; k < weights.columns; ++k)
        sum += w[k] * x[k];
      float value = static_cast<float>(sum) * (alpha / scales[m]);
      float other = residual[m * weights.rows + r];
      y.push_back(use == Added::Nothing    ? value
                  : use == Added::Residual ? value + other
                  : other > 0              ? value
                                           : 0.0f);
    }
  return y;
}

} // namespace setun::codegen
