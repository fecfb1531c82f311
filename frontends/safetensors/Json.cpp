//===- Json.cpp -----------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/safetensors/Json.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;

namespace setun::frontends {

std::vector<StringRef> sortedKeys(const json::Object &object) {
  std::vector<StringRef> keys;
  for (const auto &[key, value] : object)
    keys.push_back(key);
  sort(keys);
  return keys;
}

/// The commas that a value is written with.
static size_t commasOf(const json::Value &value) {
  size_t members = 0, commas = 0;
  if (const json::Object *object = value.getAsObject()) {
    members = object->size();
    for (const auto &[key, member] : *object)
      commas += commasOf(member);
  } else if (const json::Array *array = value.getAsArray()) {
    members = array->size();
    for (const json::Value &member : *array)
      commas += commasOf(member);
  }
  return commas + (members ? members - 1 : 0);
}

/// llvm::json keeps the last of two equal keys, so text that names a key twice
/// has more commas than its value.
bool hasDuplicateKeys(StringRef text, const json::Value &value) {
  size_t commas = 0;
  bool inString = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (inString && text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      inString = !inString;
    else if (text[i] == ',' && !inString)
      ++commas;
  }
  return commas != commasOf(value);
}

std::string shortText(const json::Value &value) {
  constexpr size_t kMax = 60;
  std::string text = formatv("{0}", value);
  if (text.size() <= kMax)
    return text;
  return json::fixUTF8(StringRef(text).take_front(kMax)) + "…";
}

} // namespace setun::frontends
