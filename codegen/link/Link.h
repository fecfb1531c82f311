//===- Link.h - From objects and weights to one executable ------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_CODEGEN_LINK_LINK_H
#define SETUN_CODEGEN_LINK_LINK_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Triple.h"

#include <cstdint>
#include <functional>

namespace setun::codegen {

struct LinkInput {
  llvm::StringRef modelObject;   ///< the generated code and `setun_model`
  llvm::StringRef runtimeObject; ///< see RuntimeObjects.h; has `_start`, .bss
  llvm::Triple triple;           ///< of both objects: ELF, 64 bit
  uint64_t weightsBytes = 0;     ///< what `setun_weights` points at

  /// Called once, writes exactly weightsBytes bytes in order. It may seek
  /// forward over bytes that are to be zero. Memory stays at one piece. Given
  /// is the checksum of the code beside.
  std::function<llvm::Error(llvm::raw_fd_ostream &, uint64_t code)>
      writeWeights;
};

/// Writes a static, non-PIE executable whose weights are a read-only segment
/// mapped from its own file, page aligned (64 KiB; 2 MiB above 64 MiB). The
/// bytes depend on the input alone. The objects reach the weights through
/// 64-bit absolute relocations against `setun_weights`, nothing shorter.
///
/// All files are made beside `path` and the result is renamed to it at the end:
/// on an error or a signal nothing is left behind and an older file stays.
/// Not reentrant, and resets the caller's cl::opt values: see runLld.
llvm::Error linkExecutable(const LinkInput &input, llvm::StringRef path);

} // namespace setun::codegen

#endif // SETUN_CODEGEN_LINK_LINK_H
