//===- Lookup.h - Guessing tokens from the tokens before --------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_SAMPLER_LOOKUP_H
#define SETUN_RUNTIME_SAMPLER_LOOKUP_H

#include <span>
#include <stdint.h>
#include <vector>

namespace setun::runtime {

/// Finds where the last tokens of a sequence stood before; what followed there
/// may follow here. It tests its guess at every token, whether anybody asked
/// for it or not, and so knows how often matches of a length are right.
class Lookup {
public:
  /// For sequences of up to `capacity` tokens.
  explicit Lookup(size_t capacity);

  /// Appends a token.
  void add(int32_t token);

  /// Guesses the next tokens, up to tokens.size(); odds[i] is how likely the
  /// i-th guess is right when those before it are. Returns how many there are.
  size_t guess(std::span<int32_t> tokens, std::span<double> odds) const;

private:
  static constexpr size_t kShortest = 2, kLongest = 4, kMostLength = 32;

  uint32_t &slot(size_t length, size_t end);
  size_t commonLength(size_t a, size_t b) const;
  void find();

  std::vector<int32_t> history;
  /// By the hash of 2, 3 and 4 tokens: where the latest such run ended. A run
  /// that another has thrown out is just not found.
  std::vector<uint32_t> ends[kLongest + 1];
  size_t match = 0;  ///< index of the guess in `history`; 0: none
  size_t length = 0; ///< tokens before `match` that stand at the end, too
  double rates[8];   ///< of right guesses, by the bits of the length
};

/// Decides how many guesses are worth a step, by the times of earlier steps.
class DraftLength {
public:
  explicit DraftLength(size_t mostRows) : times(mostRows + 1) {}

  /// How many of the guesses with these odds to verify; 0: a step of one token.
  size_t choose(std::span<const double> odds) const;

  /// A step of `rows` tokens took so long and gave `tokens` new ones.
  void measured(size_t rows, size_t tokens, uint64_t nanoseconds);

private:
  double timeOf(size_t rows) const;

  std::vector<double> times; ///< nanoseconds by rows; 0: not measured yet
  double plain = 0;          ///< what the tokens would have cost one by one
  double saved = 0;          ///< of that, by steps of several rows
};

} // namespace setun::runtime

#endif // SETUN_RUNTIME_SAMPLER_LOOKUP_H
