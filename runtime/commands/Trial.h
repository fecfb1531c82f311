//===- Trial.h - One kernel at work -----------------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_COMMANDS_TRIAL_H
#define SETUN_RUNTIME_COMMANDS_TRIAL_H

#include "runtime/abi/Model.h"
#include "runtime/sampler/Random.h"
#include "runtime/session/Memory.h"

#include <algorithm>
#include <string.h>

namespace setun::runtime {

enum Pattern { Noise, AllMax, AllMin, Alternating, Zero, kPatterns, Answer };
enum Residual { None, Separate, InPlace };

inline constexpr uint64_t kBlockRows = 16;

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
  static constexpr size_t kGuardBytes = 4096;
  static constexpr uint8_t kGuard = 0xa5;

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
  /// From now on the row of known answers is what is multiplied.
  void prepareAnswers();
  /// The checksum of a tensor's products with it.
  uint64_t answer(const uint8_t *tensor, uint64_t rows);

private:
  int8_t activation(Pattern pattern, uint64_t index);
  void fillInputs(uint64_t rows, Pattern pattern);
  void fillFloats(uint64_t rows, Pattern pattern);
  void fillScales(Pattern pattern);
  uint64_t activationBytes() const { return entry.floats ? 4 : 1; }
  void call(abi::KernelFunction kernel, const Guarded &in, Guarded &out,
            uint64_t rows, Residual residual);
  uint64_t outFloats() const { return entry.maxRows * entry.outputStride; }

  const uint8_t *weights;
  const abi::KernelEntry &entry;
  Random random;
  Guarded q, kernelQ, sums, scales, residual, scratch, fast, portable;
};

} // namespace setun::runtime

#endif // SETUN_RUNTIME_COMMANDS_TRIAL_H
