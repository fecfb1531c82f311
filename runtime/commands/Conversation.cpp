//===- Conversation.cpp - Messages, and what the model reads of them ------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/commands/Conversation.h"
#include "runtime/chat/Json.h"

namespace setun::runtime {

using chat::Text;
using chat::Value;

std::optional<chat::Templates> findTemplates(const abi::Model &model,
                                             Failure &failure) {
  if (model.chatBytes == 0)
    failure = format("%s has no chat template: continue a text with 'run'",
                     model.name);
  else if (!chat::Program::valid(model.chat, model.chatBytes))
    failure = "the chat template in this executable is damaged";
  else
    return chat::Templates(model.chat);
  return std::nullopt;
}

static Value messageOf(const char *role, std::string_view content) {
  Value message = chat::makeDict();
  message.dict().set(Value::string("role"), Value::string(role));
  message.dict().set(Value::string("content"),
                     Text::fromUser(chat::repairUtf8(content)));
  return message;
}

Failure Conversation::setVariables(const std::string &json) {
  if (json.empty())
    return {};
  Value value;
  std::string failure = chat::readJson(json, value);
  if (failure.empty() && !value.is(chat::Type::Dict))
    failure = "expected an object, as in {\"enable_thinking\": false}";
  variables = value;
  return failure.empty() ? "" : "--chat-template-kwargs: " + failure;
}

void Conversation::add(const char *role, std::string_view content) {
  std::vector<Value> all = messages.sequence().items;
  all.push_back(messageOf(role, content));
  messages = chat::makeList(std::move(all));
}

Failure Conversation::render(const Value &said, bool forReply,
                             Text &text) const {
  Value all = chat::makeDict();
  all.dict().set(Value::string("messages"), said);
  all.dict().set(Value::string("add_generation_prompt"), forReply);
  for (const auto &[name, value] : variables.dict().items)
    all.dict().set(name, value);
  return templates.render(all, text);
}

std::vector<int32_t> Conversation::encode(const Text &text) const {
  std::vector<TextSpan> plain;
  for (chat::Range range : text.plain())
    plain.push_back({range.begin, range.end});
  return tokenizer.encode(text.view(), plain);
}

std::optional<int32_t> Conversation::endToken() const {
  constexpr std::string_view kProbe = "Fine.";
  Text text;
  Value said = chat::makeList(
      {messageOf("user", "How are you?"), messageOf("assistant", kProbe)});
  if (!render(said, false, text).empty())
    return std::nullopt;
  size_t reply = text.view().rfind(kProbe);
  if (reply == std::string_view::npos)
    return std::nullopt;
  std::string_view rest = text.view().substr(reply + kProbe.size());
  for (int32_t id : tokenizer.encode(rest, /*addSpecial=*/false)) {
    if (tokenizer.isSpecial(id))
      return id;
    std::string_view token = tokenizer.tokenText(id);
    chat::Range inner = chat::stripped(token, true, true);
    if (inner.begin < inner.end && token != "\u2581")
      break; // other text comes first
  }
  return std::nullopt;
}

} // namespace setun::runtime
