//===- Keys.cpp -----------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/safetensors/Keys.h"

#include "frontends/safetensors/Json.h"
#include "frontends/safetensors/Problems.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace setun::frontends {

const json::Value *Keys::find(StringRef key) {
  read.insert(key);
  const json::Value *value = object.get(key);
  return value && value->kind() != json::Value::Null ? value : nullptr;
}

void Keys::wrong(StringRef key, const Twine &expected) {
  const json::Value *value = find(key);
  problems.add(origin + ": '" + key +
               "': " + (value ? "found " + shortText(*value) : "missing") +
               ", expected " + expected);
}

int64_t Keys::integer(StringRef key, int64_t min, int64_t max,
                      std::optional<int64_t> fallback) {
  const json::Value *value = find(key);
  if (!value && fallback)
    return *fallback;
  std::optional<int64_t> found = value ? value->getAsInteger() : std::nullopt;
  if (found && min <= *found && *found <= max)
    return *found;
  wrong(key, "an integer from " + Twine(min) + " to " + Twine(max));
  return fallback.value_or(0);
}

double Keys::number(StringRef key, double min, double max, double fallback) {
  const json::Value *value = find(key);
  if (!value)
    return fallback;
  std::optional<double> found = value->getAsNumber();
  if (found && min <= *found && *found <= max)
    return *found;
  std::string expected;
  raw_string_ostream(expected) << format("a number from %g to %g", min, max);
  wrong(key, expected);
  return fallback;
}

bool Keys::boolean(StringRef key, bool fallback) {
  const json::Value *value = find(key);
  if (!value)
    return fallback;
  if (std::optional<bool> found = value->getAsBoolean())
    return *found;
  wrong(key, "true or false");
  return fallback;
}

StringRef Keys::string(StringRef key, StringRef fallback) {
  const json::Value *value = find(key);
  if (!value)
    return fallback;
  if (std::optional<StringRef> found = value->getAsString())
    return *found;
  wrong(key, "a string");
  return fallback;
}

const json::Object *Keys::child(StringRef key) {
  const json::Value *value = find(key);
  if (value && !value->getAsObject())
    wrong(key, "an object");
  return value ? value->getAsObject() : nullptr;
}

static bool isOff(const json::Value &value) {
  return value.kind() == json::Value::Null || value.getAsBoolean() == false;
}

void Keys::refuseOthers(ArrayRef<StringLiteral> harmless) {
  for (StringRef key : sortedKeys(object)) {
    const json::Value &value = *object.get(key);
    if (!read.contains(key) && !is_contained(harmless, key) && !isOff(value))
      problems.add(origin + ": '" + key + "': found " + shortText(value) +
                   ", which may change the result and is not supported; if " +
                   "the model does not depend on it, set it to null");
  }
}

} // namespace setun::frontends
