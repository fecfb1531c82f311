//===- Encode.cpp - Text to ids -------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/tokenizer/Merge.h"
#include "runtime/tokenizer/Normalize.h"
#include "runtime/tokenizer/Split.h"
#include "runtime/tokenizer/Tokenizer.h"
#include "runtime/tokenizer/Unigram.h"
#include "runtime/tokenizer/Utf8.h"

#include <algorithm>

using namespace setun::abi;

namespace setun::runtime {
namespace {

/// One call of encode: the moves that runtime/abi/Tokenizer.h lists, each
/// handing what it cuts off to the next.
class Encoder {
public:
  Encoder(Blob blob, bool parseSpecial, std::vector<int32_t> &ids)
      : blob(blob), header(blob.header()), steps(blob.span(header.steps)),
        parseSpecial(parseSpecial), merger(blob), unigram(blob), ids(ids) {}

  void text(std::string_view text, std::span<const TextSpan> plainSpans = {}) {
    whole = text;
    plain = plainSpans;
    sections(text, header.rawTokens, [&](std::string_view part, bool first) {
      normalize(part, first);
    });
  }

private:
  /// Emits added tokens and hands on what lies between them.
  template <typename Next>
  void sections(std::string_view text, const abi::Trie &trie, Next next) {
    for (size_t from = 0, search = 0;;) {
      AddedMatch match = findAllowed(trie, text, from, search);
      if (match.start > from)
        next(text.substr(from, match.start - from), from == 0);
      if (match.token == kNone)
        return;
      if (match.start < match.end)
        ids.push_back(match.token);
      from = match.end;
      search = match.found;
    }
  }

  /// The next added token that may be one.
  AddedMatch findAllowed(const abi::Trie &trie, std::string_view text,
                         size_t from, size_t search) {
    for (;;) {
      AddedMatch match =
          findAdded(blob, trie, text, from, search, parseSpecial);
      bool special = match.token != kNone &&
                     blob.data(header.tokenFlags)[match.token] & kTokenSpecial;
      if (!special || plain.empty() || isTrusted(trie, match))
        return match;
      search = match.found;
    }
  }

  /// Whether a special token stands outside of what is only text. Normalized
  /// text has other positions: there the token's name counts.
  bool isTrusted(const abi::Trie &trie, AddedMatch match) {
    std::string_view name = blob.decoded(match.token);
    if (&trie == &header.rawTokens) {
      size_t end = match.found, begin = end - std::min(name.size(), end);
      return std::none_of(plain.begin(), plain.end(), [&](TextSpan span) {
        return span.begin < end && begin < span.end;
      });
    }
    return std::none_of(plain.begin(), plain.end(), [&](TextSpan span) {
      return whole.substr(span.begin, span.end - span.begin).find(name) !=
             std::string_view::npos;
    });
  }

  void normalize(std::string_view section, bool first) {
    std::string buffer;
    for (const TokenizerStep &step : steps.first(header.numNormalizers)) {
      buffer = rewrite(blob, step, section, first);
      section = buffer;
    }
    sections(section, header.normalizedTokens,
             [&](std::string_view part, bool leads) {
               cut(part, first && leads, header.numNormalizers);
             });
  }

  /// Runs the steps from `index` on over one piece.
  void cut(std::string_view piece, bool first, uint32_t index) {
    if (piece.empty())
      return;
    if (index == steps.size())
      return encode(piece);
    const TokenizerStep &step = steps[index];
    if (step.kind == StepKind::Split)
      return split(piece, first, index);
    cut(rewrite(blob, step, piece, first), first, index + 1);
  }

  void split(std::string_view piece, bool first, uint32_t index) {
    const Automaton &automaton =
        blob.data(header.automata)[steps[index].automaton];
    Cut cut{*this, steps[index].flags, piece, first, index + 1};
    size_t gap = 0;
    for (size_t at = 0; at < piece.size();) {
      size_t bytes = matchLength(blob, automaton, piece, at);
      if (bytes == 0) {
        at += automaton.byBytes ? 1 : readCodePoint(piece.substr(at)).bytes;
        continue;
      }
      cut.part(gap, at, /*matches=*/false);
      cut.part(at, at + bytes, /*matches=*/true);
      gap = at += bytes;
    }
    cut.part(gap, piece.size(), /*matches=*/false);
    cut.flush();
  }

  /// Joins matches and gaps as a Split's flags say, and hands them on.
  struct Cut {
    Encoder &encoder;
    uint32_t flags;
    std::string_view piece;
    bool first;
    uint32_t next;
    size_t start = 0, end = 0; ///< what waits for its neighbour
    bool matched = false;      ///< whether that ends with a match

    void part(size_t from, size_t to, bool matches) {
      if (from == to)
        return;
      matches ^= (flags & kInvert) != 0;
      bool joins = (flags & kJoinPrevious && matches && !matched) ||
                   (flags & kJoinNext && !matches && matched) ||
                   (flags & kJoinEqual && matches == matched);
      if (!joins || start == end) {
        flush();
        start = from;
      }
      end = to;
      matched = matches;
      if (flags & kDropMatches && matches)
        start = end;
    }

    void flush() {
      encoder.cut(piece.substr(start, end - start), first && start == 0, next);
      start = end;
    }
  };

  void encode(std::string_view piece) {
    if (uint32_t id = blob.findPiece(piece);
        id < header.numTokens &&
        blob.data(header.tokenFlags)[id] & kTokenIsWhole)
      return ids.push_back(id);
    symbols.clear();
    if (blob.has(kUnigram)) {
      unigram.run(piece, symbols);
      return emit();
    }
    if (blob.has(kByteLevel))
      pushBytes(symbols, piece);
    else
      readCharacters(piece);
    // What is unknown and has no token is dropped, and merges close the gap.
    if (header.unknownToken == kNone)
      std::erase(symbols, kNone);
    if (symbols.size() > 1)
      merger.run(symbols);
    emit();
  }

  void readCharacters(std::string_view piece) {
    while (!piece.empty()) {
      std::string_view character = piece.substr(0, readCodePoint(piece).bytes);
      piece.remove_prefix(character.size());
      uint32_t symbol = blob.findPiece(character);
      if (symbol != kNone || !blob.has(kByteFallback))
        symbols.push_back(symbol);
      else
        pushBytes(symbols, character);
    }
  }

  template <typename List> void pushBytes(List &list, std::string_view bytes) {
    for (uint8_t byte : bytes)
      list.push_back(blob.data(header.byteSymbols)[byte]);
  }

  /// Symbols that are no tokens (unknown, or only a part of tokens) become
  /// their bytes' tokens or the unknown token.
  void emit() {
    bool afterUnknown = false;
    for (uint32_t symbol : symbols) {
      bool unknown = false;
      if (symbol < header.numTokens)
        ids.push_back(symbol);
      else if (symbol != kNone && blob.has(kByteFallback))
        pushBytes(ids, blob.surface(symbol));
      else
        unknown = true;
      bool fused = afterUnknown && blob.has(kFuseUnknown);
      if (unknown && header.unknownToken != kNone && !fused)
        ids.push_back(header.unknownToken);
      afterUnknown = unknown;
    }
  }

  Blob blob;
  const TokenizerHeader &header;
  std::span<const TokenizerStep> steps;
  bool parseSpecial;
  std::string_view whole;
  std::span<const TextSpan> plain;
  Merger merger;
  Unigram unigram;
  std::vector<uint32_t> symbols;
  std::vector<int32_t> &ids;
};

} // namespace

std::vector<int32_t> Tokenizer::encode(std::string_view text, bool addSpecial,
                                       bool parseSpecial) const {
  std::vector<int32_t> ids;
  auto append = [&](Table<int32_t> table) {
    for (int32_t id : blob.span(table))
      ids.push_back(id);
  };
  if (addSpecial)
    append(blob.header().prefix);
  Encoder(blob, parseSpecial, ids).text(text);
  if (addSpecial)
    append(blob.header().suffix);
  return ids;
}

std::vector<int32_t> Tokenizer::encode(std::string_view text,
                                       std::span<const TextSpan> plain) const {
  std::vector<int32_t> ids;
  Encoder(blob, /*parseSpecial=*/true, ids).text(text, plain);
  return ids;
}

bool Tokenizer::addsBos() const {
  auto prefix = blob.span(blob.header().prefix);
  return !prefix.empty() && prefix[0] == bosToken();
}

} // namespace setun::runtime
