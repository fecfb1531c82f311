//===- Lld.h - lld inside this process --------------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_CODEGEN_LINK_LLD_H
#define SETUN_CODEGEN_LINK_LLD_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

#include <memory>

namespace setun::codegen {

/// One input of the linker: an object file or a linker script (`flag` "-T").
struct LldFile {
  llvm::StringRef name; ///< as errors show it
  llvm::StringRef flag;
  llvm::StringRef bytes;
};

/// Links `files` into a static executable and returns its bytes. lld reads and
/// writes files only: they are made beside `path` and removed again.
///
/// A trap: lld sets every cl::opt of this process back to its default. Copy
/// what is needed out of options before this call.
llvm::Expected<std::unique_ptr<llvm::WritableMemoryBuffer>>
runLld(llvm::ArrayRef<LldFile> files, llvm::ArrayRef<const char *> flags,
       llvm::StringRef path);

} // namespace setun::codegen

#endif // SETUN_CODEGEN_LINK_LLD_H
