//===- Pages.h - Giving back the memory of a mapped file --------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_FRONTENDS_SAFETENSORS_PAGES_H
#define SETUN_FRONTENDS_SAFETENSORS_PAGES_H

#include "llvm/Support/MemoryBuffer.h"

#include <cstdint>

namespace setun::frontends {

/// Lets go of the pages that hold bytes [offset, offset + bytes) of a mapped
/// file; they come again when touched. Does nothing to a buffer that was read
/// instead of mapped. (MemoryBuffer::dontNeedIfMmap calls posix_madvise, whose
/// POSIX_MADV_DONTNEED glibc ignores.)
void releasePages(const llvm::MemoryBuffer &file, uint64_t offset,
                  uint64_t bytes);

} // namespace setun::frontends

#endif // SETUN_FRONTENDS_SAFETENSORS_PAGES_H
