//===- Summary.h - What compile -v tells at the end -------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_COMPILER_SUMMARY_H
#define SETUN_COMPILER_SUMMARY_H

#include "frontends/safetensors/WeightReader.h"

#include "llvm/Support/raw_ostream.h"

#include <atomic>
#include <map>

namespace setun::compiler {

/// What stages fold together.
struct OperationCounts {
  explicit OperationCounts(mlir::ModuleOp module);
  /// "332 tensors, 120 quantizers instead of 210".
  std::string describe(const OperationCounts &before) const;

  unsigned tensors = 0, quantizers = 0, matmuls = 0, fused = 0;
};

/// Trits that pass by, of any number of threads.
class ZeroCounts {
public:
  explicit ZeroCounts(mlir::ModuleOp module);
  void add(tern::WeightOp weight, llvm::ArrayRef<int8_t> trits);
  /// Fraction of all; by each tensor's own, however often it was read.
  double getFraction() const;

private:
  struct Count {
    std::atomic<uint64_t> zeros = 0, trits = 0;
  };
  std::map<mlir::Operation *, Count> counts;
};

/// Bytes and bits per weight of each section, zeros, and where trits came from.
void printSummary(mlir::ModuleOp module, uint64_t tokenizerBytes,
                  const ZeroCounts &zeros, frontends::WeightReader &reader,
                  llvm::raw_ostream &out);

/// Where a ternary weight's trits came from: "packed", "trits" that were stored
/// as floats, "scaled" floats that were recovered with their scales, or
/// "masters" that were quantized.
llvm::StringRef getOrigin(tern::WeightOp weight);

} // namespace setun::compiler

#endif // SETUN_COMPILER_SUMMARY_H
