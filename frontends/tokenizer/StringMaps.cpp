//===- StringMaps.cpp --------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/tokenizer/StringMaps.h"

#include "frontends/tokenizer/Regex.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"

#include <utf8proc.h>

using namespace llvm;

namespace setun::frontends::tokenizer {

static std::string encode(uint32_t c) {
  utf8proc_uint8_t text[4];
  return std::string(text, text + utf8proc_encode_char(c, text));
}

StringMap lowercaseMap() {
  constexpr uint32_t kDottedI = 0x130, kDotAbove = 0x307;
  StringMap map;
  for (uint32_t c = 0; c < 0x110000; ++c)
    if (uint32_t lower = utf8proc_tolower(c); lower != c)
      map[encode(c)] = encode(lower);
  map[encode(kDottedI)] = "i" + encode(kDotAbove);
  return map;
}

StringMap accentMap() {
  StringMap map;
  const CodePointSet marks = oldMarkSet();
  for (CodePointSet::Range r : marks.ranges())
    for (uint32_t c = r.begin; c < r.end; ++c)
      map[encode(c)] = "";
  return map;
}

StringMap nmtMap() {
  StringMap map;
  auto add = [&](uint32_t first, uint32_t last, const char *content) {
    for (uint32_t c = first; c <= last; ++c)
      map[encode(c)] = content;
  };
  add(0x1, 0x8, "");
  add(0x9, 0xa, " ");
  add(0xb, 0xb, "");
  add(0xc, 0xd, " ");
  add(0xe, 0x1f, "");
  add(0x7f, 0x7f, "");
  add(0x8f, 0x8f, "");
  add(0x9f, 0x9f, "");
  add(0x1680, 0x1680, " ");
  add(0x200b, 0x200f, " ");
  add(0x2028, 0x2029, " ");
  add(0x2581, 0x2581, " ");
  add(0xfeff, 0xfeff, " ");
  add(0xfffd, 0xfffd, " ");
  return map;
}

std::optional<Charsmap> readCharsmap(StringRef bytes) {
  Charsmap map;
  if (bytes.empty())
    return map;
  uint32_t size =
      bytes.size() < 4 ? 0 : support::endian::read32le(bytes.data());
  if (size == 0 || size % 4 || size > bytes.size() - 4)
    return std::nullopt;
  for (size_t at = 4; at < 4 + size_t(size); at += 4)
    map.units.push_back(support::endian::read32le(bytes.data() + at));
  map.contents = bytes.substr(4 + size_t(size)).str();
  return map;
}

std::string clusterRegex() {
  auto sets = [](std::initializer_list<int> classes) {
    CodePointSet set;
    uint32_t begin = 0;
    auto isIn = [&](uint32_t c) {
      return c < 0x110000 &&
             is_contained(classes, int(utf8proc_get_property(c)->boundclass));
    };
    for (uint32_t c = 1; c <= 0x110000; ++c) {
      if (isIn(c) == isIn(c - 1))
        continue;
      if (isIn(c - 1))
        set.add(CodePointSet::range(begin, c - 1));
      begin = c;
    }
    return setRegex(set);
  };
  std::string control = sets({UTF8PROC_BOUNDCLASS_CONTROL,
                              UTF8PROC_BOUNDCLASS_CR, UTF8PROC_BOUNDCLASS_LF});
  std::string prepend = sets({UTF8PROC_BOUNDCLASS_PREPEND});
  std::string extend = sets({UTF8PROC_BOUNDCLASS_EXTEND});
  std::string after = sets({UTF8PROC_BOUNDCLASS_EXTEND, UTF8PROC_BOUNDCLASS_ZWJ,
                            UTF8PROC_BOUNDCLASS_SPACINGMARK});
  std::string l = sets({UTF8PROC_BOUNDCLASS_L}),
              v = sets({UTF8PROC_BOUNDCLASS_V}),
              t = sets({UTF8PROC_BOUNDCLASS_T}),
              lv = sets({UTF8PROC_BOUNDCLASS_LV}),
              lvt = sets({UTF8PROC_BOUNDCLASS_LVT});
  std::string flag = sets({UTF8PROC_BOUNDCLASS_REGIONAL_INDICATOR});
  std::string picture = sets({UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC});
  std::string syllable = l + "*(?:" + v + "+|" + lv + v + "*|" + lvt + ")" + t +
                         "*|" + l + "+|" + t + "+";
  std::string pictures =
      picture + "(?:" + extend + "*\\x{200d}" + picture + ")*";
  return "\\r\\n|" + control + "|" + prepend + "*(?:" + syllable + "|" + flag +
         flag + "|" + pictures + "|[^" + control.substr(1) + ")" + after + "*";
}

} // namespace setun::frontends::tokenizer
