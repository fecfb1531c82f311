//===- Logits.h - Some logits of a row, and bounds of the others -*- C++ -*-==//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_SAMPLER_LOGITS_H
#define SETUN_RUNTIME_SAMPLER_LOGITS_H

#include <span>
#include <stdint.h>

namespace setun::runtime {

struct Candidate {
  float logit;
  int32_t token;
};

/// The logits of a row, as far as they are known. Knowing costs time.
class Logits {
public:
  virtual ~Logits() = default;

  virtual uint64_t size() const = 0;
  /// Those that are known, each once, in no order.
  virtual std::span<const Candidate> known() const = 0;
  /// No other is above; −∞ where all are known.
  virtual float bound() const = 0;
  /// At least Σ e^(logit − top) of the others, as `expOfNegative` computes it;
  /// `top` is at least the bound.
  virtual double mass(double top) const = 0;

  virtual void know(std::span<const int32_t> tokens) = 0;
  /// Makes `count` more known, or all that may be at least `least`: those first
  /// that may be the largest.
  virtual void knowMore(uint64_t count, float least) = 0;
};

} // namespace setun::runtime

#endif // SETUN_RUNTIME_SAMPLER_LOGITS_H
