//===- JsonReader.cpp ---------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/tokenizer/JsonReader.h"

#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace setun::frontends::tokenizer {

std::string shortJson(const json::Value *value) {
  if (!value)
    return "nothing";
  if (value->getAsObject())
    return "an object";
  if (value->getAsArray())
    return "an array";
  std::string text;
  raw_string_ostream(text) << *value;
  if (text.size() > 60)
    text = json::fixUTF8(text.substr(0, 60)) + "…";
  return text;
}

JsonReader::JsonReader(const json::Value *value, const Twine &place,
                       Problems &problems)
    : where(place.str()), problems(problems) {
  static const json::Object empty;
  json = value ? value->getAsObject() : nullptr;
  if (json)
    return;
  json = &empty;
  broken = true;
  problem("found " + shortJson(value) + ", expected an object");
}

const json::Value *JsonReader::get(StringRef key) const {
  return json->get(key);
}

bool JsonReader::has(StringRef key) const {
  const json::Value *value = get(key);
  return value && value->kind() != json::Value::Null;
}

void JsonReader::wrongType(StringRef key, StringRef expected) const {
  if (!broken) // else that was said already
    problem("\"" + key + "\": found " + shortJson(get(key)) + ", expected " +
            expected);
}

void JsonReader::unsupported(StringRef key, StringRef expected) const {
  problem("\"" + key + "\": " + shortJson(get(key)) +
          " is not supported, expected " + expected);
}

bool JsonReader::flag(StringRef key, bool fallback) const {
  if (!has(key))
    return fallback;
  auto value = json->getBoolean(key);
  if (!value)
    wrongType(key, "true or false");
  return value.value_or(fallback);
}

std::string JsonReader::text(StringRef key) const {
  auto value = json->getString(key);
  if (!value)
    wrongType(key, "a string");
  return value.value_or("").str();
}

std::string JsonReader::text(StringRef key, StringRef fallback) const {
  return has(key) ? text(key) : fallback.str();
}

std::string JsonReader::shortText(StringRef key) const {
  constexpr size_t kMaxBytes = 64;
  std::string value = text(key);
  if (value.size() <= kMaxBytes)
    return value;
  problem("\"" + key + "\": found " + Twine(value.size()) +
          " bytes, expected at most " + Twine(kMaxBytes));
  return {};
}

int64_t JsonReader::integer(StringRef key, int64_t fallback) const {
  if (!has(key))
    return fallback;
  auto value = json->getInteger(key);
  if (!value)
    wrongType(key, "an integer");
  return value.value_or(fallback);
}

JsonReader JsonReader::object(StringRef key) const {
  return JsonReader(get(key), where + "." + key, problems);
}

std::vector<JsonReader> JsonReader::objects(StringRef key) const {
  std::vector<JsonReader> result;
  const json::Array *array = json->getArray(key);
  if (!array)
    wrongType(key, "an array");
  else
    for (size_t i = 0; i < array->size(); ++i)
      result.emplace_back(&(*array)[i],
                          where + "." + key + "[" + Twine(i) + "]", problems);
  return result;
}

void JsonReader::allowKeys(std::initializer_list<StringRef> known) const {
  for (const auto &[key, value] : *json)
    if (!is_contained(known, StringRef(key)))
      problem("\"" + StringRef(key) +
              "\" is not understood, and might change the result");
}

} // namespace setun::frontends::tokenizer
