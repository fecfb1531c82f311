//===- Adjustments.h - Logits that are not the model's alone -- -*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_SAMPLER_ADJUSTMENTS_H
#define SETUN_RUNTIME_SAMPLER_ADJUSTMENTS_H

#include <span>
#include <stdint.h>
#include <vector>

namespace setun::runtime {

struct LogitBias {
  int32_t token;
  float bias; ///< finite, or −∞: never
};

/// Names, meaning and order are llama.cpp's: the bias is added; the logit of a
/// recent token is divided by `repeat` if positive, else multiplied; then
/// `frequency` for each time it was said, and `presence` once, are taken away.
struct AdjustmentSettings {
  double repeat = 1; ///< 1: off
  double presence = 0, frequency = 0;
  int64_t last = 64; ///< tokens that are recent; -1: all
  std::vector<LogitBias> biases = {};
};

/// What changes logits before the choice: what was said, and what the user
/// wishes.
class Adjustments {
public:
  explicit Adjustments(const AdjustmentSettings &settings);

  /// Notes a token of the sequence.
  void accept(int32_t token) { history.push_back(token); }
  /// Counts what is recent now; holds until the next token.
  void prepare();

  /// Whose logits change, ascending, each once.
  std::span<const int32_t> tokens() const { return changed; }
  /// The logit to choose by.
  float adjust(int32_t token, float logit) const;

private:
  struct Change {
    uint32_t count = 0; ///< times that it was said
    float bias = 0;
  };
  void add(int32_t token, uint32_t count, float bias);

  AdjustmentSettings settings;
  std::vector<int32_t> history, changed;
  std::vector<Change> changes; ///< beside `changed`
};

} // namespace setun::runtime

#endif // SETUN_RUNTIME_SAMPLER_ADJUSTMENTS_H
