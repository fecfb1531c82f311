//===- Pooling.cpp - What an embedding is made of -------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/safetensors/Pooling.h"
#include "frontends/File.h"
#include "frontends/safetensors/Json.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace setun::frontends {

/// Of a key `pooling_mode_…` that is true, or of what `pooling_mode` names.
static StringRef getKind(StringRef mode) {
  if (mode == "mean" || mode == "mean_tokens")
    return "mean";
  if (mode == "cls" || mode == "cls_token")
    return "cls";
  return mode == "lasttoken" ? "last" : "";
}

Expected<std::string> readPooling(StringRef directory) {
  SmallString<128> path(directory);
  sys::path::append(path, "1_Pooling", "config.json");
  if (!sys::fs::exists(path))
    return "";
  auto value = readJson(path);
  if (!value)
    return value.takeError();
  if (!value->getAsObject())
    return userError(path + ": expected a JSON object");
  const json::Object &config = *value->getAsObject();
  std::string modes, kind;
  auto add = [&](StringRef mode) {
    modes += (modes.empty() ? "" : ", ") + mode.str();
    kind = modes == mode ? getKind(mode).str() : "";
  };
  if (std::optional<StringRef> mode = config.getString("pooling_mode"))
    add(*mode);
  for (StringRef key : sortedKeys(config))
    if (StringRef mode = key;
        mode.consume_front("pooling_mode_") && config.getBoolean(key) == true)
      add(mode);
  if (kind.empty())
    return userError(path + ": found pooling by '" + modes +
                     "', expected one of mean_tokens, cls_token and lasttoken");
  return kind;
}

} // namespace setun::frontends
