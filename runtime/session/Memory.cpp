//===- Memory.cpp - Memory from the kernel --------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/session/Memory.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

namespace setun::runtime {

Memory::~Memory() {
  if (start)
    munmap(start, size);
}

void wishForHugePages(const void *start, size_t size) {
  madvise(const_cast<void *>(start), size, MADV_HUGEPAGE);
}

Failure Memory::allocate(uint64_t bytes, const char *purpose, Pages pages) {
  if (start)
    munmap(start, size);
  size = bytes ? bytes : 1;
  start = mmap(nullptr, size, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (start == MAP_FAILED) {
    start = nullptr;
    return format("no memory for %s (%s): %s", purpose,
                  binarySize(bytes).c_str(), strerror(errno));
  }
  // A wish: it may not be granted.
  madvise(start, size, pages == Pages::Huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
  return {};
}

} // namespace setun::runtime
