//===- Barrier.h - Where the workers of a step meet -------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_THREADS_BARRIER_H
#define SETUN_RUNTIME_THREADS_BARRIER_H

#include <atomic>
#include <stdint.h>

namespace setun::runtime {

/// A barrier for a fixed number of workers, used again and again. A waiter
/// spins for some microseconds, because the others are usually that near, and
/// then sleeps in the kernel, because a worker that lost its CPU to another
/// process is away for milliseconds and may need the very CPU we spin on.
class Barrier {
public:
  explicit Barrier(uint32_t workers);

  /// Returns when all workers have called it. What any of them wrote before is
  /// visible to all of them after.
  void wait();

  /// Returns when `counter`, which workers of this barrier increase, has
  /// reached `count`. What they wrote before increasing it is visible after.
  void await(const uint32_t &counter, uint32_t count) const;

private:
  // Each counter on a line of its own: arriving must not disturb the spinners.
  alignas(64) std::atomic<uint32_t> arrived = 0;
  alignas(64) std::atomic<uint32_t> round = 0;
  alignas(64) std::atomic<uint32_t> sleepers = 0;
  const uint32_t workers;
  const uint32_t spins;
};

} // namespace setun::runtime

#endif // SETUN_RUNTIME_THREADS_BARRIER_H
