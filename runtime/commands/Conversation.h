//===- Conversation.h - Messages, and what the model reads of them *- C++
//-*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_COMMANDS_CONVERSATION_H
#define SETUN_RUNTIME_COMMANDS_CONVERSATION_H

#include "runtime/abi/Model.h"
#include "runtime/chat/Template.h"
#include "runtime/support/Text.h"
#include "runtime/tokenizer/Tokenizer.h"

#include <optional>

namespace setun::runtime {

/// The chat templates inside; nothing, with the reason, where there are none
/// or they are damaged.
std::optional<chat::Templates> findTemplates(const abi::Model &model,
                                             Failure &failure);

/// What was said so far.
class Conversation {
public:
  Conversation(chat::Templates templates, Tokenizer tokenizer)
      : templates(templates), tokenizer(tokenizer), variables(chat::makeDict()),
        messages(chat::makeList({})) {}

  /// Variables for the template, a JSON object.
  Failure setVariables(const std::string &json);
  void add(const char *role, std::string_view content);

  /// The text of the messages, with what leads to a reply behind it.
  Failure render(chat::Text &text) const {
    return render(messages, true, text);
  }
  /// … as tokens. Names of special tokens in messages are only text.
  std::vector<int32_t> encode(const chat::Text &text) const;

  /// The special token that the template writes behind a reply, if any.
  std::optional<int32_t> endToken() const;

private:
  Failure render(const chat::Value &messages, bool forReply,
                 chat::Text &text) const;

  chat::Templates templates;
  Tokenizer tokenizer;
  chat::Value variables, messages;
};

} // namespace setun::runtime

#endif // SETUN_RUNTIME_COMMANDS_CONVERSATION_H
