//===- SessionTest.cpp - However tokens are cut into steps ----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/session/Session.h"

#include <gtest/gtest.h>
#include <string.h>
#include <unistd.h>

using namespace setun::abi;
using namespace setun::runtime;

static std::unique_ptr<Session> open(SessionSettings settings,
                                     const Model &model = setun_model) {
  Failure failure;
  auto session = Session::create(model, model.levels[0], settings, failure);
  EXPECT_TRUE(session) << failure;
  return session;
}

static std::string openError(SessionSettings settings,
                             const Model &model = setun_model) {
  Failure failure;
  EXPECT_FALSE(Session::create(model, model.levels[0], settings, failure));
  return failure;
}

static std::vector<int32_t> someTokens(size_t count) {
  std::vector<int32_t> tokens(count);
  for (size_t i = 0; i < count; ++i)
    tokens[i] = int32_t(i * i * 31 % setun_model.vocabSize);
  return tokens;
}

/// Logits of all tokens, fed in pieces of `piece`.
static std::vector<float> logitsInPieces(SessionSettings settings, size_t piece,
                                         std::span<const int32_t> tokens) {
  auto session = open(settings);
  std::vector<float> all;
  for (size_t at = 0; at < tokens.size(); at += piece) {
    auto part = tokens.subspan(at, std::min(piece, tokens.size() - at));
    const float *logits = session->evaluate(part, 0);
    all.insert(all.end(), logits, logits + part.size() * setun_model.vocabSize);
  }
  EXPECT_EQ(session->length(), tokens.size());
  return all;
}

TEST(Session, LogitsDoNotDependOnTheSplit) {
  auto tokens = someTokens(47);
  auto expected = logitsInPieces({.threads = 1}, 1, tokens);
  for (int64_t threads : {1, 3})
    for (int64_t batchRows : {0, 1, 2, 5, 16, 1000})
      for (size_t piece : {1, 3, 16, 17, 47}) {
        SessionSettings settings = {.threads = threads, .batchRows = batchRows};
        EXPECT_EQ(logitsInPieces(settings, piece, tokens), expected)
            << threads << ' ' << batchRows << ' ' << piece;
      }
}

TEST(Session, GivesOnlyTheLogitsAskedFor) {
  auto tokens = someTokens(40);
  uint64_t vocabulary = setun_model.vocabSize;
  auto all = logitsInPieces({}, tokens.size(), tokens);
  for (size_t first : {0, 1, 15, 16, 20, 38, 39}) {
    auto session = open({});
    const float *logits = session->evaluate(tokens, first);
    EXPECT_EQ(memcmp(logits, all.data() + first * vocabulary,
                     (tokens.size() - first) * vocabulary * sizeof(float)),
              0)
        << first;
  }
}

TEST(Session, RestartForgets) {
  auto tokens = someTokens(9);
  auto used = open({}), fresh = open({});
  used->evaluate(someTokens(20));
  used->restart();
  EXPECT_EQ(memcmp(used->evaluate(tokens), fresh->evaluate(tokens),
                   setun_model.vocabSize * sizeof(float)),
            0);
  EXPECT_EQ(used->length(), 9u);
}

TEST(Session, PicksTheSmallestClassThatFits) {
  for (auto [rows, name] : {std::pair(1, "decode"),
                            {2, "small"},
                            {4, "small"},
                            {5, "prefill"},
                            {16, "prefill"},
                            {99, "prefill"}})
    EXPECT_STREQ(classFor(setun_model.levels[0], rows).name, name) << rows;
}

// Prefill computes 8 tokens together, the other classes what they are given.
TEST(Session, LeavesRestsToSmallerClasses) {
  for (auto [wanted, rows] : {std::pair(1, 1),
                              {4, 4},
                              {5, 5}, // no smaller class takes them
                              {8, 8},
                              {9, 8},
                              {12, 8},
                              {13, 13},
                              {16, 16},
                              {99, 16}})
    EXPECT_EQ(cutStep(setun_model.levels[0], wanted), uint64_t(rows)) << wanted;
}

TEST(Session, HoldsTheContextAskedFor) {
  EXPECT_EQ(open({})->capacity(), 64u);
  EXPECT_EQ(open({.context = 10})->capacity(), 10u);
  EXPECT_NE(openError({.context = 65}).find("allows 64 at most"),
            std::string::npos);
}

TEST(Session, RefusesWhatMemoryCannotHold) {
  Model huge = setun_model;
  huge.kvBytesPerPosition = UINT64_MAX / 8;
  EXPECT_NE(openError({.context = 32}, huge).find("smaller -c"),
            std::string::npos);
  huge.kvBytesPerPosition = uint64_t(1) << 58;
  EXPECT_NE(openError({.context = 32}, huge).find("no memory for the context"),
            std::string::npos);
}

TEST(Session, ChoosesAContextThatFitsIntoMemory) {
  Model large = setun_model;
  large.kvBytesPerPosition = 1 << 30;
  large.contextLength = 1 << 30;
  uint64_t memory = uint64_t(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
  uint64_t positions = open({}, large)->capacity();
  EXPECT_GE(positions, 1u);
  EXPECT_LT(positions << 30, memory);
}
