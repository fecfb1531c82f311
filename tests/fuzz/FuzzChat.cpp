//===- FuzzChat.cpp - Any chat template, any variables --------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The template ends at the first NUL, if there is one; what follows it are its
// variables. Whatever is compiled has valid tables and stays within its limits.

#include "frontends/chat/Chat.h"
#include "runtime/chat/Json.h"
#include "runtime/chat/Template.h"

#include <string.h>

using namespace setun;
using namespace setun::runtime::chat;

static const char *const kVariables =
    R"({"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant",
        "content": null, "tool_calls": [{"name": "f", "arguments": {"x": 1}}]}],
        "s": "a b", "l": [3, 1, 2], "d": {"k": 1.5}, "bos_token": "<s>"})";

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string_view input(reinterpret_cast<const char *>(data), size);
  size_t end = std::min(input.find('\0'), input.size());
  auto templates =
      frontends::compileTemplate(llvm::StringRef(input.data(), end), "fuzz");
  std::vector<uint64_t> words(templates.blob.size() / 8 + 1);
  memcpy(words.data(), templates.blob.data(), templates.blob.size());
  auto *bytes = reinterpret_cast<const uint8_t *>(words.data());
  if (!Program::valid(bytes, templates.blob.size()))
    __builtin_trap();
  {
    Value variables;
    std::string_view json = end < size ? input.substr(end + 1) : kVariables;
    bool fine = readJson(json, variables).empty();
    if (!fine || !variables.is(Type::Dict))
      readJson(kVariables, variables);
    Text text;
    Templates(bytes).render(variables, text,
                            {.steps = 200000, .bytes = 16 << 20, .depth = 300});
    for (Range range : text.plain())
      if (range.begin >= range.end || range.end > text.size())
        __builtin_trap();
  }
  if (Object::live)
    __builtin_trap();
  return 0;
}
