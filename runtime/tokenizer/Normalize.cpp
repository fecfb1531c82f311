//===- Normalize.cpp ------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/tokenizer/Normalize.h"

#include "runtime/tokenizer/Split.h"
#include "runtime/tokenizer/Trie.h"
#include "runtime/tokenizer/Utf8.h"

#include <algorithm>

using namespace setun::abi;

namespace setun::runtime {

static std::string replaceAll(std::string_view text, std::string_view pattern,
                              std::string_view content) {
  std::string result;
  result.reserve(text.size() + text.size() / 2);
  while (true) {
    size_t at = text.find(pattern);
    result += text.substr(0, at);
    if (at == std::string_view::npos)
      return result;
    result += content;
    text.remove_prefix(at + pattern.size());
  }
}

static std::string replaceMatches(Blob blob, const TokenizerStep &step,
                                  std::string_view text) {
  const Automaton &automaton =
      blob.data(blob.header().automata)[step.automaton];
  std::string result;
  for (size_t at = 0; at < text.size();)
    if (size_t bytes = matchLength(blob, automaton, text, at)) {
      result += blob.text(step.content);
      at += bytes;
    } else {
      bytes = readCodePoint(text.substr(at)).bytes;
      result += text.substr(at, bytes);
      at += bytes;
    }
  return result;
}

static std::string collapseSpaces(std::string_view text) {
  std::string result;
  for (char c : text)
    if (c != ' ' || (!result.empty() && result.back() != ' '))
      result += c;
  if (result.ends_with(' '))
    result.pop_back();
  return result;
}

static std::string prepend(std::string_view text, std::string_view content,
                           uint32_t flags, bool first) {
  bool skip = text.empty() || ((flags & kFirstOnly) && !first) ||
              ((flags & kUnlessPresent) && text.starts_with(content));
  return skip ? std::string(text) : std::string(content).append(text);
}

static std::string_view trimEnd(std::string_view text,
                                std::string_view pattern) {
  while (text.ends_with(pattern))
    text.remove_suffix(pattern.size());
  return text;
}

static std::string_view trim(std::string_view text, uint32_t flags) {
  while (flags & kTrimLeft && !text.empty()) {
    CodePoint c = readCodePoint(text);
    if (!c.valid || !isSpace(c.value))
      break;
    text.remove_prefix(c.bytes);
  }
  while (flags & kTrimRight && !text.empty()) {
    size_t last = previousCodePoint(text, text.size());
    CodePoint c = readCodePoint(text.substr(last));
    if (!c.valid || !isSpace(c.value))
      break;
    text = text.substr(0, last);
  }
  return text;
}

namespace {

/// One run of a Map step.
class Mapper {
public:
  Mapper(Blob blob, const TokenizerStep &step, std::string_view text)
      : blob(blob), map(blob.data(blob.header().maps)[step.table]),
        keys(blob, map.keys), step(step), text(text) {}

  std::string longestKeys() {
    for (size_t at = 0; at < text.size();)
      at = replace(at, text.size(), /*longest=*/true);
    return std::move(result);
  }

  /// As Hugging Face reads SentencePiece's rules: a short cluster that starts
  /// with a key is that key, else every character is looked up alone.
  std::string wholeClusters() {
    const Automaton &clusters =
        blob.data(blob.header().automata)[step.automaton];
    for (size_t at = 0; at < text.size();) {
      size_t end = at + matchLength(blob, clusters, text, at);
      if (end == at)
        end = at + readCodePoint(text.substr(at)).bytes;
      if (auto key = find(at, end, /*longest=*/false);
          key.bytes && end - at <= kMaxClusterBytes)
        result += key.content;
      else
        for (size_t c = at; c < end;)
          c = replace(c, c + readCodePoint(text.substr(c)).bytes, false);
      at = end;
    }
    return std::move(result);
  }

private:
  struct Key {
    size_t bytes = 0; ///< 0: there is none
    std::string_view content;
  };

  Key find(size_t at, size_t limit, bool longest) const {
    Key key;
    keys.prefixes(text.substr(0, limit), at, [&](size_t end, uint32_t content) {
      key = {end - at, blob.text(blob.data(map.contents)[content])};
      return longest;
    });
    if (key.bytes)
      return key;
    std::string_view all = blob.text(map.unitContents);
    auto found = [&](size_t bytes, uint32_t start) {
      std::string_view content =
          all.substr(std::min<size_t>(start, all.size()));
      key = {bytes, content.substr(0, content.find('\0'))};
      return longest;
    };
    doubleArrayPrefixes(blob.data(map.units), map.units.count, text.data() + at,
                        limit - at, found);
    return key;
  }

  /// Appends what becomes of the key or character at `at`, and skips it.
  size_t replace(size_t at, size_t limit, bool longest) {
    if (Key key = find(at, limit, longest); key.bytes) {
      result += key.content;
      return longest ? at + key.bytes : limit;
    }
    size_t bytes = readCodePoint(text.substr(at)).bytes;
    result += text.substr(at, bytes);
    return at + bytes;
  }

  Blob blob;
  const Map &map;
  Trie keys;
  const TokenizerStep &step;
  std::string_view text;
  std::string result;
};

} // namespace

std::string rewrite(Blob blob, const TokenizerStep &step, std::string_view text,
                    bool first) {
  switch (step.kind) {
  case StepKind::Replace:
    return replaceAll(text, blob.text(step.pattern), blob.text(step.content));
  case StepKind::ReplaceMatches:
    return replaceMatches(blob, step, text);
  case StepKind::Prepend:
    return prepend(text, blob.text(step.content), step.flags, first);
  case StepKind::Collapse:
    return collapseSpaces(text);
  case StepKind::Trim:
    return std::string(step.pattern.bytes
                           ? trimEnd(text, blob.text(step.pattern))
                           : trim(text, step.flags));
  case StepKind::Compose:
    return compose(blob, step, text);
  case StepKind::Map: {
    Mapper mapper(blob, step, text);
    return step.flags & kWholeClusters ? mapper.wholeClusters()
                                       : mapper.longestKeys();
  }
  case StepKind::Split:
    break;
  }
  return std::string(text);
}

} // namespace setun::runtime
