//===- Lexer.h - Jinja text to tokens ---------------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_FRONTENDS_CHAT_LEXER_H
#define SETUN_FRONTENDS_CHAT_LEXER_H

#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>
#include <vector>

namespace setun::frontends::chat {

/// The construct that ends a reading, and its line.
struct Problem {
  unsigned line;
  std::string text;
};

struct Token {
  enum Kind {
    Data,
    OutputBegin,
    OutputEnd,
    TagBegin,
    TagEnd,
    Name,
    String, ///< `text` without quotes and escapes
    Integer,
    Float,
    Operator,
    End,
  };
  Kind kind;
  unsigned line;
  std::string text;
};

/// The tokens of a template, with End behind them, as Jinja cuts them with
/// trim_blocks and lstrip_blocks on. The source must be UTF-8.
std::vector<Token> lex(llvm::StringRef source, std::optional<Problem> &problem);

} // namespace setun::frontends::chat

#endif // SETUN_FRONTENDS_CHAT_LEXER_H
