//===- Utf8.cpp -----------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/tokenizer/Utf8.h"

namespace setun::runtime {

/// Bytes of the character that a first byte announces; 0 if it announces none.
static unsigned announcedBytes(uint8_t first) {
  if (first < 0x80)
    return 1;
  if (first >= 0xc2 && first < 0xe0)
    return 2;
  if (first >= 0xe0 && first < 0xf0)
    return 3;
  return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

/// The second byte alone decides about overlong forms, surrogates and code
/// points beyond Unicode; the others only have to be continuations.
static bool fits(uint8_t first, unsigned index, uint8_t byte) {
  if (index == 1 && first == 0xe0)
    return byte >= 0xa0 && byte < 0xc0;
  if (index == 1 && first == 0xed)
    return byte >= 0x80 && byte < 0xa0;
  if (index == 1 && first == 0xf0)
    return byte >= 0x90 && byte < 0xc0;
  if (index == 1 && first == 0xf4)
    return byte >= 0x80 && byte < 0x90;
  return byte >= 0x80 && byte < 0xc0;
}

CodePoint readCodePoint(std::string_view text) {
  uint8_t first = text[0];
  unsigned bytes = announcedBytes(first);
  if (bytes == 1)
    return {first, 1, true};
  if (bytes == 0 || text.size() < bytes)
    return {first, 1, false};
  uint32_t value = first & (0x7f >> bytes);
  for (unsigned i = 1; i < bytes; ++i) {
    uint8_t byte = text[i];
    if (!fits(first, i, byte))
      return {first, 1, false};
    value = value << 6 | (byte & 0x3f);
  }
  return {value, bytes, true};
}

size_t previousCodePoint(std::string_view text, size_t at) {
  for (size_t bytes = 1; bytes <= 4 && bytes <= at; ++bytes) {
    CodePoint c = readCodePoint(text.substr(at - bytes, bytes));
    if (c.valid && c.bytes == bytes)
      return at - bytes;
  }
  return at - 1;
}

void appendCodePoint(std::string &text, uint32_t c) {
  if (c < 0x80) {
    text += char(c);
    return;
  }
  if (c < 0x800) {
    text += char(0xc0 | c >> 6);
  } else {
    if (c < 0x10000) {
      text += char(0xe0 | c >> 12);
    } else {
      text += char(0xf0 | c >> 18);
      text += char(0x80 | (c >> 12 & 0x3f));
    }
    text += char(0x80 | (c >> 6 & 0x3f));
  }
  text += char(0x80 | (c & 0x3f));
}

size_t unfinishedBytes(std::string_view text) {
  for (size_t tail = 1; tail <= 3 && tail <= text.size(); ++tail) {
    uint8_t first = text[text.size() - tail];
    if (first >= 0x80 && first < 0xc0)
      continue;
    if (announcedBytes(first) <= tail)
      return 0;
    for (size_t i = 1; i < tail; ++i)
      if (!fits(first, i, text[text.size() - tail + i]))
        return 0;
    return tail;
  }
  return 0;
}

bool isSpace(uint32_t c) {
  return (c >= 9 && c <= 13) || c == 0x20 || c == 0x85 || c == 0xa0 ||
         c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
         c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

} // namespace setun::runtime
