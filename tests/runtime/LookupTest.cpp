//===- LookupTest.cpp - Guesses, and how many are worth a step ------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/sampler/Lookup.h"
#include "runtime/sampler/Random.h"

#include <gtest/gtest.h>

using namespace setun::runtime;
using Ids = std::vector<int32_t>;

static Lookup lookupOf(const Ids &tokens, size_t capacity = 4096) {
  Lookup lookup(capacity);
  for (int32_t token : tokens)
    lookup.add(token);
  return lookup;
}

static Ids guess(const Lookup &lookup, size_t most,
                 std::vector<double> *odds = nullptr) {
  Ids tokens(most);
  std::vector<double> own(most);
  tokens.resize(lookup.guess(tokens, own));
  if (odds)
    *odds = own;
  return tokens;
}

TEST(Lookup, GuessesWhatFollowedTheSameTokens) {
  EXPECT_EQ(guess(lookupOf({1, 2, 3, 4, 5, 1, 2}), 3), Ids({3, 4, 5}));
  EXPECT_EQ(guess(lookupOf({1, 2, 3, 4, 5, 1, 2, 3}), 2), Ids({4, 5}));
}

TEST(Lookup, NeedsTwoEqualTokens) {
  EXPECT_EQ(guess(lookupOf({}), 3), Ids());
  EXPECT_EQ(guess(lookupOf({1}), 3), Ids());
  EXPECT_EQ(guess(lookupOf({1, 2, 3, 1}), 3), Ids());
  EXPECT_EQ(guess(lookupOf({1, 2, 3, 2, 1}), 3), Ids());
}

TEST(Lookup, PrefersLongMatchesToLateOnes) {
  // 2 3 was followed by 8 last, but 1 2 3 by 4.
  EXPECT_EQ(guess(lookupOf({1, 2, 3, 4, 2, 3, 8, 9, 1, 2, 3}), 1), Ids({4}));
  // Of equal ones the latest.
  EXPECT_EQ(guess(lookupOf({2, 3, 4, 0, 2, 3, 8, 9, 2, 3}), 1), Ids({8}));
}

TEST(Lookup, GoesOnBehindTheEnd) {
  EXPECT_EQ(guess(lookupOf({7, 7, 7}), 4), Ids({7, 7, 7, 7}));
  EXPECT_EQ(guess(lookupOf({1, 2, 1, 2}), 5), Ids({1, 2, 1, 2, 1}));
}

TEST(Lookup, KnowsHowOftenItIsRight) {
  Ids loop, noise;
  Random random(1);
  for (int i = 0; i < 400; ++i) {
    loop.push_back(i % 10);
    // Every pair of these is found again, and followed by anything.
    noise.push_back(int32_t(random.below(8)));
  }
  std::vector<double> odds;
  EXPECT_EQ(guess(lookupOf(loop), 4, &odds), Ids({0, 1, 2, 3}));
  EXPECT_GT(odds[0], 0.95);
  ASSERT_EQ(guess(lookupOf(noise), 1, &odds).size(), 1u);
  EXPECT_LT(odds[0], 0.35);
}

TEST(Lookup, IsNeverFooledByHashes) {
  // A table of a few slots, which all runs share.
  Lookup lookup(0);
  Ids history;
  Random random(2);
  for (int i = 0; i < 2000; ++i) {
    history.push_back(int32_t(random.below(5)));
    lookup.add(history.back());
    Ids next = guess(lookup, 1);
    if (next.empty())
      continue;
    Ids last(history.end() - 2, history.end());
    last.push_back(next[0]);
    EXPECT_NE(
        std::search(history.begin(), history.end(), last.begin(), last.end()),
        history.end());
  }
}

static const std::vector<double> kSure(7, 0.98), kUnsure(7, 0.3);

/// Knows one row to take 1000 ns, and 8 rows `eight`.
static DraftLength measured(uint64_t eight, int steps = 100) {
  DraftLength length(8);
  for (int i = 0; i < steps; ++i)
    length.measured(1, 1, 1000);
  for (int i = 0; i < steps; ++i)
    length.measured(8, 8, eight);
  return length;
}

TEST(DraftLength, MeasuresAStepOfOneTokenFirst) {
  DraftLength length(8);
  EXPECT_EQ(length.choose(kSure), 0u);
}

TEST(DraftLength, TakesAllThatIsSureAndCheap) {
  EXPECT_EQ(measured(1300).choose(kSure), 7u);
  EXPECT_EQ(measured(1300).choose({}), 0u);
}

TEST(DraftLength, LeavesWhatDoesNotPay) {
  DraftLength length = measured(1300);
  // Two rows are known to cost a half more: one guess at odds of 0.3 loses.
  for (int i = 0; i < 100; ++i)
    for (size_t rows = 2; rows <= 8; ++rows)
      length.measured(rows, rows, 1500);
  EXPECT_EQ(length.choose(kUnsure), 0u);
  EXPECT_GT(length.choose(kSure), 0u);
}

TEST(DraftLength, RisksASmallPartOfTheTime) {
  DraftLength length(8);
  length.measured(1, 1, 1000);
  EXPECT_EQ(length.choose(kUnsure), 0u); // nothing to lose yet
  uint64_t time = 0, tokens = 0;
  // However sure it is, every guess is wrong, and a row costs a whole step.
  while (tokens < 1000) {
    size_t rows = 1 + length.choose(kSure);
    length.measured(rows, 1, 1000 * rows);
    time += 1000 * rows;
    ++tokens;
  }
  EXPECT_LT(time, 1030 * tokens);
}

TEST(DraftLength, HasNoUseForGuessesWhereStepsTakeOneToken) {
  DraftLength length(1);
  for (int i = 0; i < 1000; ++i)
    length.measured(1, 1, 1000);
  EXPECT_EQ(length.choose(kSure), 0u);
}
