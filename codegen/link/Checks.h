//===- Checks.h - What `verify` will compare with ---------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_CODEGEN_LINK_CHECKS_H
#define SETUN_CODEGEN_LINK_CHECKS_H

#include "dialects/tern/Tern.h"

#include "llvm/Support/raw_ostream.h"

#include <cstdint>
#include <vector>

namespace setun::codegen {

/// Passes on what is written, a checksum of every abi::kCheckedBytes kept.
class ChecksumStream final : public llvm::raw_ostream {
public:
  explicit ChecksumStream(llvm::raw_ostream &out);
  ~ChecksumStream() override { flush(); }

  llvm::ArrayRef<uint64_t> getChecksums() const { return checksums; }

private:
  void write_impl(const char *bytes, size_t size) override;
  uint64_t current_pos() const override { return written; }

  llvm::raw_ostream &out;
  uint64_t written = 0;
  std::vector<uint64_t> checksums;
};

/// The known answer of a ternary weight, while its rows pass by.
class KnownAnswer {
public:
  KnownAnswer(int64_t rows, int64_t columns);

  /// Rows from `first` on, [count][columns]. Callable by several threads, for
  /// different rows.
  void add(int64_t first, int64_t count, const int8_t *trits);
  uint64_t getChecksum() const;

private:
  int64_t columns;
  std::vector<int8_t> input;
  std::vector<float> products;
};

/// Where the numbers of runtime/abi/Checks.h begin in the weights segment, and
/// where they end: at its size in the file.
uint64_t getChecksOffset(mlir::ModuleOp module, uint64_t tokenizerBytes);
uint64_t getChecksEnd(mlir::ModuleOp module, uint64_t tokenizerBytes);

/// Weights, and copies of them for skipping, in the order of the segment.
struct TensorPlace {
  tern::WeightOp weight;
  mlir::Attribute packing;
  uint64_t offset, bytes;
};
std::vector<TensorPlace> listTensors(mlir::ModuleOp module);

} // namespace setun::codegen

#endif // SETUN_CODEGEN_LINK_CHECKS_H
