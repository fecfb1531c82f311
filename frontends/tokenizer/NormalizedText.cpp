//===- NormalizedText.cpp ----------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/tokenizer/Description.h"

#include <utf8proc.h>

using namespace llvm;

namespace setun::frontends::tokenizer {

using abi::StepKind;

static size_t characterBytes(StringRef text) {
  utf8proc_int32_t c;
  auto *bytes = reinterpret_cast<const utf8proc_uint8_t *>(text.data());
  return std::max<utf8proc_ssize_t>(1,
                                    utf8proc_iterate(bytes, text.size(), &c));
}

/// The key that the text starts with, the longest or the shortest, and what it
/// becomes.
struct Key {
  size_t bytes = 0; ///< 0: there is none
  StringRef content;
};

static Key findKey(const Step &step, StringRef text, bool longest) {
  constexpr size_t kLongestKey = 4; // a character
  Key found;
  for (size_t bytes = 1; bytes <= std::min(kLongestKey, text.size()); ++bytes)
    if (auto key = step.map.find(text.take_front(bytes).str());
        key != step.map.end() && (longest || !found.bytes))
      found = {bytes, key->second};
  if (found.bytes)
    return found;
  const Charsmap &charsmap = step.charsmap;
  auto visit = [&](size_t bytes, uint32_t start) {
    found = {bytes,
             StringRef(charsmap.contents).substr(start).take_until([](char c) {
               return c == 0;
             })};
    return longest;
  };
  abi::doubleArrayPrefixes(charsmap.units.data(), charsmap.units.size(),
                           text.data(), text.size(), visit);
  return found;
}

static std::string mapped(const Step &step, StringRef text) {
  const bool clusters = step.flags & abi::kWholeClusters;
  std::string result;
  while (!text.empty()) {
    size_t bytes = characterBytes(text);
    StringRef candidate = text;
    if (clusters) {
      size_t cluster =
          matchRegex(step.automaton, text, 0, step.automaton.numClasses - 1);
      if (cluster <= abi::kMaxClusterBytes &&
          findKey(step, text.take_front(cluster), false).bytes)
        bytes = cluster;
      candidate = text.take_front(bytes);
    }
    if (Key key = findKey(step, candidate, !clusters); key.bytes) {
      result += key.content;
      bytes = clusters ? bytes : key.bytes;
    } else {
      result += text.take_front(bytes);
    }
    text = text.drop_front(bytes);
  }
  return result;
}

static std::string trimmed(StringRef text, uint32_t flags) {
  static const RegexTables left = cantFail(compileRegex("\\A\\s+")),
                           right = cantFail(compileRegex("\\s+\\z"));
  std::string result = text.str();
  if (flags & abi::kTrimLeft)
    result = replaceMatches(left, result, "");
  if (flags & abi::kTrimRight)
    result = replaceMatches(right, result, "");
  return result;
}

static std::string applied(const Step &step, const std::string &text) {
  switch (step.kind) {
  case StepKind::Replace:
    return replaceAll(text, step.pattern, step.content);
  case StepKind::ReplaceMatches:
    return replaceMatches(step.automaton, text, step.content);
  case StepKind::Prepend:
    return text.empty() ? text : step.content + text;
  case StepKind::Trim:
    return trimmed(text, step.flags);
  case StepKind::Compose:
    return composedText(text, step.form);
  case StepKind::Map:
    return mapped(step, text);
  case StepKind::Collapse: // SentencePiece's, whose tokens are raw text
  case StepKind::Split:
    break;
  }
  return text;
}

std::string normalizedText(const Description &d, StringRef text) {
  std::string result = text.str();
  for (const Step &step : d.normalizers)
    result = applied(step, result);
  return result;
}

} // namespace setun::frontends::tokenizer
