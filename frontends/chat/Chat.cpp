//===- Chat.cpp - A checkpoint's chat templates as a program --------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/chat/Chat.h"

#include "frontends/File.h"
#include "frontends/chat/Parser.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace setun::frontends {
namespace chat {
namespace {

constexpr size_t kMostBytes = 1 << 20; ///< of a template

struct Source {
  std::string name, file, text;
};

/// Finds templates where Hugging Face puts them.
class Directory {
public:
  explicit Directory(StringRef directory) : directory(directory) {}

  Error read();

  std::vector<Source> sources;
  std::vector<std::pair<std::string, std::string>> variables;

private:
  std::string path(const Twine &name) const {
    SmallString<256> result(directory);
    sys::path::append(result, name);
    return result.str().str();
  }
  Error readFile(StringRef name, StringRef file);
  Error readAdditional();
  Error readJsonFile(StringRef file, bool withTokens);
  Error takeTemplates(const json::Value &value, StringRef file);
  Error add(StringRef name, StringRef file, StringRef text);
  void takeTokens(const json::Object &object);

  StringRef directory;
};

Error Directory::add(StringRef name, StringRef file, StringRef text) {
  if (text.size() > kMostBytes)
    return userError(path(file) + ": found a chat template of " +
                     Twine(text.size()) + " bytes, expected at most " +
                     Twine(kMostBytes));
  if (!json::isUTF8(text))
    return userError(path(file) + ": the chat template is not UTF-8");
  sources.push_back({name.str(), file.str(), text.str()});
  return Error::success();
}

Error Directory::readFile(StringRef name, StringRef file) {
  auto buffer = mapFile(path(file));
  if (!buffer)
    return buffer.takeError();
  return add(name, file, (*buffer)->getBuffer());
}

Error Directory::readAdditional() {
  constexpr StringRef kFolder = "additional_chat_templates";
  // Only the one that is chosen by itself when there are tools.
  std::string file = (kFolder + "/tool_use.jinja").str();
  if (!sys::fs::exists(path(file)))
    return Error::success();
  return readFile("tool_use", file);
}

/// A string, or a list of {name, template}.
Error Directory::takeTemplates(const json::Value &value, StringRef file) {
  if (auto text = value.getAsString())
    return add("default", file, *text);
  const json::Array *list = value.getAsArray();
  if (!list)
    return userError(path(file) + ": chat_template: expected a string or a "
                                  "list of {name, template}");
  for (const json::Value &each : *list) {
    const json::Object *object = each.getAsObject();
    auto name = object ? object->getString("name") : std::nullopt;
    auto text = object ? object->getString("template") : std::nullopt;
    if (!name || !text)
      return userError(path(file) + ": chat_template: expected name and "
                                    "template, both strings");
    if (*name != "default" && *name != "tool_use")
      continue;
    if (Error error = add(*name, file, *text))
      return error;
  }
  return Error::success();
}

/// "bos_token" and its kin, which templates print.
void Directory::takeTokens(const json::Object &object) {
  for (StringRef key : {"bos_token", "eos_token", "unk_token", "sep_token",
                        "pad_token", "cls_token", "mask_token"}) {
    const json::Value *value = object.get(key);
    if (const json::Object *token = value ? value->getAsObject() : nullptr)
      value = token->get("content");
    auto text = value ? value->getAsString() : std::nullopt;
    if (text && text->size() < 1024)
      variables.push_back({key.str(), text->str()});
  }
}

Error Directory::readJsonFile(StringRef file, bool withTokens) {
  if (!sys::fs::exists(path(file)))
    return Error::success();
  auto value = readJson(path(file));
  if (!value)
    return value.takeError();
  const json::Object *object = value->getAsObject();
  if (!object)
    return userError(path(file) + ": expected an object");
  if (withTokens)
    takeTokens(*object);
  const json::Value *found = object->get("chat_template");
  if (!found || found->getAsNull() || !sources.empty())
    return Error::success();
  return takeTemplates(*found, file);
}

Error Directory::read() {
  constexpr StringRef kFile = "chat_template.jinja";
  if (sys::fs::exists(path(kFile)))
    if (Error error = readFile("default", kFile))
      return error;
  if (Error error = readAdditional())
    return error;
  if (Error error = readJsonFile("tokenizer_config.json", true))
    return error;
  return readJsonFile("chat_template.json", false);
}

/// Adds one template, or why it cannot be used.
void compileInto(Program &program, const Source &source,
                 std::vector<std::string> &warnings) {
  std::optional<Problem> problem;
  std::vector<Token> tokens = lex(source.text, problem);
  uint32_t first = program.size();
  uint32_t root = Parser(tokens, program, problem).run();
  std::string message;
  if (problem) {
    program.dropFrom(first);
    message = source.file + ":" + std::to_string(problem->line) +
              ": the chat template has " + problem->text +
              ", which is not understood";
    warnings.push_back(message);
    root = abi::kNoNode;
  }
  program.addEntry(source.name, source.file, message, root);
}

} // namespace
} // namespace chat

using namespace chat;

ChatTemplates compileTemplate(StringRef source, StringRef file) {
  Program program;
  ChatTemplates result;
  compileInto(program, {"default", file.str(), source.str()}, result.warnings);
  result.blob = program.write();
  return result;
}

Expected<ChatTemplates> compileChat(StringRef path) {
  Directory directory(path);
  if (Error error = directory.read())
    return error;
  ChatTemplates result;
  if (directory.sources.empty())
    return result;
  Program program;
  for (const Source &source : directory.sources)
    compileInto(program, source, result.warnings);
  for (const auto &[name, value] : directory.variables)
    program.addVariable(name, value);
  result.blob = program.write();
  return result;
}

} // namespace setun::frontends
