//===- TokenizerConfig.cpp ----------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/tokenizer/JsonParts.h"

#include <set>

using namespace llvm;

namespace setun::frontends::tokenizer {

static std::set<uint32_t> addedIds(const Description &d) {
  std::set<uint32_t> ids;
  for (const AddedToken &token : d.added)
    ids.insert(token.id);
  return ids;
}

/// A token is written as its name or as an object with "content".
static std::optional<uint32_t> namedToken(const JsonReader &json, StringRef key,
                                          const Description &d) {
  const json::Value *value = json.get(key);
  if (!value)
    return std::nullopt;
  if (auto name = value->getAsString())
    return d.find(*name);
  if (const json::Object *token = value->getAsObject())
    if (auto name = token->getString("content"))
      return d.find(*name);
  return std::nullopt;
}

/// Puts `token` where add_bos_token or add_eos_token, if it is there, wants it;
/// it then outweighs the post-processor.
static void place(const JsonReader &json, StringRef key,
                  std::optional<uint32_t> token, std::vector<uint32_t> &ids) {
  if (!json.has(key))
    return;
  bool wanted = json.flag(key, false);
  if (wanted && !token)
    return json.unsupported(key, "false where the token has no id");
  if (!token)
    return;
  llvm::erase(ids, *token);
  if (wanted)
    ids.push_back(*token);
}

void readTokenizerConfig(const json::Value &file, uint32_t vocabSize,
                         Description &d, Problems &problems) {
  JsonReader json(&file, "top level", problems);
  if (json.has("added_tokens_decoder")) {
    JsonReader tokens = json.object("added_tokens_decoder");
    std::set<uint32_t> known = addedIds(d);
    for (const auto &[key, value] : tokens.members()) {
      JsonReader token(&value, tokens.place() + "." + StringRef(key), problems);
      int64_t id;
      if (StringRef(key).getAsInteger(10, id))
        token.problem("found a key that is no id");
      else if (!known.count(id))
        readAddedToken(token, id, vocabSize, d, problems);
    }
  }
  if (auto bos = namedToken(json, "bos_token", d))
    d.bos = bos;
  if (auto eos = namedToken(json, "eos_token", d))
    d.eos = eos;
  std::vector<uint32_t> front(d.prefix.rbegin(), d.prefix.rend());
  place(json, "add_bos_token", d.bos, front);
  d.prefix.assign(front.rbegin(), front.rend());
  place(json, "add_eos_token", d.eos, d.suffix);
}

void readAddedTokens(const json::Value &file, uint32_t vocabSize,
                     Description &d, Problems &problems) {
  JsonReader json(&file, "top level", problems);
  std::set<uint32_t> known = addedIds(d);
  for (const auto &[name, value] : json.members()) {
    StringRef content(name);
    auto id = value.getAsInteger();
    if (!id)
      json.problem("token '" + content + "': found " + shortJson(&value) +
                   ", expected an id");
    else if (addToken(d, content, *id, vocabSize, json.place(), problems) &&
             !known.count(*id))
      d.added.push_back({uint32_t(*id), content.str()});
  }
}

} // namespace setun::frontends::tokenizer
