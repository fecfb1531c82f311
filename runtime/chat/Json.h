//===- Json.h - JSON to values ----------------------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_CHAT_JSON_H
#define SETUN_RUNTIME_CHAT_JSON_H

#include "runtime/chat/Value.h"

namespace setun::runtime::chat {

/// Reads one JSON text; all its strings are a user's. Returns the complaint,
/// with the line.
std::string readJson(std::string_view text, Value &value);

} // namespace setun::runtime::chat

#endif // SETUN_RUNTIME_CHAT_JSON_H
