//===- WorkerPool.h - The threads that run a step ---------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_THREADS_WORKERPOOL_H
#define SETUN_RUNTIME_THREADS_WORKERPOOL_H

#include "runtime/support/Text.h"
#include "runtime/threads/Barrier.h"

#include <memory>
#include <pthread.h>
#include <vector>

namespace setun::runtime {

inline constexpr uint32_t kMaxWorkers = 512;

/// A fixed team. Worker 0 is the thread that calls `run`; the others wait in
/// the barrier between two calls.
class WorkerPool {
public:
  /// Starts `workers` - 1 threads; null, with the reason, when that fails.
  static std::unique_ptr<WorkerPool> create(uint32_t workers, Failure &failure);
  ~WorkerPool();
  WorkerPool(const WorkerPool &) = delete;

  /// Every worker calls body(worker) once; returns when all have returned.
  /// The body may meet the others in `barrier()`.
  template <typename Body> void run(const Body &body) {
    start([](const void *b, uint64_t w) { (*static_cast<const Body *>(b))(w); },
          &body);
  }

  uint32_t size() const { return workers; }
  Barrier &barrier() { return meeting; }

private:
  using Job = void (*)(const void *body, uint64_t worker);

  explicit WorkerPool(uint32_t workers) : workers(workers), meeting(workers) {}
  void start(Job job, const void *body);
  int addThread(uint32_t worker);
  static void *work(void *self);

  struct Thread {
    WorkerPool *pool;
    uint32_t worker;
    pthread_t handle;
  };

  uint32_t workers;
  Barrier meeting;
  Job job = nullptr; ///< null when woken: time to go
  const void *body = nullptr;
  std::vector<Thread> threads;
};

} // namespace setun::runtime

#endif // SETUN_RUNTIME_THREADS_WORKERPOOL_H
