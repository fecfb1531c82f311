//===- Trie.h - Strings that start somewhere in a text -------- -*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_TOKENIZER_TRIE_H
#define SETUN_RUNTIME_TOKENIZER_TRIE_H

#include "runtime/tokenizer/Blob.h"

namespace setun::runtime {

/// A view of an abi::Trie.
class Trie {
public:
  Trie(Blob blob, const abi::Trie &trie)
      : roots(blob.data(trie.roots)), nodes(blob.data(trie.nodes)),
        edges(blob.data(trie.edges)), any(trie.nodes.count) {}

  bool empty() const { return !any; }
  bool mayStartWith(uint8_t byte) const { return roots[byte] != abi::kNone; }

  /// Calls found(end, number) for every string of the trie that stands at
  /// text[start], the shortest first, until it returns false.
  template <typename Found>
  void prefixes(std::string_view text, size_t start, Found found) const {
    uint32_t node = any ? roots[uint8_t(text[start])] : abi::kNone;
    for (size_t at = start + 1; node != abi::kNone; ++at) {
      if (nodes[node].token != abi::kNone && !found(at, nodes[node].token))
        return;
      if (at == text.size())
        return;
      node = child(nodes[node], text[at]);
    }
  }

private:
  /// The node that `byte` leads to, or kNone.
  uint32_t child(const abi::TrieNode &node, uint8_t byte) const {
    uint32_t low = node.firstEdge, high = low + node.numEdges;
    while (low < high) {
      uint32_t middle = low + (high - low) / 2;
      if (edges[middle].byte == byte)
        return edges[middle].node;
      if (edges[middle].byte < byte)
        low = middle + 1;
      else
        high = middle;
    }
    return abi::kNone;
  }

  const uint32_t *roots;
  const abi::TrieNode *nodes;
  const abi::TrieEdge *edges;
  bool any;
};

} // namespace setun::runtime

#endif // SETUN_RUNTIME_TOKENIZER_TRIE_H
