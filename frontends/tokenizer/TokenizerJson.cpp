//===- TokenizerJson.cpp ------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/tokenizer/JsonParts.h"

#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace setun::frontends::tokenizer {

std::vector<JsonReader> flatten(const JsonReader &json, StringRef key) {
  if (json.text("type") != "Sequence")
    return {json};
  json.allowKeys({"type", key});
  std::vector<JsonReader> result;
  for (const JsonReader &part : json.objects(key))
    for (JsonReader &inner : flatten(part, key))
      result.push_back(std::move(inner));
  return result;
}

Replacement readReplacement(const JsonReader &json, size_t &growth) {
  constexpr size_t kMaxGrowth = 64;
  json.allowKeys({"type", "pattern", "content"});
  JsonReader pattern = json.object("pattern");
  pattern.allowKeys({"String"});
  Replacement result{pattern.text("String"), json.shortText("content")};
  if (result.pattern.empty()) {
    pattern.problem("found no text to replace");
    return result;
  }
  growth *= std::max<size_t>(
      1, divideCeil(result.content.size(), result.pattern.size()));
  if (growth <= kMaxGrowth)
    return result;
  json.problem("found replacements that lengthen text " + Twine(growth) +
               "-fold, expected at most " + Twine(kMaxGrowth));
  growth = 1;
  return {};
}

void readAddedToken(const JsonReader &json, int64_t id, uint32_t vocabSize,
                    Description &d, Problems &problems) {
  json.allowKeys({"id", "content", "single_word", "lstrip", "rstrip",
                  "normalized", "special", "__type"});
  std::string content = json.text("content");
  if (json.flag("single_word", false))
    json.unsupported("single_word", "false");
  if (!addToken(d, content, id, vocabSize, json.place(), problems) ||
      content.empty())
    return;
  AddedToken token{uint32_t(id), content};
  bool special = json.flag("special", false);
  token.flags = (special ? abi::kTokenSpecial : 0) |
                (json.flag("lstrip", false) ? abi::kTokenTakesLeft : 0) |
                (json.flag("rstrip", false) ? abi::kTokenTakesRight : 0);
  token.normalized = json.flag("normalized", !special);
  d.added.push_back(std::move(token));
}

/// Appends the ids of one special token of a template.
static void readSpecial(const JsonReader &json, size_t numTokens,
                        std::vector<uint32_t> &ids) {
  const json::Array *list = json.members().getArray("ids");
  if (!list)
    return json.problem("found no \"ids\", expected an array");
  for (const json::Value &value : *list) {
    auto id = value.getAsInteger();
    if (!id || *id < 0 || size_t(*id) >= numTokens)
      json.problem("found id " + shortJson(&value) +
                   ", expected that of a token");
    else
      ids.push_back(*id);
  }
}

static void readTemplate(const JsonReader &json, Description &d) {
  json.allowKeys({"type", "single", "pair", "special_tokens"});
  JsonReader specials = json.object("special_tokens");
  unsigned texts = 0;
  for (const JsonReader &piece : json.objects("single")) {
    piece.allowKeys({"SpecialToken", "Sequence"});
    if (piece.has("Sequence"))
      ++texts;
    else
      readSpecial(specials.object(piece.object("SpecialToken").text("id")),
                  d.tokens.size(), texts ? d.suffix : d.prefix);
  }
  if (texts != 1)
    json.problem("\"single\": found " + Twine(texts) +
                 " of \"Sequence\", expected one");
}

void readPostProcessor(const JsonReader &json, Description &d) {
  bool hasTemplate = false;
  for (const JsonReader &part : flatten(json, "processors")) {
    std::string type = part.text("type");
    if (type == "ByteLevel") // moves offsets only
      continue;
    if (type != "TemplateProcessing" || hasTemplate)
      part.unsupported("type", "ByteLevel, or once TemplateProcessing");
    else
      readTemplate(part, d);
    hasTemplate = true;
  }
}

/// Byte-level: text meets the merges as bytes, so names become bytes. Others
/// meet it as they are.
static void setSurfaces(Description &d) {
  for (Token &token : d.tokens) {
    std::string name = token.name.value_or("");
    token.surface = d.byteLevel ? bytesOfAlphabet(name).value_or("") : name;
  }
  if (d.byteLevel)
    for (unsigned byte = 0; byte < 256; ++byte)
      d.byteSymbols[byte] = d.find(alphabetOfByte(byte)).value_or(abi::kNone);
}

void readTokenizerJson(const json::Value &file, uint32_t vocabSize,
                       Description &d, Problems &problems) {
  JsonReader top(&file, "top level", problems);
  top.allowKeys({"version", "truncation", "padding", "added_tokens",
                 "normalizer", "pre_tokenizer", "post_processor", "decoder",
                 "model"});
  auto part = [&](StringRef key) {
    return JsonReader(top.get(key), key, problems);
  };
  readModel(part("model"), vocabSize, d, problems);
  if (top.has("added_tokens"))
    for (const JsonReader &token : top.objects("added_tokens"))
      readAddedToken(token, token.integer("id", -1), vocabSize, d, problems);
  if (top.has("normalizer"))
    readNormalizer(part("normalizer"), d);
  if (top.has("pre_tokenizer"))
    readPreTokenizer(part("pre_tokenizer"), d);
  if (top.has("post_processor"))
    readPostProcessor(part("post_processor"), d);
  readDecoder(part("decoder"), d);
  setSurfaces(d);
  if (!d.prefix.empty())
    d.bos = d.prefix.front();
}

} // namespace setun::frontends::tokenizer
