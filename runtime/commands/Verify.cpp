//===- Verify.cpp - Compare every kernel with its portable twin -----------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/commands/Command.h"
#include "runtime/sampler/Random.h"
#include "runtime/session/Memory.h"

#include <algorithm>
#include <stdio.h>
#include <string.h>

// The generated kernels must write what their portable lowering writes, byte
// for byte, on this very CPU. Random activations find wrong lanes; the extreme
// ones find accumulators that wrap; a guard behind each buffer finds writes
// that go too far.

namespace setun::runtime {

namespace {
enum Pattern { Noise, AllMax, AllMin, Alternating, Zero, kPatterns };
enum Residual { None, Separate, InPlace };

constexpr uint64_t kLanes = 16; ///< tokens side by side when token-minor
constexpr size_t kGuardBytes = 4096;
constexpr uint8_t kGuard = 0xa5;

/// Memory with a guard behind it.
class Guarded {
public:
  Failure allocate(uint64_t wanted) {
    bytes = wanted;
    Failure failure =
        memory.allocate(bytes + kGuardBytes, "verify", Pages::Huge);
    if (failure.empty())
      memset(data() + bytes, kGuard, kGuardBytes);
    return failure;
  }
  bool intact() {
    return std::all_of(data() + bytes, data() + bytes + kGuardBytes,
                       [](uint8_t byte) { return byte == kGuard; });
  }
  uint8_t *data() const { return memory.as<uint8_t>(); }
  template <typename T> T *as() const { return memory.as<T>(); }

  uint64_t bytes = 0;

private:
  Memory memory;
};

/// The two kernels of an entry and what they work on.
class Trial {
public:
  Trial(const abi::Model &model, const abi::KernelEntry &entry, uint64_t seed)
      : weights(model.weights + entry.weightOffset), entry(entry),
        random(seed) {}

  Failure allocate();
  /// Empty when both wrote the same.
  Failure compare(uint64_t rows, Pattern pattern, Residual residual);

private:
  int8_t activation(Pattern pattern, uint64_t index);
  void fillInputs(uint64_t rows, Pattern pattern);
  void call(abi::KernelFunction kernel, const Guarded &in, Guarded &out,
            uint64_t rows, Residual residual);
  uint64_t outFloats() const { return entry.maxRows * entry.outputStride; }

  const uint8_t *weights;
  const abi::KernelEntry &entry;
  Random random;
  Guarded q, kernelQ, sums, scales, residual, scratch, fast, portable;
};
} // namespace

Failure Trial::allocate() {
  uint64_t lanes = entry.tokenMinor ? kLanes : 1;
  uint64_t qRows = (entry.maxRows + lanes - 1) / lanes * lanes;
  struct Buffer {
    Guarded &memory;
    uint64_t bytes;
  };
  for (const Buffer &buffer : {
           Buffer{q, entry.maxRows * entry.activations},
           Buffer{kernelQ, qRows * entry.activations},
           Buffer{sums, entry.maxRows * sizeof(int32_t)},
           Buffer{scales, entry.maxRows * sizeof(float)},
           Buffer{residual, outFloats() * sizeof(float)},
           Buffer{scratch, entry.scratchBytes},
           Buffer{fast, outFloats() * sizeof(float)},
           Buffer{portable, outFloats() * sizeof(float)},
       }) {
    Failure failure = buffer.memory.allocate(buffer.bytes);
    if (!failure.empty())
      return failure;
  }
  for (uint64_t i = 0; i < outFloats(); ++i)
    residual.as<float>()[i] = static_cast<float>(random.uniform() * 2 - 1);
  return {};
}

int8_t Trial::activation(Pattern pattern, uint64_t index) {
  switch (pattern) {
  case Noise:
    return static_cast<int8_t>(int64_t(random.below(255)) - 127);
  case AllMax:
    return 127;
  case AllMin:
    return -127;
  case Alternating:
    return index % 2 ? 127 : -127;
  default:
    return 0;
  }
}

/// Activations of `rows` tokens: [m][k] for the twin, and for the kernel the
/// same or [m / 16][k / 4][m % 16][k % 4]. What pads them, in both directions,
/// is zero: a kernel may work on it.
void Trial::fillInputs(uint64_t rows, Pattern pattern) {
  memset(q.data(), 0, q.bytes);
  memset(kernelQ.data(), 0, kernelQ.bytes);
  uint64_t stride = entry.activations, lanes = entry.tokenMinor ? kLanes : 1;
  for (uint64_t m = 0; m < entry.maxRows; ++m) {
    int8_t *row = q.as<int8_t>() + m * stride;
    int8_t *kernelRow =
        kernelQ.as<int8_t>() + m / lanes * lanes * stride + m % lanes * 4;
    int32_t sum = 0;
    for (uint64_t k = 0; m < rows && k < entry.usedActivations; ++k) {
      row[k] = kernelRow[k / 4 * 4 * lanes + k % 4] =
          activation(pattern, k + m);
      sum += row[k];
    }
    sums.as<int32_t>()[m] = sum;
    scales.as<float>()[m] = static_cast<float>(1 + random.uniform() * 100);
  }
}

void Trial::call(abi::KernelFunction kernel, const Guarded &in, Guarded &out,
                 uint64_t rows, Residual mode) {
  // Both outputs begin alike, in place or not.
  memcpy(out.data(), residual.data(), out.bytes);
  memset(scratch.data(), kGuard, scratch.bytes);
  const Guarded *added = mode == InPlace ? &out : &residual;
  kernel(weights, in.as<int8_t>(), sums.as<int32_t>(), scales.as<float>(),
         0.0625f, mode == None ? nullptr : added->as<float>(), out.as<float>(),
         scratch.data(), rows, entry.blocks);
}

Failure Trial::compare(uint64_t rows, Pattern pattern, Residual mode) {
  fillInputs(rows, pattern);
  call(entry.kernel, kernelQ, fast, rows, mode);
  if (!fast.intact() || !scratch.intact())
    return "writes beyond its buffer";
  call(entry.portable, q, portable, rows, mode);
  const float *got = fast.as<float>(), *expected = portable.as<float>();
  for (uint64_t i = 0; i < rows * entry.outputStride; ++i)
    if (memcmp(got + i, expected + i, sizeof(float)))
      return format("row %llu, output %llu: %.9g instead of %.9g",
                    (unsigned long long)(i / entry.outputStride),
                    (unsigned long long)(i % entry.outputStride), got[i],
                    expected[i]);
  return {};
}

/// Every rest of a pass, and the edges of what the kernel takes.
static std::vector<uint64_t> rowCounts(uint64_t maxRows) {
  std::vector<uint64_t> counts = {1, 2, 3,  4,  5,           6,
                                  7, 8, 31, 33, maxRows - 1, maxRows};
  std::erase_if(counts, [&](uint64_t n) { return n == 0 || n > maxRows; });
  std::sort(counts.begin(), counts.end());
  counts.erase(std::unique(counts.begin(), counts.end()), counts.end());
  return counts;
}

static Failure verify(const abi::Model &model, const abi::KernelEntry &entry,
                      uint64_t seed, uint64_t &trials) {
  static const char *patternNames[] = {"random", "all 127", "all -127",
                                       "alternating", "zero"};
  Trial trial(model, entry, seed);
  Failure failure = trial.allocate();
  if (!failure.empty())
    return failure;
  trials = 0;
  for (uint64_t rows : rowCounts(entry.maxRows))
    for (int pattern = 0; pattern < kPatterns; ++pattern, ++trials) {
      Residual residual = !entry.residual ? None
                          : trials % 2    ? Separate
                                          : InPlace;
      failure = trial.compare(rows, static_cast<Pattern>(pattern), residual);
      if (!failure.empty())
        return format("%s activations, %llu rows: %s", patternNames[pattern],
                      (unsigned long long)rows, failure.c_str());
    }
  return {};
}

/// The bounds of some blocks by both screen kernels, for activations of any
/// size.
static Failure verify(const abi::Model &model, const abi::Head &head,
                      uint64_t seed, uint64_t &trials) {
  constexpr uint64_t blockRows = 16, most = 64;
  uint64_t all = (model.vocabSize + blockRows - 1) / blockRows;
  uint64_t blocks = std::min(all, most), floats = blocks * blockRows;
  Guarded high, low, fast, portable;
  for (auto [memory, bytes] : {std::pair{&high, uint64_t(head.width)},
                               {&low, uint64_t(head.width)},
                               {&fast, floats * sizeof(float)},
                               {&portable, floats * sizeof(float)}}) {
    Failure failure = memory->allocate(bytes);
    if (!failure.empty())
      return failure;
  }
  Random random(seed);
  for (trials = 0; trials < 8; ++trials) {
    for (uint64_t k = 0; k < head.width; ++k) {
      bool extreme = trials % 2;
      high.as<int8_t>()[k] = extreme ? 127 : int64_t(random.below(255)) - 127;
      low.as<int8_t>()[k] = extreme ? -64 : int64_t(random.below(128)) - 64;
    }
    uint64_t first = random.below(all - blocks + 1);
    auto run = [&](abi::ScreenFunction kernel, Guarded &out) {
      kernel(model.weights + head.screenOffset + first * head.blockBytes,
             high.as<int8_t>(), low.as<int8_t>(), int32_t(trials) * 977, 0.01f,
             2.5f, 0.125f, out.as<float>(), blocks);
    };
    run(head.screen, fast);
    run(head.portable, portable);
    if (!fast.intact())
      return "writes beyond its buffer";
    if (memcmp(fast.data(), portable.data(), floats * sizeof(float)))
      return format("trial %llu: bounds differ", (unsigned long long)trials);
  }
  return {};
}

static bool report(const char *name, const Failure &failure, uint64_t trials) {
  if (failure.empty())
    printf("ok      %s (%llu trials)\n", name, (unsigned long long)trials);
  else
    printf("FAILED  %s: %s\n", name, failure.c_str());
  fflush(stdout);
  return failure.empty();
}

/// Returns how many kernels of the level failed.
static uint32_t verifyLevel(const abi::Model &model, const abi::Level &level,
                            uint64_t seed) {
  uint32_t failed = 0;
  for (const abi::KernelEntry &entry :
       std::span(level.kernels, level.numKernels)) {
    uint64_t trials;
    Failure failure = verify(model, entry, seed, trials);
    failed += !report(entry.name, failure, trials);
  }
  if (const abi::Head *head = level.head) {
    uint64_t trials;
    Failure failure = verify(model, *head, seed, trials);
    failed += !report(head->name, failure, trials);
  }
  return failed;
}

int verifyCommand(const abi::Model &model, int argc, char **argv) {
  int64_t seed = 1;
  std::vector<Option> options = {{'s', "seed", "N",
                                  Integer{&seed, 0, INT64_MAX},
                                  "of the random activations"}};
  const abi::Level *only = nullptr; // all that this CPU runs
  if (auto code = readOptions(model, options, only, argc, argv))
    return *code;
  uint32_t kernels = 0, failed = 0;
  for (const abi::Level &level : levelsOf(model)) {
    std::string lacking = join(lackingFeatures(level), " ");
    if (only && only != &level)
      continue;
    if (lacking.empty()) {
      kernels += level.numKernels + (level.head ? 1 : 0);
      failed += verifyLevel(model, level, seed);
    } else {
      printf("skipped %s: this CPU lacks %s\n", level.name, lacking.c_str());
    }
  }
  printf("%u kernels, %u failed\n", kernels, failed);
  return failed || ferror(stdout) ? 1 : 0;
}

} // namespace setun::runtime
