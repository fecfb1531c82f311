//===- BatchClass.h - Steps by the tokens they take -------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_PASSES_BATCHCLASS_H
#define SETUN_PASSES_BATCHCLASS_H

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringRef.h"

#include <optional>

namespace setun::passes {

/// One token, a few, many: in the order of `lut.tiles`.
enum class BatchClass { Decode, Small, Prefill };

inline constexpr BatchClass kBatchClasses[] = {
    BatchClass::Decode, BatchClass::Small, BatchClass::Prefill};

/// The word for it in IR, flags, files and traces.
inline llvm::StringRef stringifyBatchClass(BatchClass batchClass) {
  static constexpr llvm::StringLiteral words[] = {"decode", "small", "prefill"};
  return words[static_cast<unsigned>(batchClass)];
}

inline std::optional<BatchClass> symbolizeBatchClass(llvm::StringRef word) {
  for (BatchClass each : kBatchClasses)
    if (stringifyBatchClass(each) == word)
      return each;
  return std::nullopt;
}

} // namespace setun::passes

#endif // SETUN_PASSES_BATCHCLASS_H
