//===- Case.h - Upper and lower case ----------------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_CHAT_CASE_H
#define SETUN_RUNTIME_CHAT_CASE_H

#include "runtime/chat/Text.h"

namespace setun::runtime::chat {

enum class Case { Upper, Lower, Title, Capitalize };

/// Rewrites text in place. False at a letter outside of ASCII, Latin-1, Latin
/// Extended-A, Greek and Cyrillic that may have a case, or whose other case is
/// no single letter of the same length: better no answer than a wrong one.
bool changeCase(Text &text, Case wanted);

/// What str.isupper (str.islower) says; false in `known` as above.
bool isCase(std::string_view text, Case wanted, bool &known);

} // namespace setun::runtime::chat

#endif // SETUN_RUNTIME_CHAT_CASE_H
