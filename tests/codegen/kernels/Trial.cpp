//===- Trial.cpp ----------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tests/codegen/kernels/Trial.h"

#include "gtest/gtest.h"

#include <cstring>

namespace setun::codegen {

static constexpr int8_t kGarbage = 0x5a;

static Added useOf(const Recipe &recipe, llvm::StringRef packing) {
  if (!recipe.residual)
    return Added::Nothing;
  return packing == "rows" ? Added::Gate : Added::Residual;
}

Trial::Trial(const Recipe &recipe, const Shape &shape, const Problem &problem,
             llvm::StringRef packing)
    : recipe(recipe), shape(shape), problem(problem),
      expected(problem.solve(useOf(recipe, packing))),
      weights(pack(problem.weights, packing)),
      plain(shape.paddedTokens * shape.stride, kGarbage),
      minor(shape.paddedTokens * shape.stride, kGarbage),
      residual(shape.paddedTokens * shape.out, kGarbage) {
  layOutActivations();
  for (int64_t m = 0; m < problem.tokens; ++m)
    std::copy_n(problem.residual.data() + m * recipe.rows, recipe.rows,
                residual.data() + m * shape.out);
}

/// Columns are padded with zeros.
void Trial::layOutActivations() {
  int64_t columns = recipe.columns, stride = shape.stride;
  for (int64_t m = 0; m < problem.tokens; ++m) {
    const int8_t *row = problem.q.data() + m * columns;
    sums.push_back(0);
    for (int64_t k = 0; k < stride; ++k) {
      int8_t value = k < columns ? row[k] : 0;
      sums.back() += value;
      plain[m * stride + k] = value;
      if (recipe.strategy == lut::Strategy::Lookup)
        minor[m / 16 * 16 * stride + k / 4 * 64 + m % 16 * 4 + k % 4] = value;
    }
  }
}

template <typename T>
static llvm::ArrayRef<uint8_t> bytesOf(const std::vector<T> &values) {
  return {reinterpret_cast<const uint8_t *>(values.data()),
          values.size() * sizeof(T)};
}

void Trial::check(Machine &machine, size_t kernel, int64_t rows,
                  bool tokenMinor, bool inPlace) const {
  SCOPED_TRACE(testing::Message()
               << (kernel % 2 ? "twin, " : "") << rows << " tokens"
               << (inPlace ? ", in place" : ""));
  Machine::Contents contents;
  contents[Weights] = bytesOf(weights);
  contents[Activations] = bytesOf(tokenMinor ? minor : plain);
  contents[Sums] = bytesOf(sums);
  contents[Scales] = bytesOf(problem.scales);
  if (recipe.residual)
    contents[inPlace ? Out : Residual] = bytesOf(residual);

  Job job = {};
  job.kernel = kernel;
  job.rows = rows;
  job.blocks = lut::getBlocks(recipe.rows);
  job.tileBlocks = recipe.blocks;
  job.panelBlocks = shape.panelBlocks;
  job.panelBytes = shape.panelBytes;
  job.alpha = problem.alpha;
  job.inPlace = inPlace;
  job.guardFirst = rows % 2;
  for (int buffer : {Weights, Activations, Residual})
    job.bytes[buffer] = contents[buffer].size();
  job.bytes[Sums] = job.bytes[Scales] = shape.paddedTokens * 4;
  job.bytes[Out] = bytesOf(residual).size();
  job.bytes[Scratch] = shape.scratchBytes;

  if (auto out = machine.run(job, contents))
    compare(*out, rows);
  else
    ADD_FAILURE() << toString(out.takeError());
}

void Trial::compare(llvm::ArrayRef<float> out, int64_t rows) const {
  for (int64_t m = 0; m < rows; ++m) {
    const float *found = out.data() + m * shape.out;
    const float *wanted = expected.data() + m * recipe.rows;
    if (memcmp(found, wanted, recipe.rows * 4) == 0)
      continue;
    int64_t r = std::mismatch(found, found + recipe.rows, wanted).first - found;
    ADD_FAILURE() << "token " << m << ", row " << r << ": found " << found[r]
                  << ", expected " << wanted[r];
    return;
  }
}

} // namespace setun::codegen
