//===- Split.cpp ----------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/tokenizer/Split.h"

#include "runtime/tokenizer/Trie.h"
#include "runtime/tokenizer/Utf8.h"

#include <algorithm>

using namespace setun::abi;

namespace setun::runtime {
namespace {

/// The class of what stands at text[at], and how many bytes it has.
struct Classes {
  Classes(Blob blob, const Automaton &automaton)
      : blocks(blob.data(automaton.blocks)),
        classes(blob.data(automaton.classes)), invalid(automaton.invalidClass),
        byBytes(automaton.byBytes) {}

  uint32_t read(std::string_view text, size_t at, uint32_t &bytes) const {
    bytes = 1;
    uint8_t byte = text[at];
    if (byte < 0x80 || byBytes)
      return classes[byte];
    CodePoint c = readCodePoint(text.substr(at));
    bytes = c.bytes;
    uint32_t block = blocks[c.value >> kBlockBits];
    return c.valid ? classes[(block << kBlockBits) | (c.value & 127)] : invalid;
  }

  /// The class of what ends before text[at].
  uint32_t readBefore(std::string_view text, size_t at) const {
    uint32_t bytes;
    return read(text, byBytes ? at - 1 : previousCodePoint(text, at), bytes);
  }

  const uint16_t *blocks;
  const uint8_t *classes;
  uint32_t invalid;
  bool byBytes;
};

} // namespace

size_t matchLength(Blob blob, const Automaton &automaton, std::string_view text,
                   size_t start) {
  const Classes classes(blob, automaton);
  const uint32_t *edges = blob.data(automaton.edges);
  const uint32_t *starts = blob.data(automaton.starts);
  const uint32_t numClasses = automaton.numClasses;
  size_t best = start;
  uint32_t state = starts[numClasses - 1];
  if (start != 0 && automaton.looksBehind)
    state = starts[classes.readBefore(text, start)];
  for (size_t at = start; at < text.size();) {
    uint32_t bytes;
    uint32_t kind = classes.read(text, at, bytes);
    uint32_t edge = edges[state * numClasses + kind];
    if (edge & 1)
      best = at;
    state = edge >> 1;
    if (state == 0)
      return best - start;
    at += bytes;
  }
  bool endsHere = edges[state * numClasses + numClasses - 1] & 1;
  return (endsHere ? text.size() : best) - start;
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
  match.start = std::max(match.start, from);
  while (match.start > from) {
    size_t back = previousCodePoint(text, match.start);
    CodePoint c = readCodePoint(text.substr(back));
    if (!c.valid || !isSpace(c.value))
      break;
    match.start = back;
  }
}

/// Whether letters or digits stand before or behind the match.
static bool touchesWord(Blob blob, std::string_view text,
                        const AddedMatch &match) {
  const Automaton &word =
      blob.data(blob.header().automata)[blob.header().wordAutomaton];
  auto isWord = [&](size_t at) { return matchLength(blob, word, text, at); };
  return (match.end < text.size() && isWord(match.end)) ||
         (match.start > 0 && isWord(previousCodePoint(text, match.start)));
}

AddedMatch findAdded(Blob blob, const abi::Trie &table, std::string_view text,
                     size_t from, size_t search, bool parseSpecial) {
  const uint8_t *allFlags = blob.data(blob.header().tokenFlags);
  const Trie trie(blob, table);
  for (size_t at = search; !trie.empty() && at < text.size();) {
    AddedMatch match{at, at, at, kNone};
    if (trie.mayStartWith(text[at]))
      trie.prefixes(text, at, [&](size_t end, uint32_t token) {
        match = {at, end, end, token};
        return true;
      });
    if (match.token == kNone) {
      ++at;
      continue;
    }
    uint8_t flags = allFlags[match.token];
    bool isText = (flags & kTokenSpecial && !parseSpecial) ||
                  (flags & kTokenIsWord && touchesWord(blob, text, match));
    if (!isText) {
      takeSpace(match, text, from, flags);
      return match;
    }
    at = match.end;
  }
  return {text.size(), text.size(), text.size(), kNone};
}

} // namespace setun::runtime
