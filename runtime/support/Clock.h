//===- Clock.h - Measuring time ---------------------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_SUPPORT_CLOCK_H
#define SETUN_RUNTIME_SUPPORT_CLOCK_H

#include <stdint.h>
#include <time.h>

namespace setun::runtime {

/// Nanoseconds since some moment in the past.
inline uint64_t nanoseconds() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000ull + now.tv_nsec;
}

} // namespace setun::runtime

#endif // SETUN_RUNTIME_SUPPORT_CLOCK_H
