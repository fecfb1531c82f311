//===- TestTemplate.h - Templates compiled in memory ------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_TESTS_RUNTIME_CHAT_TESTTEMPLATE_H
#define SETUN_TESTS_RUNTIME_CHAT_TESTTEMPLATE_H

#include "frontends/chat/Chat.h"
#include "runtime/chat/Json.h"
#include "runtime/chat/Template.h"

#include <gtest/gtest.h>
#include <string.h>

namespace setun::test {

/// The tables of a template, aligned as in an executable.
class Tables {
public:
  explicit Tables(const std::string &source)
      : Tables(frontends::compileTemplate(source, "t.jinja").blob) {}
  explicit Tables(const std::vector<char> &blob)
      : size(blob.size()), words(blob.size() / 8 + 1) {
    memcpy(words.data(), blob.data(), size);
  }
  uint8_t *bytes() { return reinterpret_cast<uint8_t *>(words.data()); }
  bool valid() { return runtime::chat::Program::valid(bytes(), size); }

  size_t size;

private:
  std::vector<uint64_t> words;
};

inline runtime::chat::Value parse(const std::string &json) {
  runtime::chat::Value value;
  EXPECT_EQ(runtime::chat::readJson(json, value), "");
  return value;
}

inline runtime::chat::Text render(const std::string &source,
                                  const std::string &json) {
  Tables tables(source);
  EXPECT_TRUE(tables.valid());
  runtime::chat::Text text;
  EXPECT_EQ(runtime::chat::Templates(tables.bytes()).render(parse(json), text),
            "");
  return text;
}

} // namespace setun::test

#endif // SETUN_TESTS_RUNTIME_CHAT_TESTTEMPLATE_H
