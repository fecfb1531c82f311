//===- FuzzRegex.cpp - Any regex ------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What is parsed becomes an automaton of bounded size, or an error with words;
// the automaton of code points matches within its text.

#include "frontends/tokenizer/Regex.h"

using namespace setun::frontends::tokenizer;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  llvm::StringRef pattern(reinterpret_cast<const char *>(data), size);
  constexpr llvm::StringRef text = "It's  12 \u4e00\u00e9!\r\n a";
  for (RegexText kind : {RegexText::CodePoints, RegexText::ByteLevel}) {
    auto tables = compileRegex(pattern, kind);
    if (!tables) {
      if (llvm::toString(tables.takeError()).empty())
        __builtin_trap();
    } else if (kind == RegexText::CodePoints &&
               matchRegex(*tables, text, 0, tables->numClasses - 1) >
                   text.size()) {
      __builtin_trap();
    }
  }
  return 0;
}
