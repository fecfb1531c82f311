//===- Strings.h - What methods and filters of strings share ----*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_CHAT_STRINGS_H
#define SETUN_RUNTIME_CHAT_STRINGS_H

#include "runtime/chat/Machine.h"

namespace setun::runtime::chat {

/// A line without its end, and where the next one begins.
struct Line {
  size_t begin, end, next;
};
std::vector<Line> linesOf(std::string_view text);

/// str.replace; `most` < 0: all.
Value replaced(Machine &machine, const Text &text, const Text &from,
               const Text &to, int64_t most);

/// str.center.
Value centered(Machine &machine, const Text &text, int64_t width,
               std::string_view fill);

} // namespace setun::runtime::chat

#endif // SETUN_RUNTIME_CHAT_STRINGS_H
