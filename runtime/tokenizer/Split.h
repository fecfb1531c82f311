//===- Split.h - Finding added tokens and regex matches ------- -*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_TOKENIZER_SPLIT_H
#define SETUN_RUNTIME_TOKENIZER_SPLIT_H

#include "runtime/tokenizer/Blob.h"

namespace setun::runtime {

/// Bytes of the automaton's match at text[at], 0 if none.
size_t matchLength(Blob blob, const abi::Automaton &automaton,
                   std::string_view text, size_t at = 0);

/// Where an added token stands in a text, the white space it takes included.
struct AddedMatch {
  size_t start, end;
  size_t found;   ///< the end without that space: the search goes on here
  uint32_t token; ///< kNone: there is none, start = end = the text's size
};

/// The first added token at or after `search`, the longest if several start
/// there. Text before `from` belongs to others: of a token that takes space it
/// leaves nothing. With `parseSpecial` false, special ones are text.
AddedMatch findAdded(Blob blob, const abi::Trie &trie, std::string_view text,
                     size_t from, size_t search, bool parseSpecial);

} // namespace setun::runtime

#endif // SETUN_RUNTIME_TOKENIZER_SPLIT_H
