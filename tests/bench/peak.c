//===- peak.c - int8 multiply-adds a second of this machine ---------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// peak THREADS: what `vpdpbusd` of 512 bits does at most, 10⁹ a second, the
// median of eleven runs of 20 ms, each thread on a core of its own.
//
//===----------------------------------------------------------------------===//

#define _GNU_SOURCE
#include <immintrin.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { kSums = 12, kRuns = 11, kMacs = 64, kMaxThreads = 64 };
static const long kSteps = 400000;

static void *work(void *unused) {
  __m512i sums[kSums], x = _mm512_set1_epi8(1);
  for (int i = 0; i < kSums; ++i)
    sums[i] = _mm512_setzero_si512();
  for (long step = 0; step < kSteps; ++step)
#pragma GCC unroll 12
    for (int i = 0; i < kSums; ++i)
      __asm__ volatile("vpdpbusd %1, %1, %0" : "+v"(sums[i]) : "v"(x));
  return unused;
}

/// The scheduler takes longer than a run to spread new threads.
static int start(pthread_t *thread, int core) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(core, &one);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setaffinity_np(&attributes, sizeof one, &one);
  return pthread_create(thread, &attributes, work, NULL);
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + 1e-9 * now.tv_nsec;
}

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  const int threads = argc > 1 ? atoi(argv[1]) : 1;
  cpu_set_t allowed;
  sched_getaffinity(0, sizeof allowed, &allowed);
  if (threads < 1 || threads > kMaxThreads || threads > CPU_COUNT(&allowed))
    return 2;
  int cores[kMaxThreads], count = 0;
  for (int core = 0; count < threads; ++core)
    if (CPU_ISSET(core, &allowed))
      cores[count++] = core;
  cpu_set_t own;
  CPU_ZERO(&own);
  CPU_SET(cores[0], &own);
  sched_setaffinity(0, sizeof own, &own);
  double rates[kRuns];
  for (int run = 0; run < kRuns; ++run) {
    pthread_t others[kMaxThreads];
    const double begin = seconds();
    for (int i = 1; i < threads; ++i)
      if (start(&others[i], cores[i]))
        return 1;
    work(NULL);
    for (int i = 1; i < threads; ++i)
      pthread_join(others[i], NULL);
    rates[run] =
        (double)threads * kSteps * kSums * kMacs / (seconds() - begin) * 1e-9;
  }
  qsort(rates, kRuns, sizeof *rates, compare);
  printf("%.1f\n", rates[kRuns / 2]);
}
