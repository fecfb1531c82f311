//===- Sampler.h - Choosing the next token ----------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_SAMPLER_SAMPLER_H
#define SETUN_RUNTIME_SAMPLER_SAMPLER_H

#include "runtime/sampler/Logits.h"
#include "runtime/sampler/Random.h"

#include <optional>
#include <span>
#include <vector>

namespace setun::runtime {

/// Defaults and meaning are llama.cpp's.
struct SamplerSettings {
  double temperature = 0.8; ///< 0: the most likely token
  int64_t topK = 40;        ///< 0: all
  double topP = 0.95;       ///< 1: off
  double minP = 0.05;       ///< 0: off
  double repeatPenalty = 1; ///< 1: off
  int64_t repeatLast = 64;  ///< tokens the penalty looks back; -1: all
};

/// Penalty, top-k, top-p, min-p, temperature, draw. The same seed and logits
/// give the same tokens on every machine: ties go to the lower id, fp64 sums
/// run from the likeliest token down, and no libm is asked.
class Sampler {
public:
  Sampler(const SamplerSettings &settings, uint64_t seed)
      : settings(settings), random(seed) {}

  /// Notes a token of the sequence, prompt or chosen, for the penalty.
  void accept(int32_t token) { history.push_back(token); }

  int32_t choose(std::span<const float> logits);

  /// The same choice, asking for as few logits as prove it.
  int32_t choose(Logits &logits);

  /// Whether every choice needs all logits.
  bool needsAll() const {
    return !wanted() && settings.topP >= 1 && settings.minP <= 0;
  }

private:
  std::vector<int32_t> recent() const;
  uint64_t wanted() const;
  void take(std::span<const Candidate> logits);
  float penalized(float logit) const;
  bool knowsBest(const Logits &logits, uint64_t count);
  std::optional<size_t> findCut(const Logits &logits);
  int32_t chooseAmongBest(Logits &logits);
  int32_t chooseAmongLikely(Logits &logits);
  int32_t finish();
  void sort(size_t count);
  void keepTopK();
  void keepTopP();
  void keepMinP();
  int32_t draw();

  SamplerSettings settings;
  Random random;
  std::vector<int32_t> history;
  std::vector<Candidate> candidates; ///< likeliest first, from keepTopK on
};

} // namespace setun::runtime

#endif // SETUN_RUNTIME_SAMPLER_SAMPLER_H
