//===- Checks.h - What `verify` compares with -------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_ABI_CHECKS_H
#define SETUN_RUNTIME_ABI_CHECKS_H

#include <stdint.h>

namespace setun::abi {

// Behind the weights and the tokenizer, at Model::checksOffset of their
// segment, lie 64-bit numbers, little-endian:
//
//   code                 one of all read-only segments beside this one: a
//                        checksum of their checksums in the file's order
//   answers[numTensors]  of the f32 products of a ternary weight's rows with
//                        answerInput, summed by a plain loop over the trits of
//                        the checkpoint; 0: the tensor is none
//   chunks[]             one of every kCheckedBytes of the segment so far
//
// A checksum is XXH64 with seed 0.

inline constexpr uint64_t kCheckedBytes = 1 << 20;

inline constexpr uint64_t countChunks(uint64_t bytes) {
  return (bytes + kCheckedBytes - 1) / kCheckedBytes;
}

/// How many numbers there are.
inline constexpr uint64_t countChecks(uint64_t numTensors,
                                      uint64_t weightsBytes) {
  return 1 + numTensors + countChunks(weightsBytes);
}

/// Column k of the row that known answers are of: from -127 to 127.
inline constexpr int8_t answerInput(uint64_t k) {
  uint64_t mixed = (k + 1) * 0x9e3779b97f4a7c15;
  mixed = (mixed ^ mixed >> 32) * 0xd6e8feb86659fd93;
  return static_cast<int8_t>(static_cast<int64_t>((mixed >> 32) % 255) - 127);
}

} // namespace setun::abi

#endif // SETUN_RUNTIME_ABI_CHECKS_H
