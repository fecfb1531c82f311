//===- Trial.cpp ----------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/commands/Trial.h"

#include "runtime/abi/Checks.h"
#include "runtime/support/Hash.h"

namespace setun::runtime {

static constexpr uint64_t kLanes = 16; ///< tokens side by side when token-minor

Failure Trial::allocate() {
  uint64_t lanes = entry.tokenMinor ? kLanes : 1;
  uint64_t qRows = (entry.maxRows + lanes - 1) / lanes * lanes;
  struct Buffer {
    Guarded &memory;
    uint64_t bytes;
  };
  for (const Buffer &buffer : {
           Buffer{q, entry.maxRows * entry.activations * activationBytes()},
           Buffer{kernelQ, qRows * entry.activations * activationBytes()},
           Buffer{sums, std::max<uint64_t>(entry.maxRows,
                                           entry.scales * entry.outputStride) *
                            sizeof(int32_t)},
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
  case Answer:
    return abi::answerInput(index);
  default:
    return 0;
  }
}

/// The same for both kernels. The known answer's are integers, so that no order
/// of summation matters.
void Trial::fillFloats(uint64_t rows, Pattern pattern) {
  const float unit = pattern == Answer ? 1 : 0.37f;
  memset(q.data(), 0, q.bytes);
  for (uint64_t m = 0; m < rows; ++m)
    for (uint64_t k = 0; k < entry.usedActivations; ++k)
      q.as<float>()[m * entry.activations + k] =
          unit * static_cast<float>(activation(pattern, k + m));
  memcpy(kernelQ.data(), q.data(), q.bytes);
}

void Trial::fillScales(Pattern pattern) {
  for (uint64_t i = 0; i < entry.scales * entry.outputStride; ++i)
    sums.as<float>()[i] =
        pattern == Answer ? 1 : static_cast<float>(0.5 + random.uniform());
}

/// Activations of `rows` tokens: [m][k] for the twin, and for the kernel the
/// same or [m / 16][k / 4][m % 16][k % 4]. What pads them, in both directions,
/// is zero: a kernel may work on it.
void Trial::fillInputs(uint64_t rows, Pattern pattern) {
  if (entry.floats) {
    fillFloats(rows, pattern);
    return fillScales(pattern);
  }
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
  if (entry.scales)
    fillScales(pattern);
}

void Trial::call(abi::KernelFunction kernel, const Guarded &in, Guarded &out,
                 uint64_t rows, Residual mode) {
  // Both outputs begin alike, in place or not.
  memcpy(out.data(), residual.data(), out.bytes);
  memset(scratch.data(), 0xa5, scratch.bytes);
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

void Trial::prepareAnswers() {
  fillInputs(1, Answer);
  std::fill_n(scales.as<float>(), entry.maxRows, 1.0f);
  memset(residual.data(), 0, residual.bytes);
}

/// Tile by tile, as a step does.
uint64_t Trial::answer(const uint8_t *tensor, uint64_t rows) {
  uint64_t all = (rows + kBlockRows - 1) / kBlockRows;
  for (uint64_t first = 0; first < all; first += entry.blocks)
    entry.kernel(
        tensor + first / entry.panelBlocks * entry.panelBytes,
        kernelQ.as<int8_t>(), sums.as<int32_t>(), scales.as<float>(), 1.0f,
        entry.residual ? residual.as<float>() + first * kBlockRows : nullptr,
        fast.as<float>() + first * kBlockRows, scratch.data(), 1,
        std::min<uint64_t>(entry.blocks, all - first));
  return hash({fast.data(), rows * sizeof(float)});
}

} // namespace setun::runtime
