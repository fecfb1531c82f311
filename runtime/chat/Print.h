//===- Print.h - Values as text ---------------------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_CHAT_PRINT_H
#define SETUN_RUNTIME_CHAT_PRINT_H

#include "runtime/chat/Value.h"

namespace setun::runtime::chat {

/// str(value) or repr(value). False when it has no text that means anything
/// (a generator, a macro) or refers to itself.
bool print(const Value &value, bool quoted, Text &out);

/// repr of a float: the shortest that reads back as the same.
std::string printFloat(double value);

struct JsonStyle {
  bool ascii = false, sorted = false, indented = false;
  std::string indent;
  std::string comma = ", ", colon = ": ";
};

/// json.dumps; false at what JSON has no word for, whose type `culprit` says.
bool printJson(const Value &value, const JsonStyle &style, Text &out,
               std::string &culprit);

} // namespace setun::runtime::chat

#endif // SETUN_RUNTIME_CHAT_PRINT_H
