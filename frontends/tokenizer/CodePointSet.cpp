//===- CodePointSet.cpp -------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/tokenizer/CodePointSet.h"

#include "llvm/ADT/StringSwitch.h"

#include <algorithm>
#include <map>
#include <utf8proc.h>

using namespace llvm;

namespace setun::frontends::tokenizer {

static constexpr uint32_t kUnicodeEnd = 0x110000;

CodePointSet CodePointSet::range(uint32_t first, uint32_t last) {
  CodePointSet set;
  set.members.push_back({first, last + 1});
  return set;
}

CodePointSet &CodePointSet::add(const CodePointSet &other) {
  std::vector<Range> all = members;
  all.insert(all.end(), other.members.begin(), other.members.end());
  std::sort(all.begin(), all.end(),
            [](Range a, Range b) { return a.begin < b.begin; });
  members.clear();
  for (Range r : all)
    if (!members.empty() && r.begin <= members.back().end)
      members.back().end = std::max(members.back().end, r.end);
    else
      members.push_back(r);
  return *this;
}

CodePointSet CodePointSet::complement() const {
  CodePointSet result;
  uint32_t begin = 0;
  for (Range r : members) {
    if (begin < r.begin)
      result.members.push_back({begin, r.begin});
    begin = r.end;
  }
  if (begin <= kBadByte)
    result.members.push_back({begin, kBadByte + 1});
  return result;
}

CodePointSet CodePointSet::intersect(const CodePointSet &other) const {
  return complement().add(other.complement()).complement();
}

bool CodePointSet::contains(uint32_t c) const {
  auto after =
      std::upper_bound(members.begin(), members.end(), c,
                       [](uint32_t value, Range r) { return value < r.begin; });
  return after != members.begin() && c < std::prev(after)->end;
}

/// What remains of a character's case; full foldings ("ß" to "ss") are none.
static uint32_t fold(uint32_t c) {
  utf8proc_int32_t folded[4];
  utf8proc_ssize_t count = utf8proc_decompose_char(c, folded, std::size(folded),
                                                   UTF8PROC_CASEFOLD, nullptr);
  return count == 1 ? folded[0] : c;
}

/// All characters that fold to something else, by what they fold to.
static const std::multimap<uint32_t, uint32_t> &foldings() {
  static const auto table = [] {
    std::multimap<uint32_t, uint32_t> result;
    for (uint32_t c = 0; c < kUnicodeEnd; ++c)
      if (uint32_t folded = fold(c); folded != c)
        result.emplace(folded, c);
    return result;
  }();
  return table;
}

CodePointSet CodePointSet::caseClosure() const {
  CodePointSet result = *this;
  for (auto [folded, c] : foldings()) {
    if (!contains(c) && !contains(folded))
      continue;
    auto [first, last] = foldings().equal_range(folded);
    for (auto it = first; it != last; ++it)
      result.add(single(it->second));
    result.add(single(folded));
  }
  return result;
}

CodePointSet unionOf(std::initializer_list<CodePointSet::Range> ranges) {
  CodePointSet set;
  for (CodePointSet::Range r : ranges)
    set.add(CodePointSet::range(r.begin, r.end - 1));
  return set;
}

/// Unicode 15's Scripts.txt; utf8proc does not know them.
static std::optional<CodePointSet> scriptSet(StringRef name) {
  if (name == "Han")
    return unionOf({{0x2e80, 0x2e9a},   {0x2e9b, 0x2ef4},   {0x2f00, 0x2fd6},
                    {0x3005, 0x3006},   {0x3007, 0x3008},   {0x3021, 0x302a},
                    {0x3038, 0x303c},   {0x3400, 0x4dc0},   {0x4e00, 0xa000},
                    {0xf900, 0xfa6e},   {0xfa70, 0xfada},   {0x16fe2, 0x16fe4},
                    {0x16ff0, 0x16ff2}, {0x20000, 0x2a6e0}, {0x2a700, 0x2b73a},
                    {0x2b740, 0x2b81e}, {0x2b820, 0x2cea2}, {0x2ceb0, 0x2ebe1},
                    {0x2ebf0, 0x2ee5e}, {0x2f800, 0x2fa1e}, {0x30000, 0x3134b},
                    {0x31350, 0x323b0}});
  if (name == "Hiragana")
    return unionOf({{0x3041, 0x3097},
                    {0x309d, 0x30a0},
                    {0x1b001, 0x1b120},
                    {0x1b132, 0x1b133},
                    {0x1b150, 0x1b153},
                    {0x1f200, 0x1f201}});
  if (name == "Katakana")
    return unionOf({{0x30a1, 0x30fb},
                    {0x30fd, 0x3100},
                    {0x31f0, 0x3200},
                    {0x32d0, 0x32ff},
                    {0x3300, 0x3358},
                    {0xff66, 0xff70},
                    {0xff71, 0xff9e},
                    {0x1aff0, 0x1aff4},
                    {0x1aff5, 0x1affc},
                    {0x1affd, 0x1afff},
                    {0x1b000, 0x1b001},
                    {0x1b120, 0x1b123},
                    {0x1b155, 0x1b156},
                    {0x1b164, 0x1b168}});
  if (name == "Hangul")
    return unionOf({{0x1100, 0x1200},
                    {0x302e, 0x3030},
                    {0x3131, 0x318f},
                    {0x3200, 0x321f},
                    {0x3260, 0x327f},
                    {0xa960, 0xa97d},
                    {0xac00, 0xd7a4},
                    {0xd7b0, 0xd7c7},
                    {0xd7cb, 0xd7fc},
                    {0xffa0, 0xffbf},
                    {0xffc2, 0xffc8},
                    {0xffca, 0xffd0},
                    {0xffd2, 0xffd8},
                    {0xffda, 0xffdd}});
  return std::nullopt;
}

std::optional<CodePointSet> categorySet(StringRef name) {
  if (auto script = scriptSet(name))
    return script;
  name = StringSwitch<StringRef>(name)
             .Case("Letter", "L")
             .Case("Mark", "M")
             .Case("Number", "N")
             .Case("Punctuation", "P")
             .Case("Symbol", "S")
             .Case("Separator", "Z")
             .Case("Other", "C")
             .Case("Uppercase_Letter", "Lu")
             .Case("Lowercase_Letter", "Ll")
             .Case("Titlecase_Letter", "Lt")
             .Case("Modifier_Letter", "Lm")
             .Case("Other_Letter", "Lo")
             .Case("Decimal_Number", "Nd")
             .Default(name);
  static const auto byCategory = [] {
    std::map<std::string, CodePointSet> table;
    uint32_t begin = 0;
    for (uint32_t c = 1; c <= kUnicodeEnd; ++c) {
      if (c < kUnicodeEnd && utf8proc_category(c) == utf8proc_category(begin))
        continue;
      table[utf8proc_category_string(begin)].add(
          CodePointSet::range(begin, c - 1));
      begin = c;
    }
    return table;
  }();
  CodePointSet result;
  if (!name.empty())
    for (const auto &[category, set] : byCategory)
      if (StringRef(category).starts_with(name))
        result.add(set);
  if (result.ranges().empty())
    return std::nullopt;
  return result;
}

CodePointSet spaceSet() {
  return CodePointSet::range(9, 13)
      .add(CodePointSet::single(0x85))
      .add(*categorySet("Z"));
}

CodePointSet digitSet() { return *categorySet("Nd"); }

/// What Unicode calls alphabetic, with marks, digits and connectors. Of the
/// symbols only circled and squared letters are.
static CodePointSet commonWordSet() {
  CodePointSet set = unionOf({{0x24b6, 0x24ea},
                              {0x1f130, 0x1f14a},
                              {0x1f150, 0x1f16a},
                              {0x1f170, 0x1f18a}});
  for (const char *name : {"L", "M", "Nd", "Nl", "Pc"})
    set.add(*categorySet(name));
  return set;
}

/// Latin-1's superscripts and fractions are words to Oniguruma.
CodePointSet wordSet() {
  return commonWordSet().add(
      unionOf({{0xb2, 0xb4}, {0xb9, 0xba}, {0xbc, 0xbf}}));
}

CodePointSet alphabeticWordSet() {
  return commonWordSet().add(unionOf({{0x200c, 0x200e}}));
}

} // namespace setun::frontends::tokenizer
