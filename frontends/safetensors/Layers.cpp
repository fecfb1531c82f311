//===- Layers.cpp - Which layers see a window of positions ----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Names and defaults: the configurations of transformers' models.
//
//===----------------------------------------------------------------------===//

#include "frontends/safetensors/Keys.h"
#include "frontends/safetensors/ModelConfig.h"

using namespace llvm;

namespace setun::frontends {

/// 0: none, or the class knows no windows.
static int64_t readWindow(Keys &keys, const Architecture &family) {
  if (family.windows == Architecture::None)
    return 0;
  bool isUsed = family.windows != Architecture::Upper ||
                keys.boolean("use_sliding_window", false);
  int64_t window =
      keys.isNull("sliding_window")
          ? 0
          : keys.integer("sliding_window", 0, 1 << 28, family.window);
  return isUsed ? window : 0;
}

/// What the class makes of a config.json without `layer_types`.
static std::vector<bool> getDefault(Keys &keys, const ModelConfig &out) {
  std::vector<bool> layers(out.layers);
  int64_t upper = 0, pattern = 6;
  if (out.architecture->windows == Architecture::Upper)
    upper = keys.integer("max_window_layers", 0, 1 << 16, 28);
  if (out.architecture->windows == Architecture::Pattern)
    for (StringRef key : {"sliding_window_pattern", "_sliding_window_pattern"})
      pattern = keys.integer(key, 1, 1 << 16, pattern);
  for (int64_t i = 0; i < out.layers; ++i)
    layers[i] = out.architecture->windows == Architecture::Pattern
                    ? (i + 1) % pattern != 0
                    : out.window && i >= upper;
  return layers;
}

void readLayers(Keys &keys, ModelConfig &out) {
  out.window = readWindow(keys, *out.architecture);
  out.hasWindow = getDefault(keys, out);
  const json::Value *value = keys.find("layer_types");
  if (!value)
    return;
  const json::Array *types = value->getAsArray();
  bool mayHave = out.architecture->windows != Architecture::None;
  bool good = types && types->size() == out.hasWindow.size();
  for (size_t i = 0; good && i < types->size(); ++i) {
    std::optional<StringRef> type = (*types)[i].getAsString();
    out.hasWindow[i] = type == StringRef("sliding_attention");
    good = type == StringRef("full_attention") || (out.hasWindow[i] && mayHave);
  }
  if (!good)
    keys.wrong("layer_types",
               "'full_attention'" +
                   Twine(mayHave ? " or 'sliding_attention'" : "") +
                   " for each of the " + Twine(out.layers) + " layers");
}

} // namespace setun::frontends
