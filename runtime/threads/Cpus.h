//===- Cpus.h - How many CPUs we may use ------------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_THREADS_CPUS_H
#define SETUN_RUNTIME_THREADS_CPUS_H

#include <stdint.h>

namespace setun::runtime {

/// The CPUs this process may run on (its affinity mask), at least one.
uint32_t cpuCount();

} // namespace setun::runtime

#endif // SETUN_RUNTIME_THREADS_CPUS_H
