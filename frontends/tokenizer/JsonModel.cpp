//===- JsonModel.cpp ----------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/tokenizer/JsonParts.h"

using namespace llvm;

namespace setun::frontends::tokenizer {

static void readVocabulary(const JsonReader &json, uint32_t vocabSize,
                           Description &d, Problems &problems) {
  JsonReader vocabulary = json.object("vocab");
  for (const auto &[name, value] : vocabulary.members()) {
    if (auto id = value.getAsInteger())
      addToken(d, name, *id, vocabSize, vocabulary.place(), problems);
    else
      vocabulary.problem("token '" + StringRef(name) + "': found " +
                         shortJson(&value) + ", expected an id");
  }
}

/// A merge is "left right" or ["left", "right"].
static std::optional<std::pair<StringRef, StringRef>>
mergeNames(const json::Value &value) {
  std::optional<StringRef> left, right;
  if (auto text = value.getAsString()) {
    if (text->count(' ') != 1)
      return std::nullopt;
    return text->split(' ');
  }
  if (const json::Array *pair = value.getAsArray(); pair && pair->size() == 2) {
    left = (*pair)[0].getAsString();
    right = (*pair)[1].getAsString();
  }
  if (!left || !right)
    return std::nullopt;
  return std::pair(*left, *right);
}

static void readMerges(const JsonReader &json, Description &d,
                       Problems &problems) {
  const json::Array *merges = json.members().getArray("merges");
  if (!merges)
    return json.unsupported("merges", "an array");
  for (uint32_t rank = 0; rank < merges->size(); ++rank) {
    std::string place = json.place() + ".merges[" + std::to_string(rank) + "]";
    auto names = mergeNames((*merges)[rank]);
    if (!names) {
      problems.add(place, "found " + shortJson(&(*merges)[rank]) +
                              ", expected two tokens");
      continue;
    }
    auto [left, right] = *names;
    std::string merged = (left + right).str();
    bool known = true;
    for (StringRef name : {left, right, StringRef(merged)})
      if (!d.find(name)) {
        problems.add(place,
                     "names '" + name + "', which is not in the vocabulary");
        known = false;
      }
    if (known)
      d.merges.push_back(
          {*d.find(left), *d.find(right), rank, *d.find(merged)});
  }
}

void readModel(const JsonReader &json, uint32_t vocabSize, Description &d,
               Problems &problems) {
  // Files before 2021 have no type; only BPE has merges.
  if (json.text("type", json.has("merges") ? "BPE" : "missing") != "BPE")
    return json.unsupported("type", "BPE");
  json.allowKeys({"type", "vocab", "merges", "dropout", "unk_token",
                  "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk",
                  "byte_fallback", "ignore_merges"});
  if (const json::Value *dropout = json.get("dropout");
      json.has("dropout") && dropout->getAsNumber() != 0.0)
    json.unsupported("dropout", "null");
  for (StringRef key : {"continuing_subword_prefix", "end_of_word_suffix"})
    if (!json.text(key, "").empty())
      json.unsupported(key, "null");

  readVocabulary(json, vocabSize, d, problems);
  readMerges(json, d, problems);
  d.fuseUnknown = json.flag("fuse_unk", false);
  d.ignoreMerges = json.flag("ignore_merges", false);
  if (json.flag("byte_fallback", false))
    d.byteFallback = findByteTokens(d, problems);
  if (json.has("unk_token")) {
    d.unknown = d.find(json.text("unk_token"));
    if (!d.unknown)
      json.unsupported("unk_token", "a token of the vocabulary");
  }
}

} // namespace setun::frontends::tokenizer
