//===- Composition.h - Unicode's normalization data -------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_FRONTENDS_TOKENIZER_COMPOSITION_H
#define SETUN_FRONTENDS_TOKENIZER_COMPOSITION_H

#include "runtime/abi/Tokenizer.h"

#include "llvm/ADT/StringRef.h"

#include <string>
#include <vector>

namespace setun::frontends::tokenizer {

enum class UnicodeForm { C, D, KC, KD };

/// What abi::Composition points at, from utf8proc's Unicode tables.
struct CompositionTables {
  std::vector<abi::Composition::Class> classes;
  std::vector<abi::Composition::Decomposition> decompositions;
  std::vector<uint32_t> codePoints;
  std::vector<abi::Composition::Pair> pairs;
};

CompositionTables makeCompositionTables(UnicodeForm form);

/// abi::StepFlags of a Compose step.
uint32_t formFlags(UnicodeForm form);

/// A normalization form of UTF-8; damaged text stays as it is.
std::string composedText(llvm::StringRef text, UnicodeForm form);

} // namespace setun::frontends::tokenizer

#endif // SETUN_FRONTENDS_TOKENIZER_COMPOSITION_H
