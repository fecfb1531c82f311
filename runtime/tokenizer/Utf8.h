//===- Utf8.h - Reading UTF-8 that may be damaged ---------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_TOKENIZER_UTF8_H
#define SETUN_RUNTIME_TOKENIZER_UTF8_H

#include <stdint.h>
#include <string>
#include <string_view>

namespace setun::runtime {

/// What stands at the start of a text. A byte that starts no character is one
/// of its own: valid = false, bytes = 1.
struct CodePoint {
  uint32_t value;
  uint32_t bytes;
  bool valid;
};

/// Reads the first code point of a text that is not empty.
CodePoint readCodePoint(std::string_view text);

/// Where the code point starts that ends before text[at], at > 0.
size_t previousCodePoint(std::string_view text, size_t at);

void appendCodePoint(std::string &text, uint32_t codePoint);

/// Bytes at the text's end that begin a character and do not finish it.
size_t unfinishedBytes(std::string_view text);

/// Unicode White_Space.
bool isSpace(uint32_t codePoint);

} // namespace setun::runtime

#endif // SETUN_RUNTIME_TOKENIZER_UTF8_H
