//===- Sampler.cpp - Choosing the next token ------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/sampler/Sampler.h"
#include "runtime/support/Math.h"

#include <algorithm>
#include <math.h>

namespace setun::runtime {

int32_t Sampler::choose(std::span<const float> logits) {
  candidates.resize(logits.size());
  for (size_t i = 0; i < logits.size(); ++i)
    // A NaN would break the order; nobody wants that token.
    candidates[i] = {isnan(logits[i]) ? -INFINITY : logits[i], int32_t(i)};
  penalize();
  keepTopK();
  if (settings.temperature <= 0)
    return candidates.front().token;
  keepTopP();
  keepMinP();
  return draw();
}

void Sampler::penalize() {
  if (settings.repeatPenalty == 1)
    return;
  size_t count = history.size();
  if (settings.repeatLast >= 0)
    count = std::min<size_t>(count, settings.repeatLast);
  std::vector<int32_t> recent(history.end() - count, history.end());
  std::sort(recent.begin(), recent.end());
  recent.erase(std::unique(recent.begin(), recent.end()), recent.end());
  float penalty = static_cast<float>(settings.repeatPenalty);
  for (int32_t token : recent) {
    float &logit = candidates[token].logit;
    logit = logit <= 0 ? logit * penalty : logit / penalty;
  }
}

/// Keeps the likeliest and sorts them; greedy choice needs only one.
void Sampler::keepTopK() {
  size_t count = candidates.size();
  if (settings.temperature <= 0)
    count = 1;
  else if (settings.topK > 0)
    count = std::min<size_t>(count, settings.topK);
  auto likelier = [](const Candidate &a, const Candidate &b) {
    return a.logit != b.logit ? a.logit > b.logit : a.token < b.token;
  };
  auto end = candidates.begin() + count;
  std::partial_sort(candidates.begin(), end, candidates.end(), likelier);
  candidates.erase(end, candidates.end());
}

/// Keeps the fewest whose probabilities sum to topP.
void Sampler::keepTopP() {
  if (settings.topP >= 1)
    return;
  double top = candidates.front().logit, total = 0, sum = 0;
  for (const Candidate &c : candidates)
    total += expOfNegative(c.logit - top);
  size_t count = 0;
  while (count < candidates.size() &&
         (count == 0 || sum < settings.topP * total))
    sum += expOfNegative(candidates[count++].logit - top);
  candidates.resize(count);
}

/// Keeps those at least minP times as likely as the likeliest.
void Sampler::keepMinP() {
  double top = candidates.front().logit;
  while (candidates.size() > 1 &&
         expOfNegative(candidates.back().logit - top) < settings.minP)
    candidates.pop_back();
}

int32_t Sampler::draw() {
  double top = candidates.front().logit, total = 0;
  auto weight = [&](const Candidate &c) {
    return expOfNegative((c.logit - top) / settings.temperature);
  };
  for (const Candidate &c : candidates)
    total += weight(c);
  double rest = random.uniform() * total;
  for (const Candidate &c : candidates)
    if ((rest -= weight(c)) < 0)
      return c.token;
  return candidates.back().token;
}

} // namespace setun::runtime
