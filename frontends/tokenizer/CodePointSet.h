//===- CodePointSet.h - Sets of code points ---------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_FRONTENDS_TOKENIZER_CODEPOINTSET_H
#define SETUN_FRONTENDS_TOKENIZER_CODEPOINTSET_H

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace setun::frontends::tokenizer {

/// Stands for a byte that is no UTF-8. It has no property, so that only
/// negated sets contain it.
inline constexpr uint32_t kBadByte = 0x110000;

/// A set over [0, kBadByte], as ascending disjoint ranges.
class CodePointSet {
public:
  struct Range {
    uint32_t begin, end; ///< end excluded
    bool operator==(const Range &) const = default;
  };

  static CodePointSet range(uint32_t first, uint32_t last);
  static CodePointSet single(uint32_t c) { return range(c, c); }

  CodePointSet &add(const CodePointSet &other);
  CodePointSet complement() const;
  CodePointSet intersect(const CodePointSet &other) const;
  /// With every character that differs from a member in case only (Unicode
  /// simple case folding).
  CodePointSet caseClosure() const;
  bool contains(uint32_t c) const;
  bool operator==(const CodePointSet &) const = default;
  const std::vector<Range> &ranges() const { return members; }

private:
  std::vector<Range> members;
};

CodePointSet unionOf(std::initializer_list<CodePointSet::Range> ranges);

/// The code points of a Unicode general category ("L", "Lu", "Letter", …) or
/// of a script that pre-tokenizers name ("Han", "Hiragana", "Katakana",
/// "Hangul").
std::optional<CodePointSet> categorySet(llvm::StringRef name);

/// \s \d \w as Oniguruma defines them for Unicode.
CodePointSet spaceSet();
CodePointSet digitSet();
CodePointSet wordSet();

/// \w as Unicode's Technical Standard 18 defines it.
CodePointSet alphabeticWordSet();

/// Punctuation and marks as of Unicode 8, which Hugging Face's tokenizers use
/// for their components Punctuation and StripAccents.
CodePointSet oldPunctuationSet();
CodePointSet oldMarkSet();

} // namespace setun::frontends::tokenizer

#endif // SETUN_FRONTENDS_TOKENIZER_CODEPOINTSET_H
