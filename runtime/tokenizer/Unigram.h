//===- Unigram.h - The best cut of a text into scored pieces - -*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_TOKENIZER_UNIGRAM_H
#define SETUN_RUNTIME_TOKENIZER_UNIGRAM_H

#include "runtime/tokenizer/Trie.h"

#include <vector>

namespace setun::runtime {

/// Viterbi's algorithm over the characters of a piece: the highest sum of
/// scores, of equal ones that whose last cut was found first. A character that
/// is no symbol costs unknownScore. Keeps its buffers between pieces.
class Unigram {
public:
  explicit Unigram(Blob blob)
      : blob(blob), trie(blob, blob.header().scoredPieces),
        isFloat(blob.has(abi::kFloatScores)) {}

  /// Appends symbols; unknown characters in a row are one kNone, or their
  /// bytes' symbols.
  void run(std::string_view text, std::vector<uint32_t> &symbols);

private:
  struct Best {
    double score;
    uint32_t symbol;
    uint32_t bytes; ///< of the symbol; 0: nothing ends here yet
  };

  void offer(size_t start, size_t end, uint32_t symbol, double score);
  void rebase(size_t at);
  void forward(std::string_view text);
  /// The unknown token's name is as unknown as what it stands for.
  bool isUnknown(const Best &best) const {
    return best.symbol == abi::kNone ||
           best.symbol == blob.header().unknownToken;
  }
  /// Appends, backwards, the unknown text that ends at `end`; returns its
  /// start.
  size_t unknownRun(size_t end, std::string_view text,
                    std::vector<uint32_t> &symbols) const;

  Blob blob;
  Trie trie;
  bool isFloat;
  std::vector<Best> ends; ///< [bytes before], the best way there
  size_t frontier = 0;    ///< the last of them that is reached
};

} // namespace setun::runtime

#endif // SETUN_RUNTIME_TOKENIZER_UNIGRAM_H
