//===- Safetensors.h - The header of one safetensors file -------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A file is: u64 little-endian length n, n bytes of JSON, payload. The JSON
// maps a tensor's name to its dtype, shape and byte range in the payload.
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_FRONTENDS_SAFETENSORS_SAFETENSORS_H
#define SETUN_FRONTENDS_SAFETENSORS_SAFETENSORS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace setun::frontends {

enum class DType : uint8_t {
  Bool,
  U8,
  I8,
  F8E4M3,
  F8E5M2,
  F8E8M0,
  I16,
  U16,
  F16,
  BF16,
  I32,
  U32,
  F32,
  I64,
  U64,
  F64,
};

/// As the file writes it, e.g. "BF16".
llvm::StringRef dtypeName(DType dtype);
std::optional<DType> parseDType(llvm::StringRef name);
unsigned dtypeBytes(DType dtype);

struct TensorInfo {
  std::string name;
  DType dtype;
  llvm::SmallVector<int64_t, 2> shape;
  unsigned file;   ///< index of the file in its checkpoint
  uint64_t offset; ///< from the start of the file, of any alignment
  uint64_t bytes;  ///< product of the shape × size of the dtype
};

/// "[264, 700]" and "BF16 [264, 700]", for diagnostics.
std::string describe(llvm::ArrayRef<int64_t> shape);
std::string describe(const TensorInfo &tensor);

/// Reads the header of the file whose bytes are `contents`; `origin` names it
/// in errors. As strict as the format's own parser: the tensors lie side by
/// side and fill the payload, every range has the bytes its shape asks for, no
/// name comes twice. Lists all tensors that are wrong.
llvm::Expected<std::vector<TensorInfo>>
readSafetensors(llvm::StringRef contents, llvm::StringRef origin,
                unsigned file = 0);

} // namespace setun::frontends

#endif // SETUN_FRONTENDS_SAFETENSORS_SAFETENSORS_H
