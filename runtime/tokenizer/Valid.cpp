//===- Valid.cpp - Is this a tokenizer? -----------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/tokenizer/Tokenizer.h"

using namespace setun::abi;

namespace setun::runtime {
namespace {

/// Checks that tables lie inside `bytes`.
struct Bounds {
  uint64_t bytes;

  template <typename T> bool holds(Table<T> table) const {
    return table.offset % 8 == 0 && table.offset <= bytes &&
           table.count <= (bytes - table.offset) / sizeof(T);
  }
  template <typename T> bool holds(Table<T> table, uint64_t count) const {
    return table.count == count && holds(table);
  }
  /// A hash table: a power of two, so that a mask finds the slot.
  template <typename T> bool holdsSlots(Table<T> table) const {
    return table.count && !(table.count & (table.count - 1)) && holds(table);
  }
  bool holds(const abi::Trie &trie) const {
    return holds(trie.roots, 256) && holds(trie.nodes) && holds(trie.edges);
  }
  bool holds(const Automaton &a) const {
    return holds(a.blocks, a.byBytes ? 0 : 0x110000 >> kBlockBits) &&
           holds(a.classes) && holds(a.edges) && a.numClasses &&
           holds(a.starts, a.numClasses) && a.invalidClass < a.numClasses &&
           a.edges.count >= 2 * a.numClasses &&
           a.classes.count >= (a.byBytes ? 256 : 128);
  }
  bool holds(const Map &map) const {
    return holds(map.keys) && holds(map.contents) && holds(map.units);
  }
  bool holds(const Composition &c) const {
    return holds(c.classes) && holds(c.decompositions) && holds(c.pairs) &&
           holds(c.codePoints);
  }
};

/// Whether a step's indices name tables that are there.
bool isWhole(const TokenizerStep &step, const TokenizerHeader &h) {
  bool clusters = step.kind == StepKind::Map && step.flags & kWholeClusters;
  if (step.kind == StepKind::Split || step.kind == StepKind::ReplaceMatches ||
      clusters)
    if (step.automaton >= h.automata.count)
      return false;
  if (step.kind == StepKind::Map)
    return step.table < h.maps.count;
  return step.kind != StepKind::Compose || step.table < h.compositions.count;
}

} // namespace

bool Tokenizer::valid(const uint8_t *base, size_t bytes) {
  if (bytes < sizeof(TokenizerHeader) || uintptr_t(base) % 8)
    return false;
  Blob blob(base);
  const TokenizerHeader &h = blob.header();
  if (h.magic != kTokenizerMagic || h.version != kTokenizerVersion ||
      h.bytes > bytes || h.numTokens > h.numSymbols)
    return false;
  Bounds in{h.bytes};
  if (!in.holds(h.text) || !in.holds(h.surfaces, uint64_t(h.numSymbols) + 1) ||
      !in.holds(h.decoded, uint64_t(h.numTokens) + 1) ||
      !in.holds(h.tokenFlags, h.numTokens) || !in.holdsSlots(h.pieces) ||
      !in.holdsSlots(h.pairs) || !in.holds(h.byteSymbols, 256) ||
      !in.holds(h.steps) || !in.holds(h.automata) || !in.holds(h.prefix) ||
      !in.holds(h.suffix) || !in.holds(h.stopTokens) ||
      !in.holds(h.rawTokens) || !in.holds(h.normalizedTokens) ||
      !in.holds(h.compositions) || !in.holds(h.maps) ||
      (blob.has(kUnigram) && !in.holds(h.scoredPieces)) ||
      h.numNormalizers > h.steps.count ||
      !in.holds(h.scores, blob.has(kUnigram) ? h.numTokens : 0) ||
      (h.wordAutomaton != kNone && h.wordAutomaton >= h.automata.count))
    return false;
  for (const Automaton &automaton : blob.span(h.automata))
    if (!in.holds(automaton))
      return false;
  for (const Composition &composition : blob.span(h.compositions))
    if (!in.holds(composition))
      return false;
  for (const Map &map : blob.span(h.maps))
    if (!in.holds(map))
      return false;
  for (const TokenizerStep &step : blob.span(h.steps))
    if (!isWhole(step, h))
      return false;
  return true;
}

} // namespace setun::runtime
