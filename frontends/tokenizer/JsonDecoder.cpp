//===- JsonDecoder.cpp --------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/tokenizer/JsonParts.h"

using namespace llvm;

namespace setun::frontends::tokenizer {
namespace {

/// Runs a chain of decoders over every token when Setun compiles, as far as
/// they treat tokens alone; what they do to whole texts becomes flags.
class Decoders {
public:
  explicit Decoders(Description &d) : d(d) {
    for (Token &token : d.tokens)
      token.decoded = token.name.value_or("");
  }

  void add(const JsonReader &json) {
    std::string type = json.text("type");
    if (type == "ByteLevel")
      byteLevel();
    else if (type == "Metaspace")
      metaspace(json);
    else if (type == "Replace" && !fused)
      replace(json);
    else if (type == "ByteFallback" && !fused)
      byteFallback();
    else if (type == "Fuse")
      fused = true;
    else if (type == "Strip")
      strip(json);
    else
      json.unsupported("type", "ByteLevel, Metaspace or a Sequence of Replace, "
                               "ByteFallback, Strip and then Fuse, Strip");
  }

private:
  void byteLevel() {
    for (Token &token : d.tokens)
      if (auto bytes = bytesOfAlphabet(token.decoded))
        token.decoded = *bytes;
    // Added tokens were never in that alphabet.
    for (const AddedToken &token : d.added)
      d.tokens[token.id].decoded = token.content;
  }

  void replace(StringRef pattern, StringRef content) {
    for (Token &token : d.tokens)
      token.decoded = replaceAll(token.decoded, pattern, content);
  }

  void replace(const JsonReader &json) {
    auto step = readReplacement(json, growth);
    if (!step)
      return;
    for (Token &token : d.tokens)
      token.decoded =
          step->kind == abi::StepKind::Replace
              ? replaceAll(token.decoded, step->pattern, step->content)
              : replaceMatches(step->automaton, token.decoded, step->content);
  }

  void metaspace(const JsonReader &json) {
    json.allowKeys({"type", "replacement", "add_prefix_space", "prepend_scheme",
                    "split", "str_rep"});
    std::string space = json.text("replacement");
    if (space.empty())
      return json.unsupported("replacement", "one character");
    replace(space, " ");
    bool always = json.flag("add_prefix_space", true);
    d.firstTokenHasNoSpace =
        json.text("prepend_scheme", always ? "always" : "never") != "never";
  }

  void byteFallback() {
    for (Token &token : d.tokens)
      if (auto byte = byteOfName(token.decoded))
        token.decoded = std::string(1, char(*byte));
  }

  void strip(const JsonReader &json) {
    json.allowKeys({"type", "content", "start", "stop"});
    std::string content = json.text("content");
    int64_t start = json.integer("start", 0), stop = json.integer("stop", 0);
    for (StringRef key : {"start", "stop"})
      if (int64_t n = json.integer(key, 0); n < 0 || n > 1000)
        return json.unsupported(key, "a small number");
    if (content.empty())
      return json.unsupported("content", "one character");
    if (!fused)
      return stripTokens(content, start, stop);
    if (content != " ")
      json.unsupported("content", "\" \"");
    if (stop != 0)
      json.unsupported("stop", "0");
    d.leadingSpaces += start;
  }

  void stripTokens(StringRef content, int64_t start, int64_t stop) {
    for (Token &token : d.tokens) {
      StringRef text = token.decoded;
      for (int64_t i = 0; i < start && text.consume_front(content); ++i)
        ;
      for (int64_t i = 0; i < stop && text.consume_back(content); ++i)
        ;
      token.decoded = text.str();
    }
  }

  Description &d;
  bool fused = false;
  size_t growth = 1;
};

} // namespace

void readDecoder(const JsonReader &json, Description &d) {
  Decoders decoders(d);
  for (const JsonReader &part : flatten(json, "decoders"))
    decoders.add(part);
}

} // namespace setun::frontends::tokenizer
