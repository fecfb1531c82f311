//===- Lookup.cpp - Guessing tokens from the tokens before ----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/sampler/Lookup.h"

#include <algorithm>
#include <bit>

namespace setun::runtime {

//===----------------------------------------------------------------------===//
// The index
//===----------------------------------------------------------------------===//

// An unknown guess is right as often as wrong; a rate looks back so many.
constexpr double kFirstRate = 0.5, kMemory = 16;

Lookup::Lookup(size_t capacity) {
  history.reserve(capacity);
  for (size_t n = kShortest; n <= kLongest; ++n)
    ends[n].resize(std::bit_ceil(2 * capacity + 2));
  std::fill(std::begin(rates), std::end(rates), kFirstRate);
}

/// Of the `length` tokens before index `end`.
uint32_t &Lookup::slot(size_t length, size_t end) {
  uint64_t hash = 0;
  for (size_t i = end - length; i < end; ++i)
    hash = (hash ^ uint32_t(history[i])) * 0x9e3779b97f4a7c15;
  return ends[length][(hash >> 32) & (ends[length].size() - 1)];
}

/// How many tokens before index `a` are those before index `b`.
size_t Lookup::commonLength(size_t a, size_t b) const {
  size_t common = 0;
  while (common < std::min({a, b, kMostLength}) &&
         history[a - common - 1] == history[b - common - 1])
    ++common;
  return common;
}

void Lookup::find() {
  match = 0;
  for (size_t n = kLongest; n >= kShortest && !match; --n) {
    if (history.size() < n)
      continue;
    size_t end = slot(n, history.size());
    length = end ? commonLength(end, history.size()) : 0;
    if (length >= n)
      match = end;
  }
}

void Lookup::add(int32_t token) {
  bool right = match && history[match] == token;
  if (match) {
    double &rate = rates[std::bit_width(length)];
    rate += (right - rate) / kMemory;
  }
  size_t end = history.size();
  for (size_t n = kShortest; n <= std::min(kLongest, end); ++n)
    slot(n, end) = end;
  history.push_back(token);
  if (!right)
    return find();
  ++match;
  length = std::min(length + 1, kMostLength);
}

size_t Lookup::guess(std::span<int32_t> tokens, std::span<double> odds) const {
  if (!match)
    return 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    size_t from = match + i;
    // Behind the end a repetition repeats itself.
    tokens[i] =
        from < history.size() ? history[from] : tokens[from - history.size()];
    odds[i] = rates[std::bit_width(std::min(length + i, kMostLength))];
  }
  return tokens.size();
}

//===----------------------------------------------------------------------===//
// How much of it to verify
//===----------------------------------------------------------------------===//

// The part of the time that wrong guesses may cost in all.
constexpr double kAllowance = 0.01;
// What a row is thought to add to a step until that was measured.
constexpr double kRowCost = 0.25;

double DraftLength::timeOf(size_t rows) const {
  size_t known = rows;
  while (known > 1 && times[known] == 0)
    --known;
  return times[known] + kRowCost * (rows - known) * times[1];
}

size_t DraftLength::choose(std::span<const double> odds) const {
  double one = times[1], best = 0, reach = 1, expected = 0;
  double credit = saved + kAllowance * plain;
  size_t length = 0, most = std::min(odds.size(), times.size() - 2);
  for (size_t i = 0; i < most && one > 0; ++i) {
    reach *= odds[i];
    expected += reach * one;
    double extra = timeOf(i + 2) - one;
    // A step is lost when the first guess is wrong.
    bool affordable = (1 - odds[0]) * extra <= credit;
    if (affordable && expected - extra > best) {
      best = expected - extra;
      length = i + 1;
    }
  }
  return length;
}

void DraftLength::measured(size_t rows, size_t tokens, uint64_t nanoseconds) {
  double time = nanoseconds;
  // First steps touch new memory, and other processes get in the way: what is
  // out of proportion counts as twice as slow.
  if (double expected = timeOf(rows))
    time = (3 * expected + std::min(time, 2 * expected)) / 4;
  times[rows] = time;
  plain += tokens * times[1];
  if (rows > 1)
    saved += tokens * times[1] - nanoseconds;
}

} // namespace setun::runtime
