//===- Cpus.cpp - How many CPUs we may use --------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/threads/Cpus.h"

#include <sys/syscall.h>
#include <unistd.h>

namespace setun::runtime {

uint32_t cpuCount() {
  // The system call takes a mask of any size; glibc's and musl's cpu_set_t end
  // at 1024 CPUs.
  unsigned long mask[1 << 10] = {};
  long bytes = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
  uint32_t count = 0;
  for (long word = 0; word < bytes / long(sizeof *mask); ++word)
    count += __builtin_popcountl(mask[word]);
  return count ? count : 1;
}

} // namespace setun::runtime
