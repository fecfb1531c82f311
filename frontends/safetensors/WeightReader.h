//===- WeightReader.h - Values of a module's weights ------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_FRONTENDS_SAFETENSORS_WEIGHTREADER_H
#define SETUN_FRONTENDS_SAFETENSORS_WEIGHTREADER_H

#include "dialects/tern/Tern.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

#include <memory>
#include <vector>

namespace setun::frontends {

/// Maps the files that a module names and decodes the bytes that its weights
/// point at. The module may have been edited or the files may have changed
/// since the import: `open` checks every source, and every value in its file.
class WeightReader {
public:
  static llvm::Expected<WeightReader> open(mlir::ModuleOp module);

  void readTrits(tern::WeightOp weight, int64_t first, int64_t count,
                 int8_t *out);
  void readFloats(tern::WeightOp weight, int64_t first, int64_t count,
                  float *out);
  llvm::StringRef getBytes(tern::WeightOp weight);
  /// Of a weight that was quantized here: see Rows.h. 0 of others.
  uint64_t countNearTies(tern::WeightOp weight);
  /// Lets go of the pages of the weight's file.
  void release(tern::WeightOp weight);

private:
  llvm::Error checkValues(tern::WeightOp weight);

  std::vector<std::unique_ptr<llvm::MemoryBuffer>> files;
};

} // namespace setun::frontends

#endif // SETUN_FRONTENDS_SAFETENSORS_WEIGHTREADER_H
