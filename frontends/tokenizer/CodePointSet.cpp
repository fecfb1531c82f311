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

std::optional<CodePointSet> categorySet(StringRef name) {
  name = StringSwitch<StringRef>(name)
             .Case("Letter", "L")
             .Case("Mark", "M")
             .Case("Number", "N")
             .Case("Punctuation", "P")
             .Case("Symbol", "S")
             .Case("Separator", "Z")
             .Case("Other", "C")
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

CodePointSet wordSet() {
  return categorySet("L")
      ->add(*categorySet("M"))
      .add(digitSet())
      .add(*categorySet("Pc"));
}

} // namespace setun::frontends::tokenizer
