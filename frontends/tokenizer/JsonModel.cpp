//===- JsonModel.cpp ----------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/tokenizer/JsonParts.h"

using namespace llvm;

namespace setun::frontends::tokenizer {

void readVocabulary(const JsonReader &vocabulary, uint32_t vocabSize,
                    Description &d, Problems &problems) {
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

void addMerge(StringRef left, StringRef right, uint32_t rank,
              const Twine &place, Description &d, Problems &problems) {
  std::string merged = (left + right).str();
  bool known = true;
  for (StringRef name : {left, right, StringRef(merged)})
    if (!d.find(name)) {
      problems.add(place,
                   "names '" + name + "', which is not in the vocabulary");
      known = false;
    }
  if (known)
    d.merges.push_back({*d.find(left), *d.find(right), rank, *d.find(merged)});
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
    addMerge(names->first, names->second, rank, place, d, problems);
  }
}

/// ["▁the", -3.2]; ids count up.
static void readScores(const JsonReader &json, uint32_t vocabSize,
                       Description &d, Problems &problems) {
  const json::Array *pieces = json.members().getArray("vocab");
  if (!pieces)
    return json.unsupported("vocab", "an array");
  double least = 0;
  for (size_t id = 0; id < pieces->size(); ++id) {
    std::string place = json.place() + ".vocab[" + std::to_string(id) + "]";
    const json::Array *piece = (*pieces)[id].getAsArray();
    auto name =
        piece && piece->size() == 2 ? (*piece)[0].getAsString() : std::nullopt;
    auto score = name ? (*piece)[1].getAsNumber() : std::nullopt;
    if (!score) {
      problems.add(place, "found " + shortJson(&(*pieces)[id]) +
                              ", expected [a token, its score]");
    } else if (addToken(d, *name, id, vocabSize, place, problems)) {
      d.tokens[id].score = *score;
      least = id ? std::min(least, *score) : *score;
    }
  }
  d.unknownScore = least - kUnknownPenalty;
}

static void readUnigram(const JsonReader &json, uint32_t vocabSize,
                        Description &d, Problems &problems) {
  json.allowKeys({"type", "vocab", "unk_id", "byte_fallback"});
  d.unigram = true;
  d.fuseUnknown = true;
  readScores(json, vocabSize, d, problems);
  if (json.flag("byte_fallback", false))
    d.byteFallback = findByteTokens(d, problems);
  if (!json.has("unk_id"))
    return;
  int64_t id = json.integer("unk_id", 0);
  if (id < 0 || size_t(id) >= d.tokens.size())
    return json.unsupported("unk_id", "the id of a token");
  d.unknown = id;
}

static void readBytePairs(const JsonReader &json, uint32_t vocabSize,
                          Description &d, Problems &problems) {
  json.allowKeys({"type", "vocab", "merges", "dropout", "unk_token",
                  "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk",
                  "byte_fallback", "ignore_merges"});
  if (const json::Value *dropout = json.get("dropout");
      json.has("dropout") && dropout->getAsNumber() != 0.0)
    json.unsupported("dropout", "null");
  for (StringRef key : {"continuing_subword_prefix", "end_of_word_suffix"})
    if (!json.text(key, "").empty())
      json.unsupported(key, "null");

  readVocabulary(json.object("vocab"), vocabSize, d, problems);
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

void readModel(const JsonReader &json, uint32_t vocabSize, Description &d,
               Problems &problems) {
  // Files before 2021 have no type; only BPE has merges, only Unigram unk_id.
  std::string type = json.text("type", json.has("merges")   ? "BPE"
                                       : json.has("unk_id") ? "Unigram"
                                                            : "missing");
  if (type == "BPE")
    readBytePairs(json, vocabSize, d, problems);
  else if (type == "Unigram")
    readUnigram(json, vocabSize, d, problems);
  else
    json.unsupported("type", "BPE or Unigram");
}

} // namespace setun::frontends::tokenizer
