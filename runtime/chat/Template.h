//===- Template.h - Messages to the text that the model reads ---*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_CHAT_TEMPLATE_H
#define SETUN_RUNTIME_CHAT_TEMPLATE_H

#include "runtime/chat/Program.h"
#include "runtime/chat/Value.h"

namespace setun::runtime::chat {

/// What a rendering may cost before it ends with a complaint.
struct Limits {
  uint64_t steps = 50'000'000; ///< nodes, and bytes that they make
  size_t bytes = 512u << 20;   ///< of values alive at once
  uint32_t depth = 700;        ///< nodes inside each other, through calls
};

/// The checkpoint's templates, in tables that must outlive this.
class Templates {
public:
  explicit Templates(const uint8_t *blob) : program(blob) {}

  /// Renders with these variables (a dict with names as keys); those of the
  /// checkpoint ("bos_token") are added, and None for `tools` and `documents`
  /// where there are none. With tools it is the template for those, if there
  /// is one. Returns the complaint, which names file and line.
  std::string render(const Value &variables, Text &out,
                     const Limits &limits = {}) const;

private:
  Program program;
};

} // namespace setun::runtime::chat

#endif // SETUN_RUNTIME_CHAT_TEMPLATE_H
