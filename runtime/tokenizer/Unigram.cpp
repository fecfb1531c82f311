//===- Unigram.cpp --------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/tokenizer/Unigram.h"

#include "runtime/tokenizer/Utf8.h"

#include <algorithm>

using namespace setun::abi;

namespace setun::runtime {

void Unigram::offer(size_t start, size_t end, uint32_t symbol, double score) {
  score = isFloat ? float(score) : score;
  frontier = std::max(frontier, end);
  Best &best = ends[end];
  if (best.bytes == 0 || score > best.score)
    best = {score, symbol, uint32_t(end - start)};
}

/// SentencePiece starts sums anew before they become so large that their 32
/// bits lose the scores.
void Unigram::rebase(size_t at) {
  constexpr float kLimit = 100000;
  const float sum = ends[at].score;
  if (!isFloat || (sum >= -kLimit && sum <= kLimit))
    return;
  for (size_t end = at; end <= frontier; ++end)
    if (end == at || ends[end].bytes)
      ends[end].score = float(ends[end].score) - sum;
}

void Unigram::forward(std::string_view text) {
  const double *scores = blob.data(blob.header().scores);
  const double unknownScore = blob.header().unknownScore;
  ends.assign(text.size() + 1, {0, kNone, 0});
  frontier = 0;
  for (size_t at = 0; at < text.size();) {
    rebase(at);
    const double sum = ends[at].score;
    const size_t next = at + readCodePoint(text.substr(at)).bytes;
    bool known = false;
    trie.prefixes(text, at, [&](size_t end, uint32_t symbol) {
      offer(at, end, symbol, sum + scores[symbol]);
      known |= end == next;
      return true;
    });
    if (!known)
      offer(at, next, kNone, sum + unknownScore);
    at = next;
  }
}

size_t Unigram::unknownRun(size_t end, std::string_view text,
                           std::vector<uint32_t> &symbols) const {
  const uint32_t *byteSymbols = blob.data(blob.header().byteSymbols);
  size_t start = end, parts = 0;
  for (; start > 0 && isUnknown(ends[start]); ++parts)
    start -= ends[start].bytes;
  bool isName = parts == 1 && ends[end].symbol != kNone;
  if (!blob.has(kByteFallback) || isName)
    symbols.push_back(kNone);
  else
    while (end-- > start)
      symbols.push_back(byteSymbols[uint8_t(text[end])]);
  return start;
}

void Unigram::run(std::string_view text, std::vector<uint32_t> &symbols) {
  const size_t first = symbols.size();
  forward(text);
  for (size_t end = text.size(); end > 0;)
    if (isUnknown(ends[end])) {
      end = unknownRun(end, text, symbols);
    } else {
      symbols.push_back(ends[end].symbol);
      end -= ends[end].bytes;
    }
  std::reverse(symbols.begin() + first, symbols.end());
}

} // namespace setun::runtime
