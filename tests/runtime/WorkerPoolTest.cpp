//===- WorkerPoolTest.cpp - Workers meet, and none is left behind ---------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/threads/WorkerPool.h"
#include "runtime/threads/Cpus.h"

#include <gtest/gtest.h>
#include <numeric>
#include <sched.h>
#include <unistd.h>

using namespace setun::runtime;

static std::unique_ptr<WorkerPool> makePool(uint32_t workers) {
  Failure failure;
  auto pool = WorkerPool::create(workers, failure);
  EXPECT_TRUE(pool) << failure;
  return pool;
}

class Workers : public testing::TestWithParam<uint32_t> {};

// Plain ints on purpose: the barrier alone must order the accesses (TSan).
TEST_P(Workers, SeeWhatOthersWroteBeforeTheBarrier) {
  uint32_t count = GetParam();
  auto pool = makePool(count);
  std::vector<int> written(count), sums(count);
  for (int round = 1; round <= 200; ++round) {
    pool->run([&](uint64_t worker) {
      written[worker] = round;
      pool->barrier().wait();
      sums[worker] = std::accumulate(written.begin(), written.end(), 0);
      pool->barrier().wait();
      written[worker] = -1;
    });
    for (int sum : sums)
      ASSERT_EQ(sum, round * int(count));
  }
}

INSTANTIATE_TEST_SUITE_P(Counts, Workers, testing::Values(1, 2, 3, 8, 64));

// Whoever waits for a late worker must have gone to sleep: the late one needs
// the CPU.
TEST(WorkerPool, WaitersSleepInTheEnd) {
  auto pool = makePool(4);
  timespec before, after;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
  pool->run([&](uint64_t worker) {
    if (worker == 2)
      usleep(300000);
    pool->barrier().wait();
  });
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
  double seconds =
      after.tv_sec - before.tv_sec + (after.tv_nsec - before.tv_nsec) / 1e9;
  EXPECT_LT(seconds, 0.1);
}

TEST(WorkerPool, EndsWithoutHavingRun) { makePool(5); }

TEST(Cpus, FollowTheAffinityMask) {
  cpu_set_t all, one;
  ASSERT_EQ(sched_getaffinity(0, sizeof all, &all), 0);
  EXPECT_EQ(cpuCount(), uint32_t(CPU_COUNT(&all)));
  CPU_ZERO(&one);
  for (int cpu = 0; cpu < CPU_SETSIZE && !CPU_COUNT(&one); ++cpu)
    if (CPU_ISSET(cpu, &all))
      CPU_SET(cpu, &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  EXPECT_EQ(cpuCount(), 1u);
  sched_setaffinity(0, sizeof all, &all);
}
