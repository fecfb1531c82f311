//===- Tokenize.cpp - Show the tokens of a text ---------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/commands/Command.h"
#include "runtime/commands/Prompt.h"

#include <stdio.h>

namespace setun::runtime {

int tokenizeCommand(const abi::Model &model, int argc, char **argv) {
  std::string prompt, file;
  bool idsOnly = false, noBos = false;
  std::vector<Option> options = textOptions(prompt, file);
  options.push_back({0, "ids", nullptr, &idsOnly, "print 1,2,3 and no text"});
  options.push_back({0, "no-bos", nullptr, &noBos,
                     "leave out what the model wants around a text"});
  if (auto code = readOptions(options, argc, argv))
    return *code;
  Failure failure;
  std::string text;
  std::optional<Tokenizer> tokenizer = findTokenizer(model, failure);
  if (tokenizer)
    failure = readText(prompt, file, text);
  if (!failure.empty())
    return fail(failure);

  std::vector<int32_t> ids = tokenizer->encode(text, !noBos);
  if (idsOnly)
    printf("%s\n", joinIds(ids).c_str());
  else
    for (int32_t id : ids) {
      std::string_view token = tokenizer->tokenText(id);
      printf("%6d -> '%.*s'\n", id, int(token.size()), token.data());
    }
  if (fflush(stdout) || ferror(stdout))
    return fail("cannot write the output");
  return 0;
}

} // namespace setun::runtime
