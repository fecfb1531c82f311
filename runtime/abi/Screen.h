//===- Screen.h - A head that is screened before it is computed -*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A row w of the head is Δ·c + a rest: c are integers of 6 bits, ρ ≥ ‖w − Δc‖
// and ω ≥ max(‖w‖, ‖Δc‖). A row of activations x is s·v + a rest, v = 128·high
// + low. Then with t = c·v, exact in int32,
//
//   |w·x − Δst| ≤ |(w − Δc)·x| + |Δc·(x − sv)| ≤ ρ‖x‖ + ω‖x − sv‖.
//
// In fp32, u = 2⁻²⁴: the head's stage adds n/16 products in a lane and then 16
// lanes in a tree, so its logit is within γ·Σ|w_k x_k| ≤ γω‖x‖ of w·x, where γ
// = mu/(1 − mu), m = n/16 + 6. The estimate a = fp32(t)·fp32(Δs) rounds three
// times and |Δst| ≤ ω(‖x‖ + ‖x − sv‖), so it is within 4uω(‖x‖ + ‖x − sv‖). The
// kernel computes a + (ρX + (ωY + 2⁻¹⁰⁰)) in five roundings; 2⁻¹⁰⁰ is more than
// all that may be lost below the smallest normal number. With
//
//   X ≥ (1 + 2⁻²⁰)·‖x‖,   Y ≥ (1 + 2⁻²⁰)·(‖x − sv‖ + (γ + 16u)(‖x‖ + ‖x − sv‖))
//
// the result is at least the logit: 2⁻²⁰ is sixteen roundings of the bound, and
// of 16u four are for a and the others for the last addition, whose error is
// u·|a + …|. What is not finite or above 2⁶⁰ has no bound: such a row of the
// head has ρ = ∞, such a row of activations is not screened.
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_ABI_SCREEN_H
#define SETUN_RUNTIME_ABI_SCREEN_H

#include <stdint.h>

namespace setun::abi {

/// One row of activations as the screen kernel reads it.
struct ScreenedRow {
  const int8_t *high; ///< [width], |high| ≤ 127
  const int8_t *low;  ///< [width], −64 … 63
  int32_t offset;     ///< 32·Σ(128·high + low), modulo 2³²
  float scale;        ///< s
  float norm;         ///< X
  float slack;        ///< Y
};

/// upper[r] ≥ the logit of row r that `ExactFunction` computes, for the rows of
/// `count` blocks.
using ScreenFunction = void (*)(const uint8_t *blocks, const int8_t *high,
                                const int8_t *low, int32_t offset, float scale,
                                float norm, float slack, float *upper,
                                uint64_t count);

/// The logits of `count` ≤ rowsAtOnce stored rows; row by row the same as those
/// of the step.
using ExactFunction = void (*)(const uint8_t *rows, const float *x,
                               float *logits, int64_t count);

/// The head of a level, where it is screened.
struct Head {
  const char *name; ///< of the screen kernel
  ScreenFunction screen;
  ScreenFunction portable; ///< its twin, for `verify`
  ExactFunction exact;
  uint64_t screenOffset; ///< of the low-bit copy in the weights
  uint64_t blockBytes;   ///< of its blocks of 16 rows
  uint64_t rowsOffset;   ///< of the rows in the weights
  uint64_t rowBytes;
  uint32_t width;      ///< activations, a multiple of 16
  uint32_t rowsAtOnce; ///< that `exact` takes
};

} // namespace setun::abi

#endif // SETUN_RUNTIME_ABI_SCREEN_H
