//===- JsonSteps.cpp ----------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/tokenizer/JsonParts.h"

#include <utf8proc.h>

using namespace llvm;

namespace setun::frontends::tokenizer {

using abi::StepKind;

/// What ByteLevel splits by unless told not to; GPT-2's.
static constexpr char kByteLevelRegex[] =
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|"
    "\\s+(?!\\S)|\\s+";

/// ASCII's symbols count as punctuation too.
static constexpr char kPunctuationRegex[] = "[!-/:-@\\[-`{-~\\p{P}]";

static Step replaceStep(StringRef pattern, StringRef content) {
  return {StepKind::Replace, 0, pattern.str(), content.str(), {}};
}

static Step prependStep(StringRef content, uint32_t flags) {
  return {StepKind::Prepend, flags, "", content.str(), {}};
}

static void addSplit(const JsonReader &json, StringRef regex, uint32_t flags,
                     Description &d) {
  auto tables = compileRegex(regex);
  if (!tables)
    return json.problem(toString(tables.takeError()));
  d.pieceSteps.push_back({StepKind::Split, flags, "", "", std::move(*tables)});
}

/// Every step costs the runtime a pass, and a stack frame.
static bool tooMany(const JsonReader &json, size_t count) {
  constexpr size_t kMaxSteps = 32;
  if (count > kMaxSteps)
    json.problem("found " + Twine(count) + " steps, expected at most " +
                 Twine(kMaxSteps));
  return count > kMaxSteps;
}

void readNormalizer(const JsonReader &json, Description &d) {
  std::vector<JsonReader> parts = flatten(json, "normalizers");
  size_t growth = 1;
  if (tooMany(json, parts.size()))
    return;
  for (const JsonReader &part : parts) {
    std::string type = part.text("type");
    if (type == "Prepend") {
      part.allowKeys({"type", "prepend"});
      d.normalizers.push_back(prependStep(part.shortText("prepend"), 0));
    } else if (type == "Replace") {
      auto [pattern, content] = readReplacement(part, growth);
      if (!pattern.empty())
        d.normalizers.push_back(replaceStep(pattern, content));
    } else if (type == "NFC") {
      part.allowKeys({"type"});
      d.normalizers.push_back({StepKind::Compose, 0, "", "", {}});
    } else {
      part.unsupported("type", "Prepend, Replace, NFC or Sequence");
    }
  }
}

static bool isOneCharacter(StringRef text) {
  utf8proc_int32_t c;
  auto *bytes = reinterpret_cast<const utf8proc_uint8_t *>(text.data());
  auto count = utf8proc_iterate(bytes, text.size(), &c);
  return count > 0 && size_t(count) == text.size();
}

/// Delimiters that stay with a neighbour are a matter of the regex.
static void readMergingSplit(const JsonReader &json, StringRef delimiter,
                             bool withNext, Description &d) {
  if (!isOneCharacter(delimiter))
    return json.unsupported("behavior", "Isolated or Removed with a pattern "
                                        "that is not one character");
  std::string one = quoteRegex(delimiter);
  std::string others = "[^" + one + "]*";
  addSplit(json, withNext ? one + others : others + one, 0, d);
}

static void readSplit(const JsonReader &json, Description &d) {
  json.allowKeys({"type", "pattern", "behavior", "invert"});
  JsonReader pattern = json.object("pattern");
  pattern.allowKeys({"Regex", "String"});
  std::string literal = pattern.text("String", "");
  std::string regex =
      pattern.has("Regex") ? pattern.text("Regex") : quoteRegex(literal);
  std::string behavior = json.text("behavior");
  bool invert = json.flag("invert", false);
  if (regex.empty())
    pattern.problem("found no pattern, expected \"Regex\" or \"String\"");
  else if (behavior == "Isolated")
    addSplit(json, regex, 0, d);
  else if (behavior == "Removed")
    addSplit(json, regex, invert ? abi::kDropGaps : abi::kDropMatches, d);
  else if (StringRef(behavior).starts_with("MergedWith") && !invert)
    readMergingSplit(json, literal, behavior == "MergedWithNext", d);
  else
    json.unsupported("behavior", "Isolated or Removed");
}

static void readMetaspace(const JsonReader &json, Description &d) {
  json.allowKeys({"type", "replacement", "add_prefix_space", "prepend_scheme",
                  "split", "str_rep"});
  std::string space = json.text("replacement");
  if (!isOneCharacter(space))
    return json.unsupported("replacement", "one character");
  std::string scheme =
      json.text("prepend_scheme",
                json.flag("add_prefix_space", true) ? "always" : "never");
  d.pieceSteps.push_back(replaceStep(" ", space));
  if (scheme == "always")
    d.pieceSteps.push_back(prependStep(space, abi::kUnlessPresent));
  else if (scheme == "first")
    d.pieceSteps.push_back(
        prependStep(space, abi::kUnlessPresent | abi::kFirstOnly));
  else if (scheme != "never")
    json.unsupported("prepend_scheme", "always, first or never");
  if (json.flag("split", true))
    readMergingSplit(json, space, /*withNext=*/true, d);
}

static void readByteLevel(const JsonReader &json, Description &d) {
  json.allowKeys({"type", "add_prefix_space", "trim_offsets", "use_regex"});
  d.byteLevel = true;
  if (json.flag("add_prefix_space", true))
    d.pieceSteps.push_back(prependStep(" ", abi::kUnlessPresent));
  if (json.flag("use_regex", true))
    addSplit(json, kByteLevelRegex, 0, d);
}

void readPreTokenizer(const JsonReader &json, Description &d) {
  std::vector<JsonReader> parts = flatten(json, "pretokenizers");
  if (tooMany(json, parts.size()))
    return;
  for (const JsonReader &part : parts) {
    std::string type = part.text("type");
    if (d.byteLevel) {
      part.problem("found " + type +
                   " after ByteLevel, which is only "
                   "supported as the last");
    } else if (type == "Split") {
      readSplit(part, d);
    } else if (type == "ByteLevel") {
      readByteLevel(part, d);
    } else if (type == "Metaspace") {
      readMetaspace(part, d);
    } else if (type == "Digits") {
      part.allowKeys({"type", "individual_digits"});
      bool single = part.flag("individual_digits", false);
      addSplit(part, single ? "\\p{N}" : "\\p{N}+", 0, d);
    } else if (type == "Punctuation") {
      part.allowKeys({"type", "behavior"});
      if (part.text("behavior", "Isolated") != "Isolated")
        part.unsupported("behavior", "Isolated");
      addSplit(part, kPunctuationRegex, 0, d);
    } else {
      part.unsupported("type", "Split, ByteLevel, Metaspace, Digits, "
                               "Punctuation or Sequence");
    }
  }
}

} // namespace setun::frontends::tokenizer
