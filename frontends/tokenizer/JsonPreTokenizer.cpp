//===- JsonPreTokenizer.cpp --------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/tokenizer/JsonParts.h"

#include "llvm/ADT/StringSwitch.h"

#include <utf8proc.h>

using namespace llvm;

namespace setun::frontends::tokenizer {

using abi::StepKind;

const char kByteLevelRegex[] =
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|"
    "\\s+(?!\\S)|\\s+";

/// ASCII's symbols count as punctuation too.
static std::string punctuationRegex() {
  return "[!-/:-@\\[-`{-~" + setRegex(oldPunctuationSet()) + "]";
}

static Step replaceStep(StringRef pattern, StringRef content) {
  return {StepKind::Replace, 0, pattern.str(), content.str()};
}

static Step prependStep(StringRef content, uint32_t flags) {
  return {StepKind::Prepend, flags, "", content.str()};
}

void addSplit(const JsonReader &json, StringRef regex, uint32_t flags,
              Description &d) {
  auto tables = compileRegex(regex, d.byteLevel ? RegexText::ByteLevel
                                                : RegexText::CodePoints);
  if (!tables)
    return json.problem(toString(tables.takeError()));
  d.pieceSteps.push_back({StepKind::Split, flags, "", "", std::move(*tables)});
}

/// "behavior" as flags of a Split.
static uint32_t readBehavior(const JsonReader &json, StringRef fallback) {
  auto flags =
      StringSwitch<std::optional<uint32_t>>(json.text("behavior", fallback))
          .Case("Isolated", 0)
          .Case("Removed", abi::kDropMatches)
          .Case("MergedWithPrevious", abi::kJoinPrevious)
          .Case("MergedWithNext", abi::kJoinNext)
          .Case("Contiguous", abi::kJoinEqual)
          .Default(std::nullopt);
  if (!flags)
    json.unsupported("behavior", "Isolated, Removed, MergedWithPrevious, "
                                 "MergedWithNext or Contiguous");
  return flags.value_or(0);
}

static bool isOneCharacter(StringRef text) {
  utf8proc_int32_t c;
  auto *bytes = reinterpret_cast<const utf8proc_uint8_t *>(text.data());
  auto count = utf8proc_iterate(bytes, text.size(), &c);
  return count > 0 && size_t(count) == text.size();
}

static void readSplit(const JsonReader &json, Description &d) {
  json.allowKeys({"type", "pattern", "behavior", "invert"});
  JsonReader pattern = json.object("pattern");
  pattern.allowKeys({"Regex", "String"});
  std::string regex = pattern.has("Regex")
                          ? pattern.text("Regex")
                          : quoteRegex(pattern.text("String", ""));
  uint32_t invert = json.flag("invert", false) ? abi::kInvert : 0;
  uint32_t behavior = readBehavior(json, "");
  if (regex.empty())
    pattern.problem("found no pattern, expected \"Regex\" or \"String\"");
  else
    addSplit(json, regex, behavior | invert, d);
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
    addSplit(json, quoteRegex(space), abi::kJoinNext, d);
}

static void readByteLevel(const JsonReader &json, Description &d) {
  json.allowKeys({"type", "add_prefix_space", "trim_offsets", "use_regex"});
  if (json.flag("add_prefix_space", true))
    d.pieceSteps.push_back(prependStep(" ", abi::kUnlessPresent));
  if (json.flag("use_regex", true))
    addSplit(json, kByteLevelRegex, 0, d);
  d.byteLevel = true;
}

static void readDigits(const JsonReader &json, Description &d) {
  json.allowKeys({"type", "individual_digits"});
  bool single = json.flag("individual_digits", false);
  addSplit(json, "\\p{N}", single ? 0 : abi::kJoinEqual, d);
}

/// Those without parameters, but for what stays of matches.
static void readFixed(const JsonReader &json, StringRef type, Description &d) {
  std::string word = setRegex(alphabeticWordSet()).substr(1);
  if (type == "Whitespace") {
    addSplit(json, "[" + word + "+|[^\\s" + word + "+",
             abi::kDropMatches | abi::kInvert, d);
  } else if (type == "WhitespaceSplit") {
    addSplit(json, "\\s", abi::kDropMatches, d);
  } else if (type == "BertPreTokenizer") {
    addSplit(json, "\\s", abi::kDropMatches, d);
    addSplit(json, punctuationRegex(), 0, d);
  } else {
    return json.unsupported(
        "type", "Split, ByteLevel, Metaspace, Digits, Punctuation, Whitespace, "
                "WhitespaceSplit, CharDelimiterSplit, BertPreTokenizer or "
                "Sequence");
  }
  json.allowKeys({"type"});
}

static void readDelimiter(const JsonReader &json, Description &d) {
  json.allowKeys({"type", "delimiter"});
  std::string delimiter = json.text("delimiter");
  if (!isOneCharacter(delimiter))
    return json.unsupported("delimiter", "one character");
  addSplit(json, quoteRegex(delimiter), abi::kDropMatches, d);
}

static void readPart(const JsonReader &json, Description &d) {
  std::string type = json.text("type");
  if (d.byteLevel && (type == "ByteLevel" || type == "Metaspace")) {
    json.problem("found " + type +
                 " after ByteLevel, expected only what "
                 "splits");
  } else if (type == "Split") {
    readSplit(json, d);
  } else if (type == "ByteLevel") {
    readByteLevel(json, d);
  } else if (type == "Metaspace") {
    readMetaspace(json, d);
  } else if (type == "Digits") {
    readDigits(json, d);
  } else if (type == "Punctuation") {
    json.allowKeys({"type", "behavior"});
    addSplit(json, punctuationRegex(), readBehavior(json, "Isolated"), d);
  } else if (type == "CharDelimiterSplit") {
    readDelimiter(json, d);
  } else {
    readFixed(json, type, d);
  }
}

void readPreTokenizer(const JsonReader &json, Description &d) {
  std::vector<JsonReader> parts = flatten(json, "pretokenizers");
  if (tooManySteps(json, parts.size()))
    return;
  for (const JsonReader &part : parts)
    readPart(part, d);
}

} // namespace setun::frontends::tokenizer
