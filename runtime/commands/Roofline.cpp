//===- Roofline.cpp - How fast the weights can be read at all -------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/commands/Roofline.h"
#include "runtime/support/Clock.h"

#include <algorithm>
#include <span>

namespace setun::runtime {

namespace {
/// A register of the plainest level of each ISA; `aligned(1)`, since the bytes
/// may begin anywhere.
using Lane [[gnu::vector_size(16), gnu::aligned(1)]] = uint64_t;
} // namespace

// As many sums as registers hold without spilling: two cache lines a turn.
constexpr size_t kLanes = 8;

// One contiguous stream a worker, as the kernels read. Big chunks are claimed,
// so that a worker that lost its CPU does not hold up the others.
constexpr size_t kChunkBytes = 1 << 20;
// A shared machine has moments of half and of twice the bandwidth: the median.
constexpr int kRounds = 7;

static uint64_t sum(std::span<const uint8_t> bytes) {
  Lane totals[kLanes] = {}, total = {};
  auto *lane = reinterpret_cast<const Lane *>(bytes.data());
  for (size_t turn = bytes.size() / sizeof totals; turn; --turn, lane += kLanes)
#pragma GCC unroll 8
    for (size_t i = 0; i < kLanes; ++i)
      totals[i] += lane[i];
  for (Lane each : totals)
    total += each;
  return total[0] + total[1];
}

static uint64_t readOnce(WorkerPool &workers, std::span<const uint8_t> bytes) {
  std::atomic<size_t> next = 0;
  std::atomic<uint64_t> result = 0; // keeps the compiler from dropping the loop
  workers.run([&](uint64_t) {
    size_t begin;
    while ((begin = next.fetch_add(kChunkBytes)) < bytes.size())
      result += sum(
          bytes.subspan(begin, std::min(kChunkBytes, bytes.size() - begin)));
  });
  return result;
}

double readBandwidth(WorkerPool &workers, const abi::Model &model) {
  std::span bytes(model.weights, model.weightsBytes);
  uint64_t checksum = readOnce(workers, bytes), times[kRounds];
  for (uint64_t &time : times) {
    uint64_t begin = nanoseconds();
    if (readOnce(workers, bytes) != checksum)
      return 0;
    time = nanoseconds() - begin;
  }
  std::nth_element(times, times + kRounds / 2, times + kRounds);
  return bytes.size() * 1e9 / times[kRounds / 2];
}

} // namespace setun::runtime
