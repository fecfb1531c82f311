//===- Weights.h - From stored weights to the segment -----------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_CODEGEN_LINK_WEIGHTS_H
#define SETUN_CODEGEN_LINK_WEIGHTS_H

#include "dialects/tern/Tern.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <string>
#include <vector>

namespace setun::codegen {

/// Reads the values of weights, whatever file they lie in.
class WeightSource {
public:
  virtual ~WeightSource() = default;
  /// Rows [first, first + count) as −1, 0, 1 → `out` [count][columns].
  virtual void readTrits(tern::WeightOp weight, int64_t first, int64_t count,
                         int8_t *out) = 0;
  /// The stored bytes of a dense weight: rows side by side.
  virtual llvm::StringRef getBytes(tern::WeightOp weight) = 0;
  /// Values [first, first + count) of a dense weight as f32.
  virtual void readFloats(tern::WeightOp weight, int64_t first, int64_t count,
                          float *out) = 0;
  /// The weight will not be asked for again.
  virtual void release(tern::WeightOp weight) = 0;
};

/// Whether a lowered module, which a user may have edited, says where every
/// weight lies: offsets ascend and nothing overlaps.
llvm::Error checkLayout(mlir::ModuleOp module);

/// Bytes of the segment: the weights, then the tokenizer on a page of its own.
uint64_t getSegmentBytes(mlir::ModuleOp module, uint64_t tokenizerBytes);
/// Where the tokenizer lies in the segment.
uint64_t getTokenizerOffset(mlir::ModuleOp module);

/// What a word for a packing stands for in the segment of a lowered module.
struct SectionSize {
  std::string name; ///< see abi::Section
  uint64_t bytes = 0, weights = 0;
  bool copy = false; ///< of weights that another section holds
};
std::vector<SectionSize> getSections(mlir::ModuleOp module,
                                     uint64_t tokenizerBytes);

/// Packs every weight of a lowered module and writes the segment in order,
/// a few thousand rows at a time, with the numbers of runtime/abi/Checks.h at
/// its end, of which the first is `code`.
llvm::Error writeWeights(mlir::ModuleOp module, WeightSource &source,
                         llvm::ArrayRef<char> tokenizer, uint64_t code,
                         llvm::raw_ostream &out);

} // namespace setun::codegen

#endif // SETUN_CODEGEN_LINK_WEIGHTS_H
