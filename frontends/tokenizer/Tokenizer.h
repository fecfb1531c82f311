//===- Tokenizer.h - A checkpoint's tokenizer becomes tables ----*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_FRONTENDS_TOKENIZER_TOKENIZER_H
#define SETUN_FRONTENDS_TOKENIZER_TOKENIZER_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <vector>

namespace setun::frontends {

/// Reads tokenizer.json, or else tokenizer.model, and tokenizer_config.json
/// from a checkpoint's directory and gives the blob that
/// runtime/abi/Tokenizer.h lays out. Its header answers for BOS, EOS and stop
/// tokens. What changes the ids and is not understood is an error; so is an id
/// that is not below `vocabSize`.
llvm::Expected<std::vector<char>> compileTokenizer(llvm::StringRef directory,
                                                   uint32_t vocabSize);

} // namespace setun::frontends

#endif // SETUN_FRONTENDS_TOKENIZER_TOKENIZER_H
