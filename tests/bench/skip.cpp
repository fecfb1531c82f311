//===- skip.cpp - Times kernels that skip beside those that do not --------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Out of cache: every product reads another copy. Workers claim tiles and wait
// for each other after each product, as in a step. What kernels write is not
// looked at: tests compare it with a scalar loop.
//
//===----------------------------------------------------------------------===//

#include "runtime/abi/Step.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <thread>
#include <type_traits>
#include <vector>

// UP_TILE, DOWN_TILE (blocks that a worker claims of the dense kernels) and
// UP_GROUPS, DOWN_GROUPS (their groups of 64 bytes a block) come from skip.py.
enum { kUp = 6912, kDown = 2560, kCopies = 64, kMost = 6912 + 512 };

using Kernel = std::remove_pointer_t<setun::abi::KernelFunction>;
extern "C" Kernel up, down, upSkip, downSkip;

namespace {

uint32_t random(uint32_t below) {
  static uint64_t state = 1;
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (state >> 33) % below;
}

/// A matrix in one packing, many times over.
struct Matrix {
  explicit Matrix(size_t bytes) : bytes((bytes + 4095) & ~size_t(4095)) {
    size_t all = this->bytes * kCopies;
    data = static_cast<uint8_t *>(mmap(nullptr, all, PROT_READ | PROT_WRITE,
                                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    madvise(data, all, MADV_HUGEPAGE);
    for (size_t i = 0; i < bytes; ++i)
      data[i] = random(81);
    for (int i = 1; i < kCopies; ++i)
      memcpy(data + i * this->bytes, data, this->bytes);
  }
  const uint8_t *copy(int i) const { return data + i % kCopies * bytes; }
  uint8_t *data;
  size_t bytes;
};

/// What one product reads beside weights, some of it zero.
struct Input {
  alignas(64) int8_t q[kMost] = {};
  alignas(64) float gate[kMost] = {};
};

alignas(64) float out[kMost];
alignas(64) uint8_t scratch[2][1 << 18];
std::atomic<int> claims[kCopies], arrived;

struct Product {
  Kernel *kernel;
  const Matrix &matrix;
  int blocks, tile, blockBytes;
  bool gated;

  void run(const Input &in, int copy, int worker) const {
    const int32_t sum = 0;
    const float scale = 12.5f;
    for (int first; (first = claims[copy]++ * tile) < blocks;)
      kernel(matrix.copy(copy) + size_t(first) * blockBytes, in.q, &sum, &scale,
             0.75f, gated ? in.gate + 16 * first : nullptr, out + 16 * first,
             scratch[worker], 1, std::min(tile, blocks - first));
  }
};

void wait(int target) {
  ++arrived;
  while (arrived < target)
    __builtin_ia32_pause();
}

/// Microseconds a product: the median of all, since others use the machine too.
double time(const Product &product, const std::vector<Input> &inputs,
            int threads) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> spent;
  for (int repeat = 0; repeat < 4; ++repeat) {
    for (std::atomic<int> &claim : claims)
      claim = 0;
    arrived = 0;
    auto work = [&](int worker) {
      wait(threads);
      for (int copy = 0; copy < kCopies; ++copy) {
        auto start = Clock::now();
        product.run(inputs[(copy + repeat) % inputs.size()], copy, worker);
        wait(threads * (copy + 2));
        std::chrono::duration<double, std::micro> once = Clock::now() - start;
        if (worker == 0)
          spent.push_back(once.count());
      }
    };
    std::vector<std::thread> others;
    for (int worker = 1; worker < threads; ++worker)
      others.emplace_back(work, worker);
    work(0);
    for (std::thread &other : others)
      other.join();
  }
  std::nth_element(spent.begin(), spent.begin() + spent.size() / 2,
                   spent.end());
  return spent[spent.size() / 2];
}

std::vector<Input> makeInputs(uint32_t zeros) {
  std::vector<Input> inputs(7);
  for (Input &input : inputs)
    for (int i = 0; i < kUp; ++i) {
      bool zero = random(100) < zeros;
      input.q[i] = zero ? 0 : 1 + random(127);
      input.gate[i] = zero ? -1.0f : 1.0f;
    }
  return inputs;
}

} // namespace

int main() {
  Matrix upBlocks(kUp / 16 * UP_GROUPS * 64);
  Matrix downBlocks(kDown / 16 * DOWN_GROUPS * 64);
  Matrix rows(kUp * 640), columns(kUp * 640);
  for (uint32_t zeros : {0, 30, 40, 50, 55, 60, 65, 70, 80, 90, 95}) {
    std::vector<Input> inputs = makeInputs(zeros);
    printf("| %u %% |", zeros);
    for (int threads : {1, 2}) {
      int share = (kDown / 256 + threads - 1) / threads * 16;
      Product dense[] = {
          {up, upBlocks, kUp / 16, UP_TILE, UP_GROUPS * 64, false},
          {down, downBlocks, kDown / 16, DOWN_TILE, DOWN_GROUPS * 64, true}};
      Product skips[] = {{upSkip, rows, kUp / 16, UP_TILE, 16 * 640, true},
                         {downSkip, columns, kDown / 16, share, 4, true}};
      for (int i = 0; i < 2; ++i) {
        double all = time(dense[i], inputs, threads);
        double some = time(skips[i], inputs, threads);
        printf(" %.0f | %.0f | %.2f |", all, some, all / some);
        fflush(stdout);
      }
    }
    printf("\n");
  }
  return 0;
}
