//===- TrieBuilder.h - Strings become a trie ----------------- -*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_FRONTENDS_TOKENIZER_TRIEBUILDER_H
#define SETUN_FRONTENDS_TOKENIZER_TRIEBUILDER_H

#include "runtime/abi/Tokenizer.h"

#include "llvm/ADT/StringRef.h"

#include <map>
#include <vector>

namespace setun::frontends::tokenizer {

/// A byte trie, built with a map and laid out breadth first.
class TrieBuilder {
public:
  void add(llvm::StringRef text, uint32_t token) {
    uint32_t node = 0;
    for (uint8_t byte : text) {
      auto [entry, isNew] = nodes[node].children.emplace(byte, nodes.size());
      node = entry->second;
      if (isNew)
        nodes.emplace_back();
    }
    nodes[node].token = token;
  }

  bool empty() const { return nodes.size() == 1; }

  void layOut(std::vector<uint32_t> &roots, std::vector<abi::TrieNode> &out,
              std::vector<abi::TrieEdge> &edges) const {
    roots.assign(256, abi::kNone);
    for (auto [byte, child] : nodes[0].children)
      roots[byte] = child;
    for (const Node &node : nodes) {
      out.push_back({uint32_t(edges.size()), uint32_t(node.children.size()),
                     node.token, 0});
      for (auto [byte, child] : node.children)
        edges.push_back({byte, child});
    }
  }

private:
  struct Node {
    std::map<uint8_t, uint32_t> children;
    uint32_t token = abi::kNone;
  };
  std::vector<Node> nodes = std::vector<Node>(1);
};

} // namespace setun::frontends::tokenizer

#endif // SETUN_FRONTENDS_TOKENIZER_TRIEBUILDER_H
