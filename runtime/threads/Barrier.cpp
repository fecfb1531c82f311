//===- Barrier.cpp - Where the workers of a step meet ---------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/threads/Barrier.h"
#include "runtime/abi/Step.h"
#include "runtime/threads/Cpus.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace setun::runtime {

// A pause is 10 to 40 ns: about 20 to 80 µs of spinning, the length of the
// stages between two barriers of a decode step.
constexpr uint32_t kSpins = 2000;
// With more workers than CPUs the one we wait for may need our CPU.
constexpr uint32_t kCrowdedSpins = 20;

// Who counts wakes nobody: a sleeper looks again after 50 µs, which is short
// beside the milliseconds that the one we wait for is without a CPU.
constexpr timespec kNap = {0, 50000};

// `yield` is one cycle on cores without hardware threads, `isb` empties the
// pipeline and takes as long as x86's pause.
static void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb" ::: "memory");
#elif defined(__riscv)
  asm volatile(".insn i 0x0f, 0, x0, x0, 0x010"); // pause: at least a nop
#endif
}

static void futex(std::atomic<uint32_t> &word, int operation, uint32_t value) {
  syscall(SYS_futex, &word, operation | FUTEX_PRIVATE_FLAG, value, nullptr,
          nullptr, 0);
}

Barrier::Barrier(uint32_t workers)
    : workers(workers), spins(workers > cpuCount() ? kCrowdedSpins : kSpins) {}

void Barrier::wait() {
  uint32_t current = round.load(std::memory_order_relaxed);
  if (arrived.fetch_add(1, std::memory_order_acq_rel) + 1 == workers) {
    arrived.store(0, std::memory_order_relaxed);
    // Sequentially consistent with the sleepers: either we see a sleeper here
    // or the kernel sees the new round and does not let it sleep.
    round.store(current + 1);
    if (sleepers.load())
      futex(round, FUTEX_WAKE, INT32_MAX);
    return;
  }
  for (uint32_t spin = 0; spin < spins; ++spin) {
    if (round.load(std::memory_order_acquire) != current)
      return;
    pause();
  }
  sleepers.fetch_add(1);
  while (round.load() == current)
    futex(round, FUTEX_WAIT, current);
  sleepers.fetch_sub(1, std::memory_order_relaxed);
}

void Barrier::await(const uint32_t &counter, uint32_t count) const {
  for (uint32_t spin = 0; __atomic_load_n(&counter, __ATOMIC_ACQUIRE) < count;
       ++spin) {
    if (spin < spins)
      pause();
    else
      nanosleep(&kNap, nullptr);
  }
}

} // namespace setun::runtime

extern "C" void setun_barrier(void *barrier) {
  static_cast<setun::runtime::Barrier *>(barrier)->wait();
}

extern "C" void setun_await(void *barrier, const setun::abi::Claim *counter,
                            uint64_t count) {
  static_cast<const setun::runtime::Barrier *>(barrier)->await(
      counter->next[0], static_cast<uint32_t>(count));
}
