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

/// An object of ids by name.
void readVocabulary(const JsonReader &json, uint32_t vocabSize,
                    Description &description, Problems &problems);

/// A merge of two tokens by name.
void addMerge(llvm::StringRef left, llvm::StringRef right, uint32_t rank,
              const llvm::Twine &place, Description &description,
              Problems &problems);

/// What text has to look like for the model to find the tokens.
void setSurfaces(Description &description);

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

/// A Replace by a text or a regex, or nothing after a problem. `growth` is how
/// much longer all Replaces so far may make a text.
std::optional<Step> readReplacement(const JsonReader &json, size_t &growth);

/// Whether the components are more than the runtime cares to run; a problem.
bool tooManySteps(const JsonReader &json, size_t count);

/// Appends a Split by a regex.
void addSplit(const JsonReader &json, llvm::StringRef regex, uint32_t flags,
              Description &description);

/// What GPT-2 splits by.
extern const char kByteLevelRegex[];

/// The components of a "Sequence" in order, or the component itself; `key`
/// names the array.
std::vector<JsonReader> flatten(const JsonReader &json, llvm::StringRef key);

} // namespace setun::frontends::tokenizer

#endif // SETUN_FRONTENDS_TOKENIZER_JSONPARTS_H
