//===- WorkerPoolTest.cpp - Workers meet, and none is left behind ---------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/threads/WorkerPool.h"
#include "runtime/abi/Step.h"
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

// A pipeline of tiles: each waits for the one before it, of the stage before.
// More workers than CPUs must not stop it, nor wait for each other's turn.
TEST_P(Workers, AwaitWhatOthersFinished) {
  constexpr uint32_t kStages = 20, kTiles = 16;
  uint32_t count = GetParam();
  auto pool = makePool(count);
  struct Stage {
    setun::abi::Claim claimed, finished;
    int values[kTiles];
  };
  std::vector<Stage> stages(kStages);
  for (int round = 1; round <= 10; ++round) {
    for (Stage &stage : stages)
      stage = {};
    pool->run([&](uint64_t) {
      for (uint32_t s = 0; s < kStages; ++s) {
        Stage &stage = stages[s];
        for (uint32_t tile;
             (tile = __atomic_fetch_add(&stage.claimed.next[0], 1,
                                        __ATOMIC_RELAXED)) < kTiles;) {
          if (s)
            setun_await(&pool->barrier(), &stages[s - 1].finished, kTiles);
          stage.values[tile] =
              s ? std::accumulate(stages[s - 1].values,
                                  stages[s - 1].values + kTiles, 0) /
                          int(kTiles) +
                      1
                : round;
          __atomic_fetch_add(&stage.finished.next[0], 1, __ATOMIC_ACQ_REL);
        }
      }
    });
    for (int value : stages.back().values)
      ASSERT_EQ(value, round + int(kStages) - 1);
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

TEST(WorkerPool, AwaitingSleepsInTheEnd) {
  auto pool = makePool(4);
  setun::abi::Claim done = {};
  timespec before, after;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
  pool->run([&](uint64_t worker) {
    if (worker == 2) {
      usleep(300000);
      __atomic_fetch_add(&done.next[0], 1, __ATOMIC_ACQ_REL);
    }
    setun_await(&pool->barrier(), &done, 1);
  });
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
  double seconds =
      after.tv_sec - before.tv_sec + (after.tv_nsec - before.tv_nsec) / 1e9;
  EXPECT_LT(seconds, 0.15);
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
