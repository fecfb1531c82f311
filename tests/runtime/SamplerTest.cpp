//===- SamplerTest.cpp - Which token is chosen ----------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/sampler/Sampler.h"

#include <gtest/gtest.h>
#include <map>
#include <math.h>

using namespace setun::runtime;

/// Everything off: the plain softmax.
static SamplerSettings plain() {
  return {.temperature = 1, .topK = 0, .topP = 1, .minP = 0};
}

static std::map<int32_t, int> draw(const SamplerSettings &settings,
                                   const std::vector<float> &logits,
                                   int draws = 20000) {
  Sampler sampler(settings, 42);
  std::map<int32_t, int> counts;
  for (int i = 0; i < draws; ++i)
    ++counts[sampler.choose(logits)];
  return counts;
}

TEST(Sampler, GreedyTakesTheLowestOfEqualTokens) {
  SamplerSettings settings;
  settings.temperature = 0;
  EXPECT_EQ(Sampler(settings, 1).choose(std::vector<float>{1, 3, 2, 3}), 1);
  EXPECT_EQ(Sampler(settings, 1).choose(std::vector<float>{NAN, -8, NAN}), 1);
}

TEST(Sampler, DrawsBySoftmaxAndTemperature) {
  std::vector<float> logits = {0, logf(2), logf(5)};
  auto counts = draw(plain(), logits);
  EXPECT_NEAR(counts[0] / 20000.0, 1 / 8.0, 0.01);
  EXPECT_NEAR(counts[1] / 20000.0, 2 / 8.0, 0.01);
  SamplerSettings hot = plain();
  hot.temperature = 0.5; // squares the odds: 1 : 4 : 25
  counts = draw(hot, logits);
  EXPECT_NEAR(counts[0] / 20000.0, 1 / 30.0, 0.01);
  EXPECT_NEAR(counts[2] / 20000.0, 25 / 30.0, 0.01);
}

TEST(Sampler, TopKKeepsTheLikeliestAndLowestIds) {
  SamplerSettings settings = plain();
  settings.topK = 2;
  auto counts = draw(settings, {1, 2, 1, 1});
  EXPECT_EQ(counts.size(), 2u);
  EXPECT_TRUE(counts.count(0) && counts.count(1));
}

TEST(Sampler, TopPKeepsTheFewestThatReachIt) {
  std::vector<float> logits = {logf(0.5f), logf(0.3f), logf(0.15f),
                               logf(0.05f)};
  SamplerSettings settings = plain();
  settings.topP = 0.4;
  EXPECT_EQ(draw(settings, logits).size(), 1u);
  settings.topP = 0.7;
  EXPECT_EQ(draw(settings, logits).size(), 2u);
  settings.topP = 0.9;
  EXPECT_EQ(draw(settings, logits).size(), 3u);
  settings.topP = 0;
  EXPECT_EQ(draw(settings, logits).size(), 1u);
}

TEST(Sampler, MinPComparesWithTheLikeliest) {
  std::vector<float> logits = {logf(0.5f), logf(0.3f), logf(0.15f),
                               logf(0.05f)};
  SamplerSettings settings = plain();
  settings.minP = 0.2; // 0.1 and more
  EXPECT_EQ(draw(settings, logits).size(), 3u);
  settings.minP = 1;
  EXPECT_EQ(draw(settings, logits).size(), 1u);
}

TEST(Sampler, PenaltyDividesPositiveAndMultipliesNegativeLogits) {
  SamplerSettings settings;
  settings.temperature = 0;
  settings.adjustments.repeat = 2;
  Sampler sampler(settings, 1);
  std::vector<float> logits = {4, 3, -1, -1.5f};
  sampler.accept(0);
  sampler.accept(0); // twice is no more than once: 4 → 2
  EXPECT_EQ(sampler.choose(logits), 1);
  EXPECT_EQ(sampler.choose(std::vector<float>{2.5f, 1, 0, 0}), 0);
  sampler.accept(2);
  EXPECT_EQ(sampler.choose(std::vector<float>{-9, -9, -1, -1.5f}), 3);
}

TEST(Sampler, PenaltyForgetsOldTokens) {
  SamplerSettings settings;
  settings.temperature = 0;
  settings.adjustments.repeat = 2;
  settings.adjustments.last = 2;
  Sampler sampler(settings, 1);
  for (int32_t token : {0, 2, 3})
    sampler.accept(token);
  EXPECT_EQ(sampler.choose(std::vector<float>{4, 3, 0, 0}), 0);
}

TEST(Sampler, FrequencyCountsAndPresenceDoesNot) {
  SamplerSettings settings;
  settings.temperature = 0;
  settings.adjustments.frequency = 1;
  settings.adjustments.presence = 0.5;
  Sampler sampler(settings, 1);
  for (int32_t token : {0, 1, 0})
    sampler.accept(token);
  // −2.5 and −1.5
  EXPECT_EQ(sampler.choose(std::vector<float>{4, 2.9f, 0}), 0);
  EXPECT_EQ(sampler.choose(std::vector<float>{4, 3.1f, 0}), 1);
  EXPECT_EQ(sampler.choose(std::vector<float>{2.4f, 1.4f, 0}), 2);
}

TEST(Sampler, BiasComesBeforePenalties) {
  SamplerSettings settings;
  settings.temperature = 0;
  settings.adjustments = {.repeat = 2, .biases = {{2, 3}, {0, -INFINITY}}};
  Sampler sampler(settings, 1);
  EXPECT_EQ(sampler.choose(std::vector<float>{9, 2, 0}), 2);
  sampler.accept(2); // (1 + 3) / 2
  EXPECT_EQ(sampler.choose(std::vector<float>{9, 1.9f, 1}), 2);
  EXPECT_EQ(sampler.choose(std::vector<float>{9, 2.1f, 1}), 1);
}

TEST(Sampler, NeverDrawsWhatIsForbidden) {
  SamplerSettings settings = plain();
  settings.adjustments.biases = {{0, -INFINITY}, {3, -INFINITY}};
  auto counts = draw(settings, {9, 1, 1, 9});
  EXPECT_EQ(counts.size(), 2u);
  EXPECT_FALSE(counts.count(0) || counts.count(3));
}

// Surprises of the four: 0.69, 1.20, 1.90, 3.00; 1.14 is expected.
TEST(Sampler, TypicalKeepsWhatSurprisesAsExpected) {
  std::vector<float> logits = {logf(0.5f), logf(0.3f), logf(0.15f),
                               logf(0.05f)};
  SamplerSettings settings = plain();
  settings.typicalP = 0.2;
  auto counts = draw(settings, logits);
  EXPECT_EQ(counts.size(), 1u);
  EXPECT_TRUE(counts.count(1));
  settings.typicalP = 0.7;
  counts = draw(settings, logits);
  EXPECT_EQ(counts.size(), 2u);
  EXPECT_TRUE(counts.count(0));
  settings.typicalP = 0.9;
  EXPECT_EQ(draw(settings, logits).size(), 3u);
}

// Known answers: seed and logits fix the tokens on every machine.
TEST(Sampler, DrawsTheseTokensOnEveryMachine) {
  std::vector<float> logits(1000);
  for (size_t i = 0; i < logits.size(); ++i)
    logits[i] = float(i * 7919 % 1000) / 100;
  SamplerSettings settings;
  Sampler sampler(settings, 7), again(settings, 7);
  std::vector<int32_t> tokens;
  for (int i = 0; i < 8; ++i) {
    tokens.push_back(sampler.choose(logits));
    EXPECT_EQ(again.choose(logits), tokens.back());
  }
  EXPECT_EQ(tokens,
            (std::vector<int32_t>{173, 321, 914, 420, 136, 568, 136, 531}));
}

TEST(Random, IsSplitMix64) {
  // The first outputs for seed 1234567 as other implementations publish them.
  Random random(1234567);
  EXPECT_EQ(random.next(), 6457827717110365317u);
  EXPECT_EQ(random.next(), 3203168211198807973u);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_LT(random.below(10), 10u);
    ASSERT_LT(random.uniform(), 1);
  }
}
