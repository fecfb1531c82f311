//===- Pages.cpp ----------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/safetensors/Pages.h"

#include "llvm/Support/MathExtras.h"
#include "llvm/Support/Process.h"

#include <sys/mman.h>

using namespace llvm;

namespace setun::frontends {

void releasePages(const MemoryBuffer &file, uint64_t offset, uint64_t bytes) {
  if (file.getBufferKind() != MemoryBuffer::MemoryBuffer_MMap || bytes == 0)
    return;
  // Whole pages may go, neighbours' bytes included: nobody wrote to them.
  uint64_t begin = reinterpret_cast<uintptr_t>(file.getBufferStart()) + offset;
  uint64_t aligned = alignDown(begin, sys::Process::getPageSizeEstimate());
  madvise(reinterpret_cast<void *>(aligned), begin + bytes - aligned,
          MADV_DONTNEED);
}

} // namespace setun::frontends
