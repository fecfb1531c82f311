//===- Memory.h - Memory from the kernel ------------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_SESSION_MEMORY_H
#define SETUN_RUNTIME_SESSION_MEMORY_H

#include "runtime/support/Text.h"

#include <stddef.h>

namespace setun::runtime {

/// Huge pages (2 MiB) take fewer misses in the TLB, but their first touched
/// byte costs all of them: for memory that is used from end to end.
enum class Pages { Small, Huge };

/// What of the executable is not in memory yet is read in huge pages, where the
/// file system can. `start` is page-aligned.
void wishForHugePages(const void *start, size_t size);

/// Page-aligned zeros; a page costs memory only when it is first written.
class Memory {
public:
  Memory() = default;
  ~Memory();
  Memory(const Memory &) = delete;
  Memory &operator=(const Memory &) = delete;

  /// Replaces what was held. `purpose` stands in the failure's text.
  Failure allocate(uint64_t bytes, const char *purpose, Pages pages);

  template <typename T> T *as() const { return static_cast<T *>(start); }

private:
  void *start = nullptr;
  size_t size = 0;
};

} // namespace setun::runtime

#endif // SETUN_RUNTIME_SESSION_MEMORY_H
