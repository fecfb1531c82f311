//===- Tokenizer.h - A tokenizer as tables in the weights segment ---------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One blob, used in place: little-endian, position-independent (offsets count
// from its start), every table 8-byte aligned. `frontends/tokenizer` writes
// it, `runtime/tokenizer` reads it; nothing is built or checked at start that
// grows with the vocabulary.
//
// Text becomes ids in five moves:
//   text ─added tokens─▶ sections ─normalizers─▶ sections ─splits─▶ pieces
//        ─merges or scores─▶ ids, between the fixed ids of `prefix` and
//        `suffix`.
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_ABI_TOKENIZER_H
#define SETUN_RUNTIME_ABI_TOKENIZER_H

#include <stddef.h>
#include <stdint.h>

namespace setun::abi {

inline constexpr uint32_t kTokenizerMagic = 0x4b4f5453; // "STOK"
inline constexpr uint32_t kTokenizerVersion = 2;

/// "No such token, symbol or slot".
inline constexpr uint32_t kNone = 0xffffffff;

/// `count` elements of T, `offset` bytes from the blob's start.
template <typename T> struct Table {
  uint64_t offset;
  uint64_t count;
};

/// Bytes in TokenizerHeader::text.
struct TextRef {
  uint32_t offset;
  uint32_t bytes;
};

/// Per token.
enum TokenFlags : uint8_t {
  kTokenSpecial = 1,    ///< a control token: not shown when decoding
  kTokenTakesLeft = 2,  ///< an added token that swallows white space before it
  kTokenTakesRight = 4, ///< … and after it
  kTokenIsWord = 8,     ///< an added token that never touches a word
  kTokenIsWhole = 16,   ///< a piece that is its text is it, without merges
};

/// Of the whole tokenizer.
enum TokenizerFlags : uint32_t {
  kByteLevel = 1,    ///< symbols start as bytes, else as code points
  kByteFallback = 2, ///< an unknown code point becomes its bytes' tokens
  kFuseUnknown = 4,  ///< neighbouring unknowns are one `unknownToken`
  kFirstTokenHasNoSpace = 8, ///< decoding drops all spaces of the first token
  kUnigram = 16,             ///< the best sum of scores instead of merges
  kFloatScores = 32, ///< such sums are rounded to 32 bits, as SentencePiece's
};

/// Two neighbouring symbols that may become one; the smallest rank first, then
/// the leftmost. Open addressing, linear probing, slot from hashPair.
struct PairSlot {
  uint32_t left, right;
  uint32_t rank; ///< kNone: the slot is empty
  uint32_t merged;
};

enum class StepKind : uint32_t {
  Replace,        ///< every `pattern` becomes `content`
  ReplaceMatches, ///< every match of an automaton becomes `content`
  Prepend,        ///< `content` goes before a section that is not empty
  Collapse,       ///< spaces at both ends go, runs of spaces become one
  Trim,           ///< white space at the ends goes, or `pattern` at the end
  Compose,        ///< a Unicode normalization form
  Map,            ///< strings of a table become others
  Split,          ///< by an automaton
};

enum StepFlags : uint32_t {
  kUnlessPresent = 1,    ///< Prepend: not when the piece starts with it already
  kFirstOnly = 2,        ///< Prepend: only where the text starts
  kDropMatches = 4,      ///< Split: what matches is not text
  kInvert = 8,           ///< Split: what lies between matches are the matches
  kJoinPrevious = 16,    ///< Split: a match stays with what is before it,
  kJoinNext = 32,        ///< … with what is behind it,
  kJoinEqual = 64,       ///< … or with its neighbours that match too
  kTrimLeft = 128,       ///< Trim
  kTrimRight = 256,      ///< Trim
  kDecomposeOnly = 512,  ///< Compose: forms D and KD
  kAsciiIsPlain = 1024,  ///< Compose: only ASCII is sure to stay as it is
  kWholeClusters = 2048, ///< Map: what an automaton matches is looked up first
};

/// Clusters of more bytes are not looked up whole.
inline constexpr size_t kMaxClusterBytes = 5;

struct TokenizerStep {
  StepKind kind;
  uint32_t flags;
  TextRef pattern;
  TextRef content;
  uint32_t automaton; ///< index, or kNone
  uint32_t table;     ///< Map: of maps; Compose: of compositions; or kNone
};

/// A pre-tokenizer regex: leftmost-first, one code point of look-ahead and of
/// look-behind. An edge holds the next state and, in bit 0, "a match ended
/// before this code point". State 0 is dead.
struct Automaton {
  Table<uint16_t> blocks; ///< [code point >> 7]; block 0 is block 0
  Table<uint8_t> classes; ///< [block][code point & 127]
  Table<uint32_t> edges;  ///< [state][class]
  Table<uint32_t> starts; ///< [class of the code point before], the state
  uint32_t numClasses;    ///< the last one is the end of the piece, or start
  uint32_t invalidClass;  ///< of a byte that is no UTF-8
  uint32_t byBytes;       ///< nonzero: classes are [256], of single bytes
  uint32_t looksBehind;   ///< zero: starts are all the same
};

/// Code points a split distinguishes by block.
inline constexpr unsigned kBlockBits = 7;

struct TrieEdge {
  uint32_t byte;
  uint32_t node;
};

struct TrieNode {
  uint32_t firstEdge; ///< edges ascend by byte
  uint32_t numEdges;
  uint32_t token; ///< kNone: no string ends here
  uint32_t reserved;
};

/// Strings with a number each.
struct Trie {
  Table<uint32_t> roots; ///< [256], the node of a first byte or kNone
  Table<TrieNode> nodes;
  Table<TrieEdge> edges;
};

/// Text for strings. Those of `keys` go first, whose numbers are indices into
/// contents; then those of a double array, whose contents end with a zero.
struct Map {
  Trie keys;
  Table<TextRef> contents;
  Table<uint32_t> units;
  TextRef unitContents;
};

/// A form of Unicode, Hangul aside: that is arithmetic. Tables ascend by their
/// keys.
struct Composition {
  struct Class {
    uint32_t codePoint, value;
  };
  struct Decomposition {
    uint32_t codePoint, first, count; ///< codePoints[first, first + count)
  };
  struct Pair {
    uint32_t first, second, composed;
  };
  Table<Class> classes; ///< canonical combining classes other than 0
  Table<Decomposition> decompositions; ///< full
  Table<uint32_t> codePoints;
  Table<Pair> pairs; ///< primary composites
};

struct TokenizerHeader {
  uint32_t magic;
  uint32_t version;
  uint64_t bytes; ///< of the blob
  uint32_t flags;
  uint32_t numTokens;        ///< ids below have (possibly empty) text
  uint32_t numSymbols;       ///< ≥ numTokens; the rest only take part in merges
  uint32_t longestPiece;     ///< bytes of the longest symbol
  uint32_t unknownToken;     ///< or kNone
  int32_t bosToken;          ///< or -1
  int32_t eosToken;          ///< or -1
  uint32_t leadingSpaces;    ///< that decoding strips from the text's start
  uint32_t numNormalizers;   ///< the first so many steps; the rest make pieces
  uint32_t wordAutomaton;    ///< one character of a word, or kNone
  Table<char> text;          ///< what TextRefs and the offsets point into
  Table<uint32_t> surfaces;  ///< [numSymbols + 1], offsets into text
  Table<uint32_t> decoded;   ///< [numTokens + 1], offsets into text
  Table<uint8_t> tokenFlags; ///< [numTokens]
  Table<uint32_t> pieces;    ///< slots: symbol by surface, from hashBytes
  Table<PairSlot> pairs;     ///< slots
  Table<uint32_t> byteSymbols; ///< [256]
  Table<TokenizerStep> steps;
  Table<Automaton> automata;
  Table<int32_t> prefix;     ///< ids before a text
  Table<int32_t> suffix;     ///< ids after it
  Table<int32_t> stopTokens; ///< ids that by their name end a turn or text
  Trie rawTokens; ///< looked for before the normalizers: leftmost, longest
  Trie normalizedTokens; ///< looked for after them
  Table<Composition> compositions;
  Table<Map> maps;
  Trie scoredPieces;    ///< kUnigram: symbols by surface
  Table<double> scores; ///< kUnigram: [numTokens]
  double unknownScore;  ///< kUnigram: of a character that is no symbol
};

/// Calls found(bytes, value) for every key of a double array that the text
/// starts with, the shortest first, until it returns false. A unit holds its
/// byte (bits 0 to 7), whether a key ends there (8), and the distance to its
/// children (9: times 256, 10 and up); a value has bit 31 set.
template <typename Found>
void doubleArrayPrefixes(const uint32_t *units, size_t count, const char *text,
                         size_t bytes, Found found) {
  auto distance = [](uint32_t unit) {
    return (unit >> 10) << ((unit & 1u << 9) >> 6);
  };
  size_t node = count ? distance(units[0]) : 0;
  for (size_t i = 0; i < bytes; ++i) {
    node ^= uint8_t(text[i]);
    if (node >= count || (units[node] & 0x800000ff) != uint8_t(text[i]))
      return;
    bool ends = units[node] & 1u << 8;
    node ^= distance(units[node]);
    if (ends && (node >= count || !found(i + 1, units[node] & 0x7fffffff)))
      return;
  }
}

inline constexpr uint64_t kHashFactor = 0x9e3779b97f4a7c15;

/// The slot is the hash modulo the number of slots, a power of two.
inline uint64_t hashBytes(const char *text, size_t bytes) {
  uint64_t hash = bytes;
  for (size_t i = 0; i < bytes; ++i)
    hash = (hash ^ uint8_t(text[i])) * 0x100000001b3;
  return (hash * kHashFactor) >> 32;
}

inline uint64_t hashPair(uint32_t left, uint32_t right) {
  uint64_t hash = ((uint64_t(left) << 32) | right) * kHashFactor;
  return (hash ^ (hash >> 29)) * kHashFactor >> 32;
}

} // namespace setun::abi

#endif // SETUN_RUNTIME_ABI_TOKENIZER_H
