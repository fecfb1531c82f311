//===- Sampler.h - Choosing the next token ----------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_SAMPLER_SAMPLER_H
#define SETUN_RUNTIME_SAMPLER_SAMPLER_H

#include "runtime/sampler/Adjustments.h"
#include "runtime/sampler/Logits.h"
#include "runtime/sampler/Random.h"

#include <optional>

namespace setun::runtime {

/// Defaults and meaning are llama.cpp's.
struct SamplerSettings {
  double temperature = 0.8; ///< 0: the most likely token
  int64_t topK = 40;        ///< 0: all
  double typicalP = 1;      ///< 1: off
  double topP = 0.95;       ///< 1: off
  double minP = 0.05;       ///< 0: off
  AdjustmentSettings adjustments = {};
};

/// Bias and penalties, top-k, typical, top-p, min-p, temperature, draw. The
/// same seed and logits give the same tokens on every machine: ties go to the
/// lower id, fp64 sums run from the likeliest token down, and no libm is asked.
class Sampler {
public:
  Sampler(const SamplerSettings &settings, uint64_t seed)
      : settings(settings), adjustments(settings.adjustments), random(seed) {}

  /// Notes a token of the sequence, prompt or chosen, for penalties.
  void accept(int32_t token) { adjustments.accept(token); }

  int32_t choose(std::span<const float> logits);

  /// The same choice, asking for as few logits as prove it.
  int32_t choose(Logits &logits);

  /// Whether every choice needs all logits.
  bool needsAll() const {
    bool cuts = settings.topP < 1 || settings.minP > 0;
    return !wanted() && (!cuts || settings.typicalP < 1);
  }

private:
  uint64_t wanted() const;
  void take(std::span<const Candidate> logits);
  bool knowsBest(const Logits &logits, uint64_t count);
  std::optional<size_t> findCut(const Logits &logits);
  int32_t chooseAmongBest(Logits &logits);
  int32_t chooseAmongLikely(Logits &logits);
  int32_t finish();
  void sort(size_t count);
  void keepTopK();
  void keepTypical();
  void keepTopP();
  void keepMinP();
  int32_t draw();

  SamplerSettings settings;
  Adjustments adjustments;
  Random random;
  std::vector<Candidate> candidates; ///< likeliest first, from keepTopK on
};

} // namespace setun::runtime

#endif // SETUN_RUNTIME_SAMPLER_SAMPLER_H
