//===- RegexMatch.cpp - Automata at compile time -----------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/tokenizer/Regex.h"
#include "runtime/abi/Tokenizer.h"

#include "llvm/ADT/Twine.h"

#include <utf8proc.h>

using namespace llvm;

namespace setun::frontends::tokenizer {

/// The class of the code point at text[at], and its bytes.
static uint32_t classAt(const RegexTables &tables, StringRef text, size_t at,
                        size_t &bytes) {
  utf8proc_int32_t c;
  auto *data = reinterpret_cast<const utf8proc_uint8_t *>(text.data());
  auto count = utf8proc_iterate(data + at, text.size() - at, &c);
  bytes = std::max<utf8proc_ssize_t>(1, count);
  if (count <= 0)
    return tables.invalidClass;
  size_t block = tables.blocks[c >> abi::kBlockBits];
  return tables
      .classes[(block << abi::kBlockBits) + c % (1 << abi::kBlockBits)];
}

size_t matchRegex(const RegexTables &tables, StringRef text, size_t start,
                  uint32_t before) {
  size_t best = start;
  uint32_t state = tables.starts[before];
  for (size_t at = start, bytes; at < text.size(); at += bytes) {
    uint32_t kind = classAt(tables, text, at, bytes);
    uint32_t edge = tables.edges[state * tables.numClasses + kind];
    if (edge & 1)
      best = at;
    state = edge >> 1;
    if (state == 0)
      return best - start;
  }
  bool endsHere = tables.edges[(state + 1) * tables.numClasses - 1] & 1;
  return (endsHere ? text.size() : best) - start;
}

std::string replaceMatches(const RegexTables &tables, StringRef text,
                           StringRef content) {
  std::string result;
  uint32_t before = tables.numClasses - 1;
  auto skip = [&](size_t at) {
    size_t bytes;
    before = classAt(tables, text, at, bytes);
    return bytes;
  };
  for (size_t at = 0; at < text.size();) {
    size_t bytes = matchRegex(tables, text, at, before);
    if (bytes)
      result += content;
    else
      result += text.substr(at, skip(at));
    for (size_t end = at + std::max<size_t>(bytes, 1); at < end;)
      at += skip(at);
  }
  return result;
}

} // namespace setun::frontends::tokenizer
