//===- Normalize.h - The steps that rewrite text ----------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_TOKENIZER_NORMALIZE_H
#define SETUN_RUNTIME_TOKENIZER_NORMALIZE_H

#include "runtime/tokenizer/Blob.h"

#include <string>

namespace setun::runtime {

/// The text after a step that is no Split. `first`: it starts the input.
std::string rewrite(Blob blob, const abi::TokenizerStep &step,
                    std::string_view text, bool first);

/// The text in the Unicode normalization form of a Compose step. Bytes that are
/// no UTF-8 stay.
std::string compose(Blob blob, const abi::TokenizerStep &step,
                    std::string_view text);

} // namespace setun::runtime

#endif // SETUN_RUNTIME_TOKENIZER_NORMALIZE_H
