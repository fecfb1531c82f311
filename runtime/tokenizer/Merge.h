//===- Merge.h - Byte-pair merging in n log n -------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_TOKENIZER_MERGE_H
#define SETUN_RUNTIME_TOKENIZER_MERGE_H

#include "runtime/tokenizer/Blob.h"

#include <vector>

namespace setun::runtime {

/// Merges the symbols of one piece: always the pair of smallest rank, of equal
/// ones the leftmost. A heap of candidates over a linked list, so that a
/// megabyte without a space costs n log n. Keeps its buffers between pieces.
class Merger {
public:
  explicit Merger(Blob blob) : blob(blob) {}

  /// Symbols in, merged symbols out. kNone merges with nothing.
  void run(std::vector<uint32_t> &symbols);

private:
  struct Candidate {
    uint32_t rank, position; ///< of the left symbol
    uint32_t left, right, merged;
    bool operator<(const Candidate &other) const {
      return rank != other.rank ? rank > other.rank : position > other.position;
    }
  };
  struct Link {
    uint32_t previous, next;
  };

  void consider(const std::vector<uint32_t> &symbols, uint32_t position);
  void apply(std::vector<uint32_t> &symbols, const Candidate &candidate);

  Blob blob;
  std::vector<Candidate> heap;
  std::vector<Link> links;
};

} // namespace setun::runtime

#endif // SETUN_RUNTIME_TOKENIZER_MERGE_H
