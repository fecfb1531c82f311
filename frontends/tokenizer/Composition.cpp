//===- Composition.cpp --------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/tokenizer/Composition.h"

#include <algorithm>
#include <cstdlib>
#include <tuple>
#include <utf8proc.h>

using namespace llvm;

namespace setun::frontends::tokenizer {

using CodePoints = std::vector<utf8proc_int32_t>;

static utf8proc_option_t options(int option, UnicodeForm form) {
  bool compatible = form == UnicodeForm::KC || form == UnicodeForm::KD;
  return utf8proc_option_t(option | (compatible ? UTF8PROC_COMPAT : 0));
}

static bool composes(UnicodeForm form) {
  return form == UnicodeForm::C || form == UnicodeForm::KC;
}

/// The form's decomposition, fully and recursively.
static CodePoints decompose(utf8proc_int32_t c, UnicodeForm form) {
  CodePoints result(32);
  auto count =
      utf8proc_decompose_char(c, result.data(), result.size(),
                              options(UTF8PROC_DECOMPOSE, form), nullptr);
  result.resize(std::clamp<utf8proc_ssize_t>(count, 0, result.size()));
  return result;
}

static CodePoints compose(CodePoints text) {
  auto count = utf8proc_normalize_utf32(
      text.data(), text.size(),
      utf8proc_option_t(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  text.resize(std::max<utf8proc_ssize_t>(count, 0));
  return text;
}

/// A character is a primary composite if its parts compose to it again.
static void addPair(utf8proc_int32_t c, CompositionTables &tables) {
  CodePoints parts = decompose(c, UnicodeForm::C);
  if (parts.size() < 2 || compose(parts) != CodePoints{c})
    return;
  uint32_t second = parts.back();
  parts.pop_back();
  CodePoints first = compose(parts);
  if (first.size() == 1)
    tables.pairs.push_back({uint32_t(first[0]), second, uint32_t(c)});
}

CompositionTables makeCompositionTables(UnicodeForm form) {
  constexpr utf8proc_int32_t kFirstSyllable = 0xac00, kLastSyllable = 0xd7a3;
  CompositionTables tables;
  for (utf8proc_int32_t c = 0; c < 0x110000; ++c) {
    if (auto value = utf8proc_get_property(c)->combining_class)
      tables.classes.push_back({uint32_t(c), uint32_t(value)});
    if (c >= kFirstSyllable && c <= kLastSyllable)
      continue;
    CodePoints parts = decompose(c, form);
    if (parts.empty() || (parts.size() == 1 && parts[0] == c))
      continue;
    tables.decompositions.push_back({uint32_t(c),
                                     uint32_t(tables.codePoints.size()),
                                     uint32_t(parts.size())});
    tables.codePoints.insert(tables.codePoints.end(), parts.begin(),
                             parts.end());
    if (composes(form))
      addPair(c, tables);
  }
  std::sort(tables.pairs.begin(), tables.pairs.end(),
            [](const auto &a, const auto &b) {
              return std::tie(a.first, a.second) < std::tie(b.first, b.second);
            });
  return tables;
}

uint32_t formFlags(UnicodeForm form) {
  return (composes(form) ? 0 : uint32_t(abi::kDecomposeOnly)) |
         (form == UnicodeForm::C ? 0 : uint32_t(abi::kAsciiIsPlain));
}

std::string composedText(StringRef text, UnicodeForm form) {
  utf8proc_uint8_t *composed = nullptr;
  auto *bytes = reinterpret_cast<const utf8proc_uint8_t *>(text.data());
  int option = composes(form) ? UTF8PROC_COMPOSE : UTF8PROC_DECOMPOSE;
  auto count = utf8proc_map(bytes, text.size(), &composed,
                            options(UTF8PROC_STABLE | option, form));
  std::string result =
      count < 0 ? text.str() : std::string(composed, composed + count);
  free(composed);
  return result;
}

} // namespace setun::frontends::tokenizer
