//===- StringMaps.h - Strings that become others ------------- -*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_FRONTENDS_TOKENIZER_STRINGMAPS_H
#define SETUN_FRONTENDS_TOKENIZER_STRINGMAPS_H

#include "llvm/ADT/StringRef.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace setun::frontends::tokenizer {

/// What each key becomes. No key is empty.
using StringMap = std::map<std::string, std::string>;

/// Characters to those without upper case.
StringMap lowercaseMap();
/// Combining marks to nothing.
StringMap accentMap();
/// Control characters to nothing, and unusual spaces to spaces.
StringMap nmtMap();

/// SentencePiece's precompiled_charsmap, as abi::Map has it.
struct Charsmap {
  std::vector<uint32_t> units;
  std::string contents;
};

/// Nothing if the bytes are no such map.
std::optional<Charsmap> readCharsmap(llvm::StringRef bytes);

/// A regex for one of Unicode's extended grapheme clusters.
std::string clusterRegex();

} // namespace setun::frontends::tokenizer

#endif // SETUN_FRONTENDS_TOKENIZER_STRINGMAPS_H
