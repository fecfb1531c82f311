//===- Prompt.h - From the command line to token ids ------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_COMMANDS_PROMPT_H
#define SETUN_RUNTIME_COMMANDS_PROMPT_H

#include "runtime/abi/Model.h"
#include "runtime/support/Text.h"
#include "runtime/tokenizer/Tokenizer.h"

#include <optional>

namespace setun::runtime {

/// The tokenizer in the weights segment; nothing, with the reason, when the
/// model was compiled without one.
std::optional<Tokenizer> findTokenizer(const abi::Model &model,
                                       Failure &failure);

/// The text of -p, or of the file of -f.
Failure readText(const std::string &prompt, const std::string &file,
                 std::string &text);

/// "1,2,3" as ids of this model's vocabulary.
Failure parseIds(const abi::Model &model, const std::string &text,
                 std::vector<int32_t> &ids);

/// The text and its tokens on stderr, for --verbose-prompt.
void printPrompt(const Tokenizer &tokenizer, std::string_view text,
                 std::span<const int32_t> ids);

/// "1,2,3".
std::string joinIds(std::span<const int32_t> ids);

} // namespace setun::runtime

#endif // SETUN_RUNTIME_COMMANDS_PROMPT_H
