//===- Split.cpp ----------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/tokenizer/Split.h"

#include "runtime/tokenizer/Utf8.h"

using namespace setun::abi;

namespace setun::runtime {

size_t matchLength(Blob blob, const Automaton &automaton,
                   std::string_view text) {
  const uint16_t *blocks = blob.data(automaton.blocks);
  const uint8_t *classes = blob.data(automaton.classes);
  const uint32_t *edges = blob.data(automaton.edges);
  const uint32_t numClasses = automaton.numClasses;
  size_t best = 0;
  uint32_t state = 1;
  for (size_t at = 0; at < text.size();) {
    uint32_t kind, bytes = 1;
    if (uint8_t byte = text[at]; byte < 0x80) {
      kind = classes[byte];
    } else {
      CodePoint c = readCodePoint(text.substr(at));
      bytes = c.bytes;
      uint32_t block = blocks[c.value >> kBlockBits];
      kind = c.valid ? classes[(block << kBlockBits) | (c.value & 127)]
                     : automaton.invalidClass;
    }
    uint32_t edge = edges[state * numClasses + kind];
    if (edge & 1)
      best = at;
    state = edge >> 1;
    if (state == 0)
      return best;
    at += bytes;
  }
  bool endsHere = edges[state * numClasses + numClasses - 1] & 1;
  return endsHere ? text.size() : best;
}

/// The node that `byte` leads to, or kNone.
static uint32_t child(std::span<const TrieEdge> edges, const TrieNode &node,
                      uint8_t byte) {
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
  return kNone;
}

static AddedMatch longestAt(Blob blob, const Trie &trie, std::string_view text,
                            size_t start) {
  AddedMatch best{start, start, kNone};
  auto nodes = blob.span(trie.nodes);
  auto edges = blob.span(trie.edges);
  uint32_t node = blob.data(trie.roots)[uint8_t(text[start])];
  for (size_t at = start + 1; node != kNone; ++at) {
    if (nodes[node].token != kNone)
      best = {start, at, nodes[node].token};
    if (at == text.size())
      break;
    node = child(edges, nodes[node], text[at]);
  }
  return best;
}

/// Widens the match by the white space that the token asks for.
static void takeSpace(AddedMatch &match, std::string_view text, size_t from,
                      uint8_t flags) {
  if (flags & kTokenTakesRight)
    while (match.end < text.size()) {
      CodePoint c = readCodePoint(text.substr(match.end));
      if (!c.valid || !isSpace(c.value))
        break;
      match.end += c.bytes;
    }
  if (!(flags & kTokenTakesLeft))
    return;
  while (match.start > from) {
    size_t back = match.start - 1;
    while (back > from && (uint8_t(text[back]) & 0xc0) == 0x80)
      --back;
    CodePoint c = readCodePoint(text.substr(back));
    if (!c.valid || back + c.bytes != match.start || !isSpace(c.value))
      break;
    match.start = back;
  }
}

AddedMatch findAdded(Blob blob, const Trie &trie, std::string_view text,
                     size_t from, bool parseSpecial) {
  const uint8_t *flags = blob.data(blob.header().tokenFlags);
  const uint32_t *roots = blob.data(trie.roots);
  for (size_t at = from; trie.nodes.count && at < text.size();) {
    if (roots[uint8_t(text[at])] == kNone) {
      ++at;
      continue;
    }
    AddedMatch match = longestAt(blob, trie, text, at);
    if (match.token == kNone) {
      ++at;
    } else if (flags[match.token] & kTokenSpecial && !parseSpecial) {
      at = match.end;
    } else {
      takeSpace(match, text, from, flags[match.token]);
      return match;
    }
  }
  return {text.size(), text.size(), kNone};
}

} // namespace setun::runtime
