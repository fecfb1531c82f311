//===- VocabularyFiles.cpp - vocab.json, merges.txt --------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/tokenizer/JsonParts.h"

using namespace llvm;

namespace setun::frontends::tokenizer {

using abi::StepKind;

/// Qwen2's: words of letters with what precedes them, single digits.
static constexpr char kQwen2Regex[] =
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}|"
    " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

namespace {

/// What a class of transformers does that neither of the two files says. All
/// are byte-level BPE.
struct TokenizerClass {
  StringRef name;
  const char *regex;
  bool composes;       ///< to form C
  bool mayPrefixSpace; ///< "add_prefix_space" is heard
  bool surrounds;      ///< with the tokens for cls and sep
  StringRef ends;      ///< the token for EOS unless the configuration names one
};

constexpr TokenizerClass kClasses[] = {
    {"GPT2Tokenizer", kByteLevelRegex, false, true, false, "<|endoftext|>"},
    {"Qwen2Tokenizer", kQwen2Regex, true, false, false, "<|endoftext|>"},
    {"CodeGenTokenizer", kByteLevelRegex, false, true, false, "<|endoftext|>"},
    {"GPTNeoXTokenizer", kByteLevelRegex, false, true, false, "<|endoftext|>"},
    {"RobertaTokenizer", kByteLevelRegex, false, true, true, "</s>"},
    {"BartTokenizer", kByteLevelRegex, false, true, true, "</s>"},
};

} // namespace

void readVocabularyFile(const json::Value &file, uint32_t vocabSize,
                        Description &d, Problems &problems) {
  d.byteLevel = true;
  readVocabulary(JsonReader(&file, "top level", problems), vocabSize, d,
                 problems);
  for (Token &token : d.tokens) {
    token.inModel = token.name.has_value();
    std::string name = token.name.value_or("");
    token.decoded = bytesOfAlphabet(name).value_or(name);
  }
  setSurfaces(d);
}

void readMergesFile(StringRef file, Description &d, Problems &problems) {
  uint32_t rank = 0;
  for (unsigned number = 1; !file.empty(); ++number) {
    auto [line, rest] = file.split('\n');
    file = rest;
    line.consume_back("\r");
    if (line.empty() || line.starts_with("#version"))
      continue;
    std::string place = "line " + std::to_string(number);
    auto [left, right] = line.split(' ');
    if (left.empty() || right.empty() || right.contains(' '))
      problems.add(place, "found '" + json::fixUTF8(line.take_front(60)) +
                              "', expected two tokens");
    else
      addMerge(left, right, rank++, place, d, problems);
  }
}

static std::optional<uint32_t> endToken(const JsonReader &json, StringRef key,
                                        StringRef fallback,
                                        const Description &d) {
  std::string name = fallback.str();
  if (const json::Value *value = json.get(key))
    if (auto text = value->getAsString())
      name = text->str();
  return d.find(name);
}

/// <s> and </s> around a text.
static void surround(const JsonReader &json, Description &d) {
  if (auto first = endToken(json, "cls_token", "<s>", d))
    d.prefix.push_back(*first);
  if (auto last = endToken(json, "sep_token", "</s>", d))
    d.suffix.push_back(*last);
}

void readTokenizerClass(const json::Value &file, Description &d,
                        Problems &problems) {
  JsonReader json(&file, "top level", problems);
  std::string name = json.text("tokenizer_class", "");
  StringRef wanted = name;
  wanted.consume_back("Fast");
  auto *known = find_if(
      kClasses, [&](const TokenizerClass &c) { return c.name == wanted; });
  if (known == std::end(kClasses)) {
    auto names = map_range(kClasses, [](const auto &c) { return c.name; });
    return json.unsupported("tokenizer_class",
                            "tokenizer.json, or one of " + join(names, ", "));
  }
  if (known->composes)
    d.normalizers.push_back({StepKind::Compose});
  if (known->mayPrefixSpace && json.flag("add_prefix_space", false))
    d.pieceSteps.push_back({StepKind::Prepend, abi::kUnlessPresent, "", " "});
  d.pieceSteps.push_back(
      {StepKind::Split, 0, "", "", cantFail(compileRegex(known->regex))});
  if (known->surrounds)
    surround(json, d);
  d.eos = d.find(known->ends);
  d.bos = d.prefix.empty() ? d.eos : d.prefix.front();
}

void readNamedSpecials(const json::Value &file, Description &d) {
  std::vector<StringRef> names;
  const json::Object *object = file.getAsObject();
  if (!object)
    return;
  for (StringRef key : {"bos_token", "eos_token", "unk_token", "pad_token",
                        "sep_token", "cls_token", "mask_token"})
    if (auto name = object->getString(key))
      names.push_back(*name);
  if (const json::Array *more = object->getArray("additional_special_tokens"))
    for (const json::Value &value : *more)
      if (auto name = value.getAsString())
        names.push_back(*name);
  for (StringRef name : names) {
    auto id = d.find(name);
    auto isIt = [&](const AddedToken &token) { return token.id == *id; };
    if (id && !name.empty() && none_of(d.added, isIt))
      d.added.push_back({*id, name.str(), abi::kTokenSpecial});
  }
}

} // namespace setun::frontends::tokenizer
