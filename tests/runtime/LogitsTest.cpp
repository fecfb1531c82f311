//===- LogitsTest.cpp - Choosing from few logits as from all --------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/sampler/Sampler.h"
#include "runtime/support/Math.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <math.h>
#include <memory>

using namespace setun::runtime;

namespace {

/// Logits with bounds that are up to `slack` too high, some not at all.
class Bounded final : public Logits {
public:
  Bounded(std::vector<float> values, float slack, uint64_t seed)
      : values(std::move(values)) {
    Random random(seed);
    for (float value : this->values) {
      float more = random.below(4) ? slack * float(random.uniform()) : 0;
      bounds.push_back(isnan(value) ? INFINITY : value + more);
    }
  }

  uint64_t size() const override { return values.size(); }
  std::span<const Candidate> known() const override { return exact; }
  float bound() const override {
    return *std::max_element(bounds.begin(), bounds.end());
  }
  double mass(double top) const override {
    double sum = 0;
    for (float bound : bounds)
      sum += expOfNegative(bound - top);
    return sum * (1 + 1e-9);
  }
  void know(std::span<const int32_t> tokens) override {
    for (int32_t token : tokens)
      if (bounds[token] > -INFINITY) {
        exact.push_back({values[token], token});
        bounds[token] = -INFINITY;
      }
  }
  void knowMore(uint64_t count, float least) override {
    std::vector<int32_t> order;
    for (size_t i = 0; i < bounds.size(); ++i)
      if (bounds[i] >= least && bounds[i] > -INFINITY)
        order.push_back(int32_t(i));
    std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
      return bounds[a] != bounds[b] ? bounds[a] > bounds[b] : a < b;
    });
    order.resize(std::min<size_t>(order.size(), count));
    know(order);
  }

private:
  std::vector<float> values, bounds;
  std::vector<Candidate> exact;
};

/// Kinds of rows: noise, one clear winner, a few, many that are equal, doubled
/// ones, and such with NaN and infinity.
std::vector<float> makeRow(int kind, uint64_t seed) {
  Random random(seed);
  std::vector<float> row(497 + 200 * kind); // a history fits all rounds
  for (float &logit : row)
    logit = float(random.uniform() + random.uniform() + random.uniform()) * 4;
  for (size_t i = 0; i < row.size(); ++i) {
    if (kind == 1 && i == seed % row.size())
      row[i] += 30;
    if (kind == 2 && i % 97 == seed % 97)
      row[i] += 12;
    if (kind == 3)
      row[i] = floorf(row[i]);
    if (kind == 4 && i % 2)
      row[i] = row[i - 1];
    if (kind == 5 && i % 31 == 7)
      row[i] = i % 2 ? NAN : -INFINITY;
  }
  return row;
}

std::vector<SamplerSettings> makeSettings() {
  std::vector<SamplerSettings> all;
  for (double temperature : {0.0, 0.3, 0.8, 2.0})
    for (int64_t topK : {0, 1, 3, 40, 100000})
      for (double topP : {0.0, 0.5, 0.95, 1.0})
        for (double minP : {0.0, 0.05, 0.5, 1.0})
          for (double penalty : {1.0, 1.7, 0.6})
            for (double typical : {1.0, 0.8})
              all.push_back({temperature,
                             topK,
                             typical,
                             topP,
                             minP,
                             {.repeat = penalty,
                              .frequency = penalty - 1,
                              .last = 16,
                              .biases = {{3, 1.5f}, {5, -INFINITY}}}});
  return all;
}

TEST(Logits, LeadToTheChoiceOfAll) {
  for (int kind = 0; kind < 6; ++kind)
    for (const SamplerSettings &settings : makeSettings()) {
      Sampler all(settings, 7), few(settings, 7);
      for (uint64_t round = 0; round < 4; ++round) {
        std::vector<float> row = makeRow(kind, round);
        float slack = round % 2 ? 0.3f : 6;
        Bounded bounded(row, slack, round);
        int32_t expected = all.choose(row), token = few.choose(bounded);
        ASSERT_EQ(token, expected)
            << "kind " << kind << ", round " << round << ", temperature "
            << settings.temperature << ", top-k " << settings.topK << ", top-p "
            << settings.topP << ", min-p " << settings.minP << ", penalty "
            << settings.adjustments.repeat << ", typical " << settings.typicalP;
        all.accept(expected);
        few.accept(expected);
      }
    }
}

TEST(Logits, FewAreAskedFor) {
  std::vector<float> row(100000);
  Random random(1);
  for (float &logit : row)
    logit = float(random.uniform());
  row[77777] = 30;
  auto count = [&](const SamplerSettings &settings) {
    Bounded bounded(row, 1, 2);
    Sampler(settings, 1).choose(bounded);
    return bounded.known().size();
  };
  EXPECT_LE(count({.temperature = 0}), 16u);
  EXPECT_LE(count({.topK = 1}), 16u);
  EXPECT_LE(count({.topK = 0, .topP = 1, .minP = 0.05}), 64u);
  EXPECT_LE(count({.topK = 0, .topP = 0.05, .minP = 0}), 64u);
  EXPECT_LE(count({.topK = 0, .topP = 1 - 1e-12, .minP = 0.05}), 64u);
  EXPECT_EQ(count({.topK = 0, .topP = 1, .minP = 0}), row.size());
}

TEST(Logits, ATieGoesToTheLowerIdEvenIfItIsOnlyBounded) {
  // Both are 1; the bound of the lower id says no more than that.
  Bounded bounded({0, 1, 0, 1}, 0, 1);
  bounded.know(std::vector<int32_t>{3});
  EXPECT_EQ(Sampler({.temperature = 0}, 1).choose(bounded), 1);
}

} // namespace
