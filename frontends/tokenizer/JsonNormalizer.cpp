//===- JsonNormalizer.cpp ----------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/tokenizer/JsonParts.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Base64.h"

using namespace llvm;

namespace setun::frontends::tokenizer {

using abi::StepKind;

bool tooManySteps(const JsonReader &json, size_t count) {
  constexpr size_t kMaxSteps = 32;
  if (count > kMaxSteps)
    json.problem("found " + Twine(count) + " steps, expected at most " +
                 Twine(kMaxSteps));
  return count > kMaxSteps;
}

namespace {

class Normalizers {
public:
  explicit Normalizers(Description &d) : d(d) {}

  void add(const JsonReader &json) {
    std::string type = json.text("type");
    auto form = StringSwitch<std::optional<UnicodeForm>>(type)
                    .Case("NFC", UnicodeForm::C)
                    .Case("NFD", UnicodeForm::D)
                    .Case("NFKC", UnicodeForm::KC)
                    .Case("NFKD", UnicodeForm::KD)
                    .Default(std::nullopt);
    if (d.byteLevel)
      json.problem("found " + type + " after ByteLevel, expected nothing");
    else if (form)
      compose(json, *form);
    else if (type == "Prepend")
      prepend(json);
    else if (type == "Replace")
      replace(json);
    else if (type == "Strip")
      strip(json);
    else if (type == "Precompiled")
      precompiled(json);
    else
      addFixed(json, type);
  }

private:
  /// Those without parameters.
  void addFixed(const JsonReader &json, StringRef type) {
    if (type == "Lowercase")
      map(lowercaseMap());
    else if (type == "StripAccents")
      map(accentMap());
    else if (type == "Nmt")
      map(nmtMap());
    else if (type == "ByteLevel")
      d.byteLevel = true;
    else
      return json.unsupported(
          "type", "NFC, NFD, NFKC, NFKD, Prepend, Replace, Strip, Lowercase, "
                  "StripAccents, Nmt, Precompiled, ByteLevel or Sequence");
    json.allowKeys({"type"});
  }

  Step &map(StringMap strings) {
    Step &step = d.normalizers.emplace_back(Step{StepKind::Map});
    step.map = std::move(strings);
    return step;
  }

  void compose(const JsonReader &json, UnicodeForm form) {
    json.allowKeys({"type"});
    d.normalizers.push_back({StepKind::Compose, formFlags(form)});
    d.normalizers.back().form = form;
  }

  void prepend(const JsonReader &json) {
    json.allowKeys({"type", "prepend"});
    d.normalizers.push_back(
        {StepKind::Prepend, 0, "", json.shortText("prepend")});
  }

  void replace(const JsonReader &json) {
    if (auto step = readReplacement(json, growth))
      d.normalizers.push_back(std::move(*step));
  }

  void strip(const JsonReader &json) {
    json.allowKeys({"type", "strip_left", "strip_right"});
    uint32_t left = json.flag("strip_left", true) ? abi::kTrimLeft : 0;
    uint32_t right = json.flag("strip_right", true) ? abi::kTrimRight : 0;
    d.normalizers.push_back({StepKind::Trim, left | right});
  }

  void precompiled(const JsonReader &json) {
    json.allowKeys({"type", "precompiled_charsmap"});
    std::vector<char> bytes;
    if (Error error =
            decodeBase64(json.text("precompiled_charsmap", ""), bytes))
      return json.problem("\"precompiled_charsmap\": " +
                          toString(std::move(error)));
    auto charsmap = readCharsmap({bytes.data(), bytes.size()});
    if (!charsmap)
      return json.problem("\"precompiled_charsmap\": found damaged tables");
    Step &step = map({});
    step.flags = abi::kWholeClusters;
    step.charsmap = std::move(*charsmap);
    step.automaton = cantFail(compileRegex(clusterRegex()));
  }

  Description &d;
  size_t growth = 1;
};

} // namespace

void readNormalizer(const JsonReader &json, Description &d) {
  std::vector<JsonReader> parts = flatten(json, "normalizers");
  if (tooManySteps(json, parts.size()))
    return;
  Normalizers normalizers(d);
  for (const JsonReader &part : parts)
    normalizers.add(part);
}

} // namespace setun::frontends::tokenizer
