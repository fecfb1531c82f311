//===- Prompt.cpp - From the command line to token ids --------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/commands/Prompt.h"

#include <stdio.h>

namespace setun::runtime {

std::optional<Tokenizer> findTokenizer(const abi::Model &model,
                                       Failure &failure) {
  const uint8_t *blob = model.weights + model.tokenizerOffset;
  if (model.tokenizerBytes == 0)
    failure = format("%s was compiled with --no-tokenizer: it takes token ids "
                     "(--ids 1,2,3) and gives token ids (--output-ids)",
                     model.name);
  else if (!Tokenizer::valid(blob, model.tokenizerBytes))
    failure = "the tokenizer in this executable is damaged";
  else
    return Tokenizer(blob);
  return std::nullopt;
}

Failure readText(const std::string &prompt, const std::string &file,
                 std::string &text) {
  if (file.empty()) {
    text = prompt;
    return {};
  }
  if (!prompt.empty())
    return "give the text with -p or with -f, not both";
  return readFile(file, text);
}

Failure parseIds(const abi::Model &model, const std::string &text,
                 std::vector<int32_t> &ids) {
  std::vector<int64_t> numbers;
  Failure failure =
      parseIntegers(text, 0, int64_t(model.vocabSize) - 1, numbers);
  if (!failure.empty())
    return "--ids: " + failure;
  ids.assign(numbers.begin(), numbers.end());
  return {};
}

void printPrompt(const Tokenizer &tokenizer, std::string_view text,
                 std::span<const int32_t> ids) {
  fprintf(stderr, "prompt: '%.*s'\nnumber of tokens in prompt = %zu\n",
          int(text.size()), text.data(), ids.size());
  for (int32_t id : ids) {
    std::string_view token = tokenizer.tokenText(id);
    fprintf(stderr, "%6d -> '%.*s'\n", id, int(token.size()), token.data());
  }
}

std::string joinIds(std::span<const int32_t> ids) {
  std::string text;
  for (int32_t id : ids)
    text += format(text.empty() ? "%d" : ",%d", id);
  return text;
}

} // namespace setun::runtime
