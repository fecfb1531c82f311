//===- ChatTest.cpp - Where chat templates are found, and what is said of them
//===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/chat/Chat.h"
#include "runtime/chat/Json.h"
#include "runtime/chat/Template.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <gtest/gtest.h>

namespace setun {
namespace {

using runtime::chat::Program;

class Directory {
public:
  Directory() { llvm::sys::fs::createUniqueDirectory("setun-chat", path); }
  ~Directory() { llvm::sys::fs::remove_directories(path); }
  Directory &write(llvm::StringRef name, llvm::StringRef text) {
    std::string file = (path + "/" + name).str();
    llvm::sys::fs::create_directories(llvm::sys::path::parent_path(file));
    std::error_code error;
    llvm::raw_fd_ostream(file, error) << text;
    return *this;
  }
  llvm::StringRef name() const { return path; }

private:
  llvm::SmallString<128> path;
};

/// The text for some variables, "none" without templates, else the complaint.
std::string render(const Directory &directory, const char *json = "{}") {
  auto found = frontends::compileChat(directory.name());
  if (!found)
    return llvm::toString(found.takeError());
  if (found->blob.empty())
    return "none";
  std::vector<uint64_t> words(found->blob.size() / 8 + 1);
  memcpy(words.data(), found->blob.data(), found->blob.size());
  auto *bytes = reinterpret_cast<const uint8_t *>(words.data());
  EXPECT_TRUE(Program::valid(bytes, found->blob.size()));
  runtime::chat::Value variables;
  runtime::chat::readJson(json, variables);
  runtime::chat::Text text;
  std::string failure = runtime::chat::Templates(bytes).render(variables, text);
  return failure.empty() ? std::string(text.view()) : failure;
}

constexpr const char *kTools = R"({"tools": []})";

TEST(Chat, TakesTheTemplateOfTheConfiguration) {
  Directory directory;
  EXPECT_EQ(render(directory), "none");
  directory.write("tokenizer_config.json", R"({"chat_template": null})");
  EXPECT_EQ(render(directory), "none");
  directory.write("tokenizer_config.json", R"({
      "bos_token": {"content": "<s>"}, "eos_token": "</s>", "pad_token": null,
      "chat_template": "{{ bos_token }}{{ eos_token }}{{ pad_token }}"})");
  EXPECT_EQ(render(directory), "<s></s>");
}

TEST(Chat, PrefersFilesToTheConfiguration) {
  Directory directory;
  directory.write("chat_template.json", R"({"chat_template": "json"})");
  EXPECT_EQ(render(directory), "json");
  directory.write("tokenizer_config.json",
                  R"({"chat_template": "config", "bos_token": "<s>"})");
  EXPECT_EQ(render(directory), "config");
  directory.write("chat_template.jinja", "file {{ bos_token }}");
  EXPECT_EQ(render(directory), "file <s>");
  EXPECT_EQ(render(directory, kTools), "file <s>");
  directory.write("additional_chat_templates/tool_use.jinja", "tools");
  EXPECT_EQ(render(directory, kTools), "tools");
  EXPECT_EQ(render(directory), "file <s>");
}

TEST(Chat, KnowsListsOfTemplates) {
  Directory directory;
  directory.write("tokenizer_config.json", R"({"chat_template": [
      {"name": "tool_use", "template": "tools"},
      {"name": "rag", "template": "{% nonsense"},
      {"name": "default", "template": "default"}]})");
  EXPECT_EQ(render(directory), "default");
  EXPECT_EQ(render(directory, kTools), "tools");
}

TEST(Chat, DamagedFilesAreNamed) {
  Directory directory;
  auto complaint = [&](const char *file, llvm::StringRef text) {
    directory.write(file, text);
    return render(directory);
  };
  EXPECT_NE(complaint("tokenizer_config.json", R"({"chat_template": 5})")
                .find("expected a string or a list of {name, template}"),
            std::string::npos);
  EXPECT_NE(complaint("tokenizer_config.json", R"({"chat_template": [{}]})")
                .find("expected name and template"),
            std::string::npos);
  EXPECT_NE(complaint("chat_template.jinja", "\xff").find("is not UTF-8"),
            std::string::npos);
  EXPECT_NE(complaint("chat_template.jinja",
                      "version https://git-lfs.github.com/spec/v1\n")
                .find("git-LFS pointer"),
            std::string::npos);
  EXPECT_NE(complaint("chat_template.jinja", std::string(2 << 20, 'x'))
                .find("expected at most 1048576"),
            std::string::npos);
}

TEST(Chat, WhatIsNotUnderstoodIsNamed) {
  auto warning = [](llvm::StringRef source) {
    auto warnings = frontends::compileTemplate(source, "f").warnings;
    return warnings.empty() ? "" : warnings[0];
  };
  auto says = [](llvm::StringRef construct) {
    return ("the chat template has " + construct + ", which is not understood")
        .str();
  };
  EXPECT_EQ(warning("{{ 'fine' }}"), "");
  EXPECT_EQ(warning("\n{% import 'x' as y %}"),
            "f:2: " + says("the tag '{% import %}'"));
  EXPECT_EQ(warning("{{ x|escape }}"), "f:1: " + says("the filter 'escape'"));
  EXPECT_EQ(warning("{{ x|map('urlize') }}"),
            "f:1: " + says("the filter 'urlize'"));
  EXPECT_EQ(warning("{{ x is escaped }}"),
            "f:1: " + says("the test 'escaped'"));
  EXPECT_EQ(warning("{{ x.encode() }}"), "f:1: " + says("the method 'encode'"));
  EXPECT_EQ(warning("{{ lipsum() }}"), "f:1: " + says("the function 'lipsum'"));
  EXPECT_EQ(warning("{{ 1 +\n }}"), "f:2: " + says("a syntax error at '}}'"));
  EXPECT_EQ(warning("{{ 0x10 }}"),
            "f:1: " + says("a number that is not decimal"));
  EXPECT_NE(warning("{{ 99999999999999999999 }}").find("more than 64 bits"),
            std::string::npos);
}

} // namespace
} // namespace setun
