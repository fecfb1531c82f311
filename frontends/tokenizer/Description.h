//===- Description.h - A tokenizer between file and tables ------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_FRONTENDS_TOKENIZER_DESCRIPTION_H
#define SETUN_FRONTENDS_TOKENIZER_DESCRIPTION_H

#include "frontends/tokenizer/Composition.h"
#include "frontends/tokenizer/Problems.h"
#include "frontends/tokenizer/Regex.h"
#include "frontends/tokenizer/StringMaps.h"
#include "runtime/abi/Tokenizer.h"

#include "llvm/ADT/StringMap.h"

#include <array>
#include <optional>

namespace setun::frontends::tokenizer {

struct Token {
  std::optional<std::string> name; ///< in the file; none: the id is unused
  std::string surface; ///< text that may become it; bytes if byte-level
  std::string decoded;
  uint8_t flags = 0;    ///< abi::TokenFlags
  double score = 0;     ///< unigram
  bool inModel = false; ///< else only added tokens are found by this name
};

/// How much less an unknown character scores than the least token.
inline constexpr double kUnknownPenalty = 10;

struct Merge {
  uint32_t left, right, rank, merged;
};

/// A token that is found before the merges see the text.
struct AddedToken {
  uint32_t id;
  std::string content;
  uint8_t flags = 0; ///< abi::TokenFlags
  bool normalized = false;
};

struct Step {
  abi::StepKind kind;
  uint32_t flags = 0;
  std::string pattern = {};
  std::string content = {};
  RegexTables automaton = {};        ///< Split, ReplaceMatches, Map
  UnicodeForm form = UnicodeForm::C; ///< Compose
  StringMap map = {};                ///< Map
  Charsmap charsmap = {};            ///< Map
};

/// What tokenizer.json and tokenizer.model have in common; every id is below
/// tokens.size(), or for symbols below that plus partialSymbols.size().
struct Description {
  std::vector<Token> tokens;
  llvm::StringMap<uint32_t> ids;           ///< token by name in the file
  std::vector<std::string> partialSymbols; ///< characters that only merge
  std::vector<Merge> merges;
  std::vector<AddedToken> added;
  std::vector<Step> normalizers;
  std::vector<Step> pieceSteps;
  std::array<uint32_t, 256> byteSymbols;
  std::optional<uint32_t> bos, eos, unknown;
  bool byteLevel = false;
  bool unigram = false;
  bool floatScores = false;
  double unknownScore = 0; ///< unigram
  bool byteFallback = false;
  bool fuseUnknown = false;
  bool ignoreMerges = false;
  bool firstTokenHasNoSpace = false;
  bool normalizeAdded = true; ///< names of added tokens are raw text
  uint32_t leadingSpaces = 0;
  std::vector<uint32_t> prefix, suffix;

  Description() { byteSymbols.fill(abi::kNone); }

  std::optional<uint32_t> find(llvm::StringRef name) const {
    auto it = ids.find(name);
    if (it == ids.end())
      return std::nullopt;
    return it->second;
  }
};

/// The name of a byte's token with byte fallback: "<0x0A>".
std::string byteTokenName(uint8_t byte);
/// The byte that such a name stands for.
std::optional<uint8_t> byteOfName(llvm::StringRef name);
/// Points byteSymbols at the tokens <0x00> to <0xFF>; false if none exists. A
/// part of them is a problem.
bool findByteTokens(Description &description, Problems &problems);

/// The bytes that GPT-2's alphabet of 256 printable characters spells, or
/// nothing if a character is not of it.
std::optional<std::string> bytesOfAlphabet(llvm::StringRef text);
/// The character of a byte.
std::string alphabetOfByte(uint8_t byte);
uint32_t codePointOfByte(uint8_t byte);

/// The text after the normalizers, which run over it whole.
std::string normalizedText(const Description &description,
                           llvm::StringRef text);

/// Replaces every occurrence of a pattern that is not empty.
std::string replaceAll(llvm::StringRef text, llvm::StringRef pattern,
                       llvm::StringRef content);

/// Makes room for a token and names it; false and a problem if the id is not
/// below `vocabSize` or has another name.
bool addToken(Description &description, llvm::StringRef name, int64_t id,
              uint32_t vocabSize, const llvm::Twine &place, Problems &problems);

/// The readers. Each reports by name what it does not understand.
void readTokenizerJson(const llvm::json::Value &file, uint32_t vocabSize,
                       Description &description, Problems &problems);
void readSentencePiece(llvm::StringRef file, uint32_t vocabSize,
                       Description &description, Problems &problems);
/// vocab.json and merges.txt; tokenizer_config.json says what else the
/// tokenizer does, by naming its class.
void readVocabularyFile(const llvm::json::Value &file, uint32_t vocabSize,
                        Description &description, Problems &problems);
void readMergesFile(llvm::StringRef file, Description &description,
                    Problems &problems);
void readTokenizerClass(const llvm::json::Value &file, Description &description,
                        Problems &problems);
/// Special tokens that a configuration only names.
void readNamedSpecials(const llvm::json::Value &file, Description &description);

/// BOS, EOS and added tokens of tokenizer_config.json.
void readTokenizerConfig(const llvm::json::Value &file, uint32_t vocabSize,
                         Description &description, Problems &problems);
/// added_tokens.json: ids by content.
void readAddedTokens(const llvm::json::Value &file, uint32_t vocabSize,
                     Description &description, Problems &problems);

/// Marks the tokens that merging their own text gives, or ignoring the merges.
void markWholeTokens(Description &description);

/// The blob of runtime/abi/Tokenizer.h.
std::vector<char> writeTables(const Description &description);

} // namespace setun::frontends::tokenizer

#endif // SETUN_FRONTENDS_TOKENIZER_DESCRIPTION_H
