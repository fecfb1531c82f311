//===- Job.h - What a kernel is to do, and what became of it ----*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a test sends to Runner.cpp and what comes back, as bytes: every machine
// here is little-endian, has 64 bits and lays structs out alike.
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_TESTS_CODEGEN_KERNELS_JOB_H
#define SETUN_TESTS_CODEGEN_KERNELS_JOB_H

#include <stdint.h>

namespace setun::codegen {

/// The buffers of `KernelFunction`, in its order.
enum Buffer { Weights, Activations, Sums, Scales, Residual, Out, Scratch };
inline constexpr int kBuffers = 7;

/// Followed by what the buffers begin with; the rest of them is garbage.
struct Job {
  uint64_t kernel; ///< its index in `setun_kernels`
  uint64_t rows;   ///< tokens
  uint64_t blocks; ///< of 16 rows, multiplied by calls for `tileBlocks` each
  uint64_t tileBlocks;
  uint64_t panelBlocks, panelBytes; ///< of packed weights
  float alpha;
  uint32_t inPlace;    ///< 1: the residual is what `out` begins with
  uint32_t guardFirst; ///< 1: buffers begin at a page, 0: they end at one
  uint32_t reserved;
  uint64_t bytes[kBuffers]; ///< no bytes: a null pointer
  uint64_t given[kBuffers]; ///< how many of them follow
};

/// Followed by `out`, if there was no signal.
struct Verdict {
  int32_t signal; ///< that stopped the kernel; 0: none
  int32_t buffer; ///< that it should have stayed in; -1: it did, or who knows
  int64_t offset; ///< of the byte it touched, from the start of the buffer
};

} // namespace setun::codegen

#endif // SETUN_TESTS_CODEGEN_KERNELS_JOB_H
