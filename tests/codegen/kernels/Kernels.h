//===- Kernels.h - Matmul kernels, compiled for a test ----------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_TESTS_CODEGEN_KERNELS_KERNELS_H
#define SETUN_TESTS_CODEGEN_KERNELS_KERNELS_H

#include "dialects/lut/Lut.h"
#include "tests/codegen/Jit.h"
#include "tests/codegen/kernels/Matrix.h"

#include <optional>

namespace setun::codegen {

/// A CPU in LLVM's words, and what is said of it beyond its own facts.
struct Cpu {
  const char *name, *features;
  std::optional<lut::Dot> dot = std::nullopt;
  std::optional<unsigned> permuteBytes = std::nullopt;
};

/// Whether this machine runs code for `cpu`.
bool hostRuns(const Cpu &cpu);

/// A kernel to be made; `maxTokens` is the row count of its batch class.
struct Recipe {
  lut::Strategy strategy;
  int64_t rows, columns;
  int64_t maxTokens, blocks, unroll, tokens;
  bool residual;
};

/// A recipe's kernel. All buffers hold `paddedTokens` rows of activations of
/// `stride` values, of outputs of `out`.
struct Shape {
  int64_t stride, out, paddedTokens, blockBytes, scratchBytes;
};

/// `k0`, `k1`, … and their twins, `k0_portable`, …
struct Kernels {
  Jit jit;
  std::vector<Shape> shapes;
};

/// Runs the recipes through the lower stage's passes into machine code.
/// `packing`: i2 or b3.
Kernels compile(const Cpu &cpu, llvm::StringRef packing,
                llvm::ArrayRef<Recipe> recipes);

/// A buffer of floats or bytes, garbage at first. What lies behind it kills
/// who touches it; what lies before it is checked.
class Guarded {
public:
  explicit Guarded(size_t bytes);
  Guarded(const Guarded &) = delete;
  ~Guarded();

  template <typename T> T *get() { return reinterpret_cast<T *>(data); }
  size_t size() const { return bytes; }
  /// From now on, writing kills too.
  void seal();
  /// Whether nobody wrote before the buffer.
  bool isIntact() const;

private:
  uint8_t *base, *data;
  size_t bytes, whole; // of the buffer; of its pages
};

} // namespace setun::codegen

#endif // SETUN_TESTS_CODEGEN_KERNELS_KERNELS_H
