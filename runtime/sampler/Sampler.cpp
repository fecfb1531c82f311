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

static bool likelier(const Candidate &a, const Candidate &b) {
  return a.logit != b.logit ? a.logit > b.logit : a.token < b.token;
}

/// Each round asks for so many times as many logits as are known.
static constexpr uint64_t kGrowth = 8;
/// Sums and powers are not exact: what decides must differ by more.
static constexpr double kMargin = 1e-9;

/// A NaN would break the order; nobody wants that token.
static float withoutNan(float logit) {
  return isnan(logit) ? -INFINITY : logit;
}

int32_t Sampler::choose(std::span<const float> logits) {
  adjustments.prepare();
  candidates.resize(logits.size());
  for (size_t i = 0; i < logits.size(); ++i)
    candidates[i] = {withoutNan(logits[i]), int32_t(i)};
  for (int32_t token : adjustments.tokens())
    candidates[token].logit =
        withoutNan(adjustments.adjust(token, logits[token]));
  return finish();
}

int32_t Sampler::finish() {
  keepTopK();
  if (settings.temperature <= 0)
    return candidates.front().token;
  keepTypical();
  keepTopP();
  keepMinP();
  return draw();
}

//===----------------------------------------------------------------------===//
// Few logits
//===----------------------------------------------------------------------===//

/// How many of the likeliest are enough; 0: that depends.
uint64_t Sampler::wanted() const {
  if (settings.temperature <= 0)
    return 1;
  return std::max<int64_t>(settings.topK, 0);
}

void Sampler::take(std::span<const Candidate> logits) {
  candidates.assign(logits.begin(), logits.end());
  for (auto &[logit, token] : candidates)
    logit = withoutNan(adjustments.adjust(token, logit));
}

int32_t Sampler::choose(Logits &logits) {
  adjustments.prepare();
  logits.know(adjustments.tokens());
  return wanted() ? chooseAmongBest(logits) : chooseAmongLikely(logits);
}

/// Whether no other logit comes before the `count` likeliest of the known. One
/// that is as large may have a lower id.
bool Sampler::knowsBest(const Logits &logits, uint64_t count) {
  float bound = logits.bound();
  if (bound == -INFINITY)
    return true;
  if (candidates.size() < count)
    return false;
  auto last = candidates.begin() + (count - 1);
  std::nth_element(candidates.begin(), last, candidates.end(), likelier);
  return last->logit > bound;
}

int32_t Sampler::chooseAmongBest(Logits &logits) {
  uint64_t count = wanted();
  float least = -INFINITY;
  for (uint64_t ask = count + kGrowth;; ask *= kGrowth) {
    logits.knowMore(ask, least);
    take(logits.known());
    if (knowsBest(logits, count))
      return finish();
    if (candidates.size() >= count)
      least = candidates[count - 1].logit;
  }
}

/// Where the likely end in the sorted candidates, as `keepTopP` would cut among
/// all; those behind are too unlikely for `keepMinP` in any case. None as long
/// as the others may matter.
std::optional<size_t> Sampler::findCut(const Logits &logits) {
  double top = candidates.front().logit, bound = logits.bound();
  if (!(bound < top))
    return {};
  double low = 0, sum = 0;
  for (const Candidate &c : candidates)
    low += expOfNegative(c.logit - top);
  double high = low + logits.mass(top);
  for (size_t count = 0;; ++count) {
    // Where the known end, the next may be as large as the bound.
    bool known = count < candidates.size() && candidates[count].logit > bound;
    double next = known ? candidates[count].logit : bound;
    double weight = expOfNegative(next - top);
    if (count && weight < settings.minP * (1 - kMargin))
      return count;
    if (count && settings.topP < 1) {
      if (sum >= settings.topP * high * (1 + kMargin))
        return count;
      if (sum >= settings.topP * low * (1 - kMargin))
        return {};
    }
    if (!known)
      return {};
    sum += weight;
  }
}

int32_t Sampler::chooseAmongLikely(Logits &logits) {
  constexpr uint64_t first = 64;
  for (uint64_t ask = first;; ask *= kGrowth) {
    // Beyond that, bounds save no more than they cost.
    bool all = needsAll() || ask > logits.size() / kGrowth;
    logits.knowMore(all ? logits.size() : ask, -INFINITY);
    take(logits.known());
    if (all)
      return finish();
    sort(candidates.size());
    std::optional<size_t> cut = findCut(logits);
    if (!cut)
      continue;
    candidates.resize(*cut);
    keepMinP();
    return draw();
  }
}

//===----------------------------------------------------------------------===//
// The filters
//===----------------------------------------------------------------------===//

/// The `count` likeliest come first.
void Sampler::sort(size_t count) {
  std::partial_sort(candidates.begin(), candidates.begin() + count,
                    candidates.end(), likelier);
}

/// Keeps the likeliest and sorts them; greedy choice needs only one.
void Sampler::keepTopK() {
  size_t count = candidates.size();
  if (uint64_t limit = wanted())
    count = std::min<uint64_t>(count, limit);
  sort(count);
  candidates.resize(count);
  while (candidates.size() > 1 && candidates.back().logit == -INFINITY)
    candidates.pop_back();
}

/// Keeps those that surprise about as much as is to be expected, the nearest
/// first, until they sum to more than typicalP (Meister et al., Locally Typical
/// Sampling, arXiv 2202.00666).
void Sampler::keepTypical() {
  if (settings.typicalP >= 1)
    return;
  // ln p = (logit − top) − ln Σ; the sum cancels where surprises are compared.
  double top = candidates.front().logit, total = 0, mean = 0, sum = 0;
  for (const Candidate &c : candidates) {
    double weight = expOfNegative(c.logit - top);
    total += weight;
    mean += weight * (c.logit - top);
  }
  mean /= total;
  auto distance = [&](const Candidate &c) {
    return fabs(c.logit - top - mean);
  };
  std::sort(candidates.begin(), candidates.end(),
            [&](const Candidate &a, const Candidate &b) {
              double first = distance(a), second = distance(b);
              return first != second ? first < second : likelier(a, b);
            });
  size_t count = 0;
  while (count < candidates.size() && sum <= settings.typicalP * total)
    sum += expOfNegative(candidates[count++].logit - top);
  candidates.resize(count);
  sort(count);
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
