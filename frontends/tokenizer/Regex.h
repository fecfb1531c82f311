//===- Regex.h - Pre-tokenizer regexes, from text to automaton --*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_FRONTENDS_TOKENIZER_REGEX_H
#define SETUN_FRONTENDS_TOKENIZER_REGEX_H

#include "frontends/tokenizer/CodePointSet.h"

#include "llvm/Support/Error.h"

#include <memory>
#include <string>
#include <vector>

namespace setun::frontends::tokenizer {

/// The syntax tree of a regex.
struct RegexNode {
  enum Kind { Sequence, Choice, Set, LookAhead, LookBehind, Repeat };
  static constexpr unsigned kUnbounded = ~0u;

  Kind kind = Sequence;
  CodePointSet set;   ///< Set; what the next code point, or the last, may be
  bool atEnd = false; ///< LookAhead, LookBehind: passes at the text's end
  bool greedy = true; ///< Repeat
  unsigned min = 0;   ///< Repeat
  unsigned max = 0;   ///< Repeat
  std::vector<std::unique_ptr<RegexNode>> children;
};

/// Reads the part of Oniguruma's and PCRE's syntax that an automaton can do:
/// no back-references, look-ahead and look-behind by one code point. Anything
/// else is refused with its position.
llvm::Expected<std::unique_ptr<RegexNode>> parseRegex(llvm::StringRef pattern);

/// One step of a backtracking machine; `next` before `other`.
struct RegexInstruction {
  enum Kind { Character, LookAhead, LookBehind, Fork, Match };
  Kind kind;
  unsigned set = 0; ///< index into RegexProgram::sets
  bool atEnd = false;
  unsigned next = 0;
  unsigned other = 0;
};

struct RegexProgram {
  std::vector<CodePointSet> sets;
  std::vector<RegexInstruction> instructions;
  unsigned start = 0;
};

llvm::Expected<RegexProgram> assembleRegex(const RegexNode &root);

/// The tables that abi::Automaton describes.
struct RegexTables {
  std::vector<uint16_t> blocks;
  std::vector<uint8_t> classes;
  std::vector<uint32_t> edges;
  std::vector<uint32_t> starts;
  uint32_t numClasses = 0;
  uint32_t invalidClass = 0;
  bool looksBehind = false;
  bool byBytes = false;
};

/// What a text consists of when it meets the regex.
enum class RegexText {
  CodePoints, ///< UTF-8
  ByteLevel,  ///< bytes, each of which is a character of GPT-2's alphabet
};

llvm::Expected<RegexTables> tabulateRegex(const RegexProgram &program,
                                          RegexText text);

/// All of the above. Errors quote the pattern.
llvm::Expected<RegexTables>
compileRegex(llvm::StringRef pattern, RegexText text = RegexText::CodePoints);

/// Bytes of the match at text[start] of UTF-8, 0 if none; `before` is the class
/// of what stands before it.
size_t matchRegex(const RegexTables &tables, llvm::StringRef text, size_t start,
                  uint32_t before);

/// The UTF-8 text with every match replaced.
std::string replaceMatches(const RegexTables &tables, llvm::StringRef text,
                           llvm::StringRef content);

/// A pattern that matches this text and nothing else.
std::string quoteRegex(llvm::StringRef text);
/// A pattern for one character of a set that holds no damaged text.
std::string setRegex(const CodePointSet &set);

} // namespace setun::frontends::tokenizer

#endif // SETUN_FRONTENDS_TOKENIZER_REGEX_H
