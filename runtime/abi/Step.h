//===- Step.h - The contract between generated code and the workers -------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A step runs a few tokens through the whole model. It is one generated
// function that every worker calls with the same Step; inside, tiles are
// claimed from counters, and stages are separated by barriers or wait until
// enough tiles are finished.
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_ABI_STEP_H
#define SETUN_RUNTIME_ABI_STEP_H

#include <stdint.h>

namespace setun::abi {

/// Parts of a loop that workers begin with, each its own: at most so many.
inline constexpr uint32_t kLoopParts = 16;

/// Counters of tiles claimed, one a part of the loop, or, the first, of tiles
/// finished; on a cache line of their own. All are zero when a step starts.
struct alignas(64) Claim {
  uint32_t next[kLoopParts];
};

/// What one worker found of the inputs of a weight, of which zeros may be
/// skipped. On a cache line of its own.
struct alignas(64) Tally {
  struct Part {
    uint64_t inputs, zeros;
  };
  Part read;    ///< where the weight was read whole
  Part skipped; ///< where only what zeros left of it
  uint64_t padding[4];
};

/// Generated code reads the fields at their offsets: codegen/llvm/SpmdToFunc.
struct Step {
  const uint8_t *weights; ///< base of the weights segment, page aligned
  uint8_t *arena;         ///< shared activations, 64-byte aligned
  uint8_t *scratch;       ///< worker w owns [w * workerBytes, +workerBytes)
  uint8_t *cache;         ///< [position / kvChunk][the model's own layout]
  const int32_t *tokens;  ///< [rows]
  const float *rope;   ///< [rows][ropeTables][ropePairs cosines, as many sines]
  float *logits;       ///< [rows - firstLogit][vocabSize]
  Claim *claims;       ///< [BatchClass::claims]
  void *barrier;       ///< handed to setun_barrier
  uint64_t rows;       ///< tokens in this step, 1 ≤ rows ≤ maxRows
  uint64_t position;   ///< of the first token
  uint64_t firstLogit; ///< rows before it need no logits; = rows: none does
  void *profile;       ///< handed to setun_mark; null: nobody watches
  uint64_t workers;    ///< that run this step
  Tally *tallies;      ///< worker w owns [w * BatchClass::numTallied, …)
  uint64_t skips;      ///< 0: all weights are to be read
};

using StepFunction = void (*)(const Step *step, uint64_t worker);

/// A matmul kernel: `blocks` 16-row blocks of packed weights times `rows`
/// int8 activation rows.
///   out[m][r] = float(Σ_k w[r][k]·q[m][k]) · (alpha / scale[m]) [+ residual]
/// `sums[m]` is Σ_k q[m][k]. `residual` may equal `out`, or be null; nothing
/// else that is read overlaps what is written. A kernel of floats takes f32 for
/// q, and divides by no scale; where groups of columns have scales, these stand
/// for `sums`: `pick` of `lut.tile`.
using KernelFunction = void (*)(const uint8_t *weights, const int8_t *q,
                                const int32_t *sums, const float *scales,
                                float alpha, const float *residual, float *out,
                                uint8_t *scratch, uint64_t rows,
                                uint64_t blocks);

} // namespace setun::abi

/// Called by generated code; returns when all workers of the step called it.
extern "C" void setun_barrier(void *barrier);

/// Called by generated code when `profile` is not null: from now on the worker
/// does what `mark` of its batch class says.
extern "C" void setun_mark(void *profile, uint64_t worker, uint64_t mark);

/// Called by generated code; returns when a counter has reached `count`. What
/// the workers that counted wrote before is visible then.
extern "C" void setun_await(void *barrier, const setun::abi::Claim *counter,
                            uint64_t count);

#endif // SETUN_RUNTIME_ABI_STEP_H
