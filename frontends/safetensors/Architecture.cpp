//===- Architecture.cpp - Which family a config.json is of ----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/safetensors/Architecture.h"

#include "frontends/File.h"
#include "frontends/safetensors/architectures/Architectures.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

using namespace llvm;

namespace setun::frontends {

ArrayRef<const Architecture *> getArchitectures() {
  static constexpr const Architecture *kAll[] = {
      &kBitnetLlama, &kBitNet, &kGemma3, &kLlama, &kMistral, &kQwen2, &kQwen3};
  return kAll;
}

namespace {
/// What config.json says of itself, "" where it does not.
struct Names {
  std::string architecture, modelType;
};
} // namespace

static Names readNames(const json::Object &config) {
  Names names;
  if (const json::Array *list = config.getArray("architectures"))
    if (!list->empty())
      names.architecture = (*list)[0].getAsString().value_or("").str();
  names.modelType = config.getString("model_type").value_or("").str();
  return names;
}

/// One of the two names may be absent.
static bool matches(const Architecture &architecture, const Names &names,
                    const json::Object &config) {
  auto isOrAbsent = [](StringRef found, StringRef expected) {
    return found.empty() || found.equals_insensitive(expected);
  };
  return (isOrAbsent(names.architecture, architecture.name) ||
          names.architecture == architecture.headless) &&
         isOrAbsent(names.modelType, architecture.modelType) &&
         !(names.architecture.empty() && names.modelType.empty()) &&
         (architecture.signs.empty() ||
          any_of(architecture.signs, [&](const Architecture::Sign &sign) {
            return config.get(sign.key);
          }));
}

static std::string listKnown(const Names &names) {
  SmallVector<const Architecture *> known(getArchitectures());
  auto distance = [&](const Architecture *each) {
    StringRef name = names.architecture, type = names.modelType;
    return name.edit_distance_insensitive(each->name) +
           type.edit_distance_insensitive(each->modelType);
  };
  sort(known, [&](const Architecture *a, const Architecture *b) {
    return std::pair(distance(a), a->name) < std::pair(distance(b), b->name);
  });
  std::string text;
  for (const Architecture *each : known) {
    text += (text.empty() ? "'" : ", '") + each->name.str() +
            "' of model_type '" + each->modelType.str() + "'";
    for (const Architecture::Sign &sign : each->signs)
      text +=
          (&sign == each->signs.begin() ? " with " : " and ") + sign.key.str();
  }
  return text;
}

Expected<const Architecture *> findArchitecture(const json::Object &config,
                                                StringRef origin) {
  Names names = readNames(config);
  for (const Architecture *architecture : getArchitectures())
    if (matches(*architecture, names, config))
      return architecture;
  return userError(origin + ": found architecture '" + names.architecture +
                   "' of model_type '" + names.modelType +
                   "'; supported so "
                   "far, the nearest first: " +
                   listKnown(names));
}

} // namespace setun::frontends
