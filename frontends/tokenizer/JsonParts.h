//===- JsonParts.h - The components of a tokenizer.json ---------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_FRONTENDS_TOKENIZER_JSONPARTS_H
#define SETUN_FRONTENDS_TOKENIZER_JSONPARTS_H

#include "frontends/tokenizer/Description.h"
#include "frontends/tokenizer/JsonReader.h"

namespace setun::frontends::tokenizer {

/// "model": vocabulary and merges.
void readModel(const JsonReader &json, uint32_t vocabSize,
               Description &description, Problems &problems);

/// "normalizer" and "pre_tokenizer": the steps before the merges.
void readNormalizer(const JsonReader &json, Description &description);
void readPreTokenizer(const JsonReader &json, Description &description);

/// "post_processor": what stands around a text.
void readPostProcessor(const JsonReader &json, Description &description);

/// "decoder": sets what every token decodes to.
void readDecoder(const JsonReader &json, Description &description);

/// One of "added_tokens", or of tokenizer_config's added_tokens_decoder.
void readAddedToken(const JsonReader &json, int64_t id, uint32_t vocabSize,
                    Description &description, Problems &problems);

/// {"String": …}, {"content": …}: the only kind of Replace that is supported.
/// `growth` is how much longer all Replaces so far may make a text.
struct Replacement {
  std::string pattern, content; ///< no pattern: a problem was reported
};
Replacement readReplacement(const JsonReader &json, size_t &growth);

/// The components of a "Sequence" in order, or the component itself; `key`
/// names the array.
std::vector<JsonReader> flatten(const JsonReader &json, llvm::StringRef key);

} // namespace setun::frontends::tokenizer

#endif // SETUN_FRONTENDS_TOKENIZER_JSONPARTS_H
