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

/// Content of `bytes` bytes for every match of at least `matched` bytes: can a
/// text become very long?
static bool growsTooMuch(const JsonReader &json, size_t bytes, size_t matched,
                         size_t &growth) {
  constexpr size_t kMaxGrowth = 64;
  growth *= std::max<size_t>(1, divideCeil(bytes, matched));
  if (growth <= kMaxGrowth)
    return false;
  json.problem("found replacements that lengthen text " + Twine(growth) +
               "-fold, expected at most " + Twine(kMaxGrowth));
  growth = 1;
  return true;
}

std::optional<Step> readReplacement(const JsonReader &json, size_t &growth) {
  json.allowKeys({"type", "pattern", "content"});
  JsonReader pattern = json.object("pattern");
  pattern.allowKeys({"String", "Regex"});
  Step step{abi::StepKind::Replace};
  step.content = json.shortText("content");
  if (pattern.has("Regex")) {
    step.kind = abi::StepKind::ReplaceMatches;
    auto tables = compileRegex(pattern.text("Regex"));
    if (!tables) {
      pattern.problem(toString(tables.takeError()));
      return std::nullopt;
    }
    step.automaton = std::move(*tables);
    return growsTooMuch(json, step.content.size(), 1, growth)
               ? std::nullopt
               : std::optional(std::move(step));
  }
  step.pattern = pattern.text("String");
  if (step.pattern.empty()) {
    pattern.problem("found no text to replace");
    return std::nullopt;
  }
  if (growsTooMuch(json, step.content.size(), step.pattern.size(), growth))
    return std::nullopt;
  return step;
}

void readAddedToken(const JsonReader &json, int64_t id, uint32_t vocabSize,
                    Description &d, Problems &problems) {
  json.allowKeys({"id", "content", "single_word", "lstrip", "rstrip",
                  "normalized", "special", "__type"});
  std::string content = json.text("content");
  if (!addToken(d, content, id, vocabSize, json.place(), problems) ||
      content.empty())
    return;
  AddedToken token{uint32_t(id), content};
  bool special = json.flag("special", false);
  token.flags = (special ? abi::kTokenSpecial : 0) |
                (json.flag("lstrip", false) ? abi::kTokenTakesLeft : 0) |
                (json.flag("rstrip", false) ? abi::kTokenTakesRight : 0) |
                (json.flag("single_word", false) ? abi::kTokenIsWord : 0);
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

/// ["</s>", 2]
static void readPair(const JsonReader &json, StringRef key, size_t numTokens,
                     std::vector<uint32_t> &ids) {
  const json::Array *pair = json.members().getArray(key);
  auto id =
      pair && pair->size() == 2 ? (*pair)[1].getAsInteger() : std::nullopt;
  if (!id || *id < 0 || size_t(*id) >= numTokens)
    return json.unsupported(key, "[a token, its id]");
  ids.push_back(*id);
}

/// BERT's and RoBERTa's: one token before a text and one behind it.
static void readPairs(const JsonReader &json, Description &d) {
  json.allowKeys({"type", "sep", "cls", "trim_offsets", "add_prefix_space"});
  readPair(json, "cls", d.tokens.size(), d.prefix);
  readPair(json, "sep", d.tokens.size(), d.suffix);
}

void readPostProcessor(const JsonReader &json, Description &d) {
  bool hasTemplate = false;
  for (const JsonReader &part : flatten(json, "processors")) {
    std::string type = part.text("type");
    if (type == "ByteLevel") // moves offsets only
      continue;
    if (type == "TemplateProcessing" && !hasTemplate)
      readTemplate(part, d);
    else if ((type == "BertProcessing" || type == "RobertaProcessing") &&
             !hasTemplate)
      readPairs(part, d);
    else
      part.unsupported("type", "ByteLevel, or once TemplateProcessing, "
                               "RobertaProcessing or BertProcessing");
    hasTemplate = true;
  }
}

/// Byte-level: text meets the merges as bytes, so names become bytes. Others
/// meet it as they are.
void setSurfaces(Description &d) {
  for (Token &token : d.tokens) {
    std::string name = token.inModel ? *token.name : "";
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
  for (Token &token : d.tokens)
    token.inModel = token.name.has_value();
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
