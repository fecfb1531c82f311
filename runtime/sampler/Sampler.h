//===- Sampler.h - Choosing the next token ----------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_SAMPLER_SAMPLER_H
#define SETUN_RUNTIME_SAMPLER_SAMPLER_H

#include "runtime/sampler/Random.h"

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

private:
  struct Candidate {
    float logit;
    int32_t token;
  };

  void penalize();
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
