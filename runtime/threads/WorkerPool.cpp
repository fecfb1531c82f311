//===- WorkerPool.cpp - The threads that run a step -----------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/threads/WorkerPool.h"

#include <string.h>

namespace setun::runtime {

// Generated stages keep their buffers in the arena; this is for their frames.
// musl would give 128 KiB.
constexpr size_t kStackBytes = 4 << 20;

std::unique_ptr<WorkerPool> WorkerPool::create(uint32_t workers,
                                               Failure &failure) {
  std::unique_ptr<WorkerPool> pool(new WorkerPool(workers));
  pool->threads.reserve(workers - 1);
  for (uint32_t worker = 1; worker < workers; ++worker) {
    if (int error = pool->addThread(worker)) {
      failure = format("cannot start thread %u of %u: %s", worker + 1, workers,
                       strerror(error));
      pool.release(); // its threads still use it; the process is about to end
      return nullptr;
    }
  }
  return pool;
}

WorkerPool::~WorkerPool() {
  job = nullptr;
  meeting.wait();
  for (Thread &thread : threads)
    pthread_join(thread.handle, nullptr);
}

void WorkerPool::start(Job newJob, const void *newBody) {
  job = newJob;
  body = newBody;
  meeting.wait();
  job(body, 0);
  meeting.wait();
}

int WorkerPool::addThread(uint32_t worker) {
  Thread &thread = threads.emplace_back(Thread{this, worker, {}});
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  int error = pthread_create(&thread.handle, &attributes, work, &thread);
  pthread_attr_destroy(&attributes);
  return error;
}

void *WorkerPool::work(void *self) {
  WorkerPool *pool = static_cast<Thread *>(self)->pool;
  uint32_t worker = static_cast<Thread *>(self)->worker;
  while (true) {
    pool->meeting.wait();
    Job job = pool->job;
    if (!job)
      return nullptr;
    job(pool->body, worker);
    pool->meeting.wait();
  }
}

} // namespace setun::runtime
