//===- Level.cpp - Which of the code inside this CPU can run --------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/Level.h"

#include <algorithm>

namespace setun::runtime {

std::span<const abi::Level> levelsOf(const abi::Model &model) {
  return {model.levels, model.numLevels};
}

std::vector<std::string> lackingFeatures(const abi::Level &level,
                                         FeatureTest test) {
  std::vector<std::string> lacking;
  for (const char *name : std::span(level.features, level.numFeatures))
    if (test(name) != Feature::Present)
      lacking.push_back(name);
  // Where RISC-V's vectors are lacking, so is all that belongs to them.
  if (std::find(lacking.begin(), lacking.end(), "v") != lacking.end())
    std::erase_if(lacking, [](auto &name) { return name.starts_with("zv"); });
  return lacking;
}

const abi::Level *chooseLevel(const abi::Model &model, FeatureTest test) {
  const abi::Level *best = nullptr;
  for (const abi::Level &level : levelsOf(model))
    if (lackingFeatures(level, test).empty())
      best = &level;
  return best;
}

Failure checkLevel(const abi::Model &model, const abi::Level &level,
                   FeatureTest test) {
  std::vector<std::string> missing, unknown;
  for (const std::string &name : lackingFeatures(level, test))
    (test(name) == Feature::Missing ? missing : unknown).push_back(name);
  std::string cpu = cpuName(), name = level.name;
  cpu = cpu == "unknown" ? "" : " (" + cpu + ")";
  if (model.numLevels > 1 && &level == model.levels)
    name += ", the plainest of its levels";
  if (!missing.empty())
    return format("this CPU%s lacks %s, which %s was compiled for (%s)",
                  cpu.c_str(), join(missing, ", ").c_str(), model.name,
                  name.c_str());
  if (!unknown.empty())
    return format("cannot tell whether this CPU has %s, which %s was compiled "
                  "for (%s)",
                  join(unknown, ", ").c_str(), model.name, name.c_str());
  return {};
}

} // namespace setun::runtime
