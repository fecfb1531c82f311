//===- Roofline.cpp - How fast the weights can be read at all -------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/commands/Roofline.h"
#include "runtime/support/Clock.h"

#include <algorithm>

namespace setun::runtime {

namespace {
/// Four cache lines; `aligned(1)`, since the bytes may begin anywhere.
using Block [[gnu::vector_size(256), gnu::aligned(1)]] = uint64_t;
} // namespace

// One contiguous stream a worker, as the kernels read. Big chunks are claimed,
// so that a worker that lost its CPU does not hold up the others.
constexpr size_t kChunkBytes = 1 << 20;

static uint64_t sum(std::span<const uint8_t> bytes) {
  Block total = {};
  auto *block = reinterpret_cast<const Block *>(bytes.data());
  for (size_t i = 0; i < bytes.size() / sizeof(Block); ++i)
    total += block[i];
  uint64_t result = 0;
  for (size_t i = 0; i < sizeof(Block) / sizeof(uint64_t); ++i)
    result += total[i];
  return result;
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

double readBandwidth(WorkerPool &workers, std::span<const uint8_t> bytes,
                     int64_t rounds) {
  uint64_t checksum = readOnce(workers, bytes), best = UINT64_MAX;
  for (int64_t round = 0; round < rounds; ++round) {
    uint64_t begin = nanoseconds();
    if (readOnce(workers, bytes) != checksum)
      return 0;
    best = std::min(best, nanoseconds() - begin);
  }
  return bytes.size() * 1e9 / best;
}

} // namespace setun::runtime
