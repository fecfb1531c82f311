//===- Chat.h - A checkpoint's chat templates as a program ------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_FRONTENDS_CHAT_CHAT_H
#define SETUN_FRONTENDS_CHAT_CHAT_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace setun::frontends {

struct ChatTemplates {
  std::vector<char> blob; ///< see runtime/abi/Template.h; empty: there are none
  /// "file:line: …" for each that the executable will refuse.
  std::vector<std::string> warnings;
};

/// The chat templates of a checkpoint's directory: chat_template.jinja and
/// additional_chat_templates, else what tokenizer_config.json says, else
/// chat_template.json. Fails on files that are damaged, not on templates that
/// are not understood.
llvm::Expected<ChatTemplates> compileChat(llvm::StringRef directory);

/// The same of one template by itself, whose name for messages is `file`.
ChatTemplates compileTemplate(llvm::StringRef source, llvm::StringRef file);

} // namespace setun::frontends

#endif // SETUN_FRONTENDS_CHAT_CHAT_H
