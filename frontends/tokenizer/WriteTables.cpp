//===- WriteTables.cpp --------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/tokenizer/Description.h"
#include "frontends/tokenizer/TrieBuilder.h"

#include "llvm/ADT/bit.h"

#include <cstring>

using namespace llvm;

namespace setun::frontends::tokenizer {
namespace {

/// Tokens that by their name end a text or a turn, in the checkpoints we know.
constexpr StringRef kStopNames[] = {
    "</s>",          "<|endoftext|>",   "<|end_of_text|>", "<|eot_id|>",
    "<|eom_id|>",    "<|im_end|>",      "<|end|>",         "<|eot|>",
    "<end_of_turn>", "<|end_of_turn|>", "<eos>",           "<EOT>"};

class Writer {
public:
  explicit Writer(const Description &d) : d(d) {}

  std::vector<char> run() {
    blob.resize(sizeof(abi::TokenizerHeader));
    header.magic = abi::kTokenizerMagic;
    header.version = abi::kTokenizerVersion;
    header.numTokens = d.tokens.size();
    header.numSymbols = d.tokens.size() + d.partialSymbols.size();
    header.unknownToken = d.unknown.value_or(abi::kNone);
    header.bosToken = d.bos ? int32_t(*d.bos) : -1;
    header.eosToken = d.eos ? int32_t(*d.eos) : -1;
    header.leadingSpaces = d.leadingSpaces;
    header.unknownScore = d.unknownScore;
    header.wordAutomaton = abi::kNone;
    header.numNormalizers = d.normalizers.size();
    header.flags = (d.byteLevel ? abi::kByteLevel : 0) |
                   (d.byteFallback ? abi::kByteFallback : 0) |
                   (d.fuseUnknown ? abi::kFuseUnknown : 0) |
                   (d.unigram ? abi::kUnigram : 0) |
                   (d.floatScores ? abi::kFloatScores : 0) |
                   (d.firstTokenHasNoSpace ? abi::kFirstTokenHasNoSpace : 0);
    writeTokens();
    writePieces();
    writePairs();
    writeScores();
    writeSteps();
    writeAdded();
    header.byteSymbols = append<uint32_t>(d.byteSymbols);
    header.prefix = append<int32_t>(signedIds(d.prefix));
    header.suffix = append<int32_t>(signedIds(d.suffix));
    header.stopTokens = append<int32_t>(stopTokens());
    header.text = append<char>(text);
    header.bytes = blob.size();
    memcpy(blob.data(), &header, sizeof(header));
    return std::move(blob);
  }

private:
  /// Lays a table down at the next multiple of 8.
  template <typename T> abi::Table<T> append(ArrayRef<T> values) {
    abi::Table<T> table{blob.size(), values.size()};
    size_t bytes = values.size() * sizeof(T);
    blob.resize(alignTo(blob.size() + bytes, 8));
    if (bytes)
      memcpy(blob.data() + table.offset, values.data(), bytes);
    return table;
  }

  abi::TextRef addText(StringRef value) {
    abi::TextRef ref{uint32_t(text.size()), uint32_t(value.size())};
    text.insert(text.end(), value.begin(), value.end());
    return ref;
  }

  /// Offsets of texts that lie one behind the other.
  template <typename GetText>
  abi::Table<uint32_t> appendTexts(size_t count, GetText get) {
    std::vector<uint32_t> offsets;
    for (size_t i = 0; i < count; ++i)
      offsets.push_back(addText(get(i)).offset);
    offsets.push_back(text.size());
    return append<uint32_t>(offsets);
  }

  StringRef surface(uint32_t symbol) const {
    return symbol < d.tokens.size()
               ? d.tokens[symbol].surface
               : d.partialSymbols[symbol - d.tokens.size()];
  }

  void writeTokens() {
    header.surfaces =
        appendTexts(header.numSymbols, [&](size_t i) { return surface(i); });
    bool same =
        d.partialSymbols.empty() && all_of(d.tokens, [](const Token &token) {
          return token.surface == token.decoded;
        });
    header.decoded =
        same ? header.surfaces
             : appendTexts(d.tokens.size(), [&](size_t i) -> StringRef {
                 return d.tokens[i].decoded;
               });
    std::vector<uint8_t> flags;
    for (const Token &token : d.tokens)
      flags.push_back(token.flags);
    header.tokenFlags = append<uint8_t>(flags);
  }

  /// A power of two that leaves at least a third of the slots free.
  static size_t slotCount(size_t entries) {
    return llvm::bit_ceil(std::max<size_t>(2, entries + entries / 2));
  }

  void writePieces() {
    std::vector<uint32_t> slots(slotCount(header.numSymbols), abi::kNone);
    for (uint32_t symbol = 0; symbol < header.numSymbols; ++symbol) {
      StringRef name = surface(symbol);
      if (name.empty())
        continue;
      header.longestPiece =
          std::max<uint32_t>(header.longestPiece, name.size());
      uint64_t slot = abi::hashBytes(name.data(), name.size());
      for (;; ++slot) {
        uint32_t &at = slots[slot & (slots.size() - 1)];
        if (at == abi::kNone) {
          at = symbol;
          break;
        }
      }
    }
    header.pieces = append<uint32_t>(slots);
  }

  /// Where a pair occurs twice the later one holds, as in HF's merges.
  void writePairs() {
    std::vector<abi::PairSlot> slots(
        slotCount(d.merges.size()),
        {abi::kNone, abi::kNone, abi::kNone, abi::kNone});
    for (const Merge &m : d.merges) {
      uint64_t slot = abi::hashPair(m.left, m.right);
      for (;; ++slot) {
        abi::PairSlot &at = slots[slot & (slots.size() - 1)];
        bool same = at.left == m.left && at.right == m.right;
        if (at.rank == abi::kNone || same) {
          at = {m.left, m.right, m.rank, m.merged};
          break;
        }
      }
    }
    header.pairs = append<abi::PairSlot>(slots);
  }

  void writeSteps() {
    for (const auto *list : {&d.normalizers, &d.pieceSteps})
      for (const Step &step : *list)
        writeStep(step);
    if (any_of(d.added, [](const AddedToken &token) {
          return token.flags & abi::kTokenIsWord;
        }))
      header.wordAutomaton =
          writeAutomaton(cantFail(compileRegex(setRegex(alphabeticWordSet()))));
    header.steps = append<abi::TokenizerStep>(steps);
    header.automata = append<abi::Automaton>(automata);
    header.compositions = append<abi::Composition>(compositions);
    header.maps = append<abi::Map>(maps);
  }

  void writeStep(const Step &step) {
    abi::TokenizerStep result = {
        step.kind,  step.flags, addText(step.pattern), addText(step.content),
        abi::kNone, abi::kNone};
    if (!step.automaton.edges.empty())
      result.automaton = writeAutomaton(step.automaton);
    if (step.kind == abi::StepKind::Compose)
      result.table = writeComposition(step.form);
    if (step.kind == abi::StepKind::Map)
      result.table = writeMap(step);
    steps.push_back(result);
  }

  uint32_t writeAutomaton(const RegexTables &tables) {
    abi::Automaton result = {};
    result.blocks = append<uint16_t>(tables.blocks);
    result.classes = append<uint8_t>(tables.classes);
    result.edges = append<uint32_t>(tables.edges);
    result.starts = append<uint32_t>(tables.starts);
    result.numClasses = tables.numClasses;
    result.invalidClass = tables.invalidClass;
    result.byBytes = tables.byBytes;
    result.looksBehind = tables.looksBehind;
    automata.push_back(result);
    return automata.size() - 1;
  }

  uint32_t writeComposition(UnicodeForm form) {
    CompositionTables tables = makeCompositionTables(form);
    abi::Composition result = {};
    result.classes = append<abi::Composition::Class>(tables.classes);
    result.decompositions =
        append<abi::Composition::Decomposition>(tables.decompositions);
    result.codePoints = append<uint32_t>(tables.codePoints);
    result.pairs = append<abi::Composition::Pair>(tables.pairs);
    compositions.push_back(result);
    return compositions.size() - 1;
  }

  uint32_t writeMap(const Step &step) {
    TrieBuilder keys;
    std::vector<abi::TextRef> contents;
    for (const auto &[key, content] : step.map) {
      keys.add(key, contents.size());
      contents.push_back(addText(content));
    }
    maps.push_back({writeTrie(keys), append<abi::TextRef>(contents),
                    append<uint32_t>(step.charsmap.units),
                    addText(step.charsmap.contents)});
    return maps.size() - 1;
  }

  void writeScores() {
    if (!d.unigram)
      return;
    TrieBuilder pieces;
    std::vector<double> scores;
    for (const Token &token : d.tokens) {
      if (!token.surface.empty())
        pieces.add(token.surface, scores.size());
      scores.push_back(token.score);
    }
    header.scoredPieces = writeTrie(pieces);
    header.scores = append<double>(scores);
  }

  void writeAdded() {
    TrieBuilder raw, normalized;
    for (const AddedToken &token : d.added)
      if (token.normalized)
        normalized.add(d.normalizeAdded ? normalizedText(d, token.content)
                                        : token.content,
                       token.id);
      else
        raw.add(token.content, token.id);
    header.rawTokens = writeTrie(raw);
    header.normalizedTokens = writeTrie(normalized);
  }

  abi::Trie writeTrie(const TrieBuilder &trie) {
    std::vector<uint32_t> roots;
    std::vector<abi::TrieNode> nodes;
    std::vector<abi::TrieEdge> edges;
    trie.layOut(roots, nodes, edges);
    if (trie.empty())
      nodes.clear();
    abi::Trie result = {};
    result.roots = append<uint32_t>(roots);
    result.nodes = append<abi::TrieNode>(nodes);
    result.edges = append<abi::TrieEdge>(edges);
    return result;
  }

  static std::vector<int32_t> signedIds(ArrayRef<uint32_t> ids) {
    return {ids.begin(), ids.end()};
  }

  std::vector<int32_t> stopTokens() const {
    std::vector<int32_t> result;
    if (d.eos)
      result.push_back(*d.eos);
    for (StringRef name : kStopNames)
      if (auto id = d.find(name); id &&
                                  d.tokens[*id].flags & abi::kTokenSpecial &&
                                  !is_contained(result, int32_t(*id)))
        result.push_back(*id);
    return result;
  }

  const Description &d;
  abi::TokenizerHeader header = {};
  std::vector<abi::TokenizerStep> steps;
  std::vector<abi::Automaton> automata;
  std::vector<abi::Composition> compositions;
  std::vector<abi::Map> maps;
  std::vector<char> blob;
  std::vector<char> text;
};

} // namespace

std::vector<char> writeTables(const Description &description) {
  return Writer(description).run();
}

} // namespace setun::frontends::tokenizer
