//===- Cpu.cpp - What the CPU we run on can do ----------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/Cpu.h"

namespace setun::runtime {

static void append(std::string &list, const char *name) {
  if (!list.empty())
    list += ", ";
  list += name;
}

Failure checkCpu(const abi::Model &model) {
  std::string missing, unknown;
  for (uint32_t i = 0; i < model.numFeatures; ++i) {
    const char *name = model.features[i];
    switch (cpuFeature(name)) {
    case Feature::Present:
      break;
    case Feature::Missing:
      append(missing, name);
      break;
    case Feature::Unknown:
      append(unknown, name);
      break;
    }
  }
  if (!missing.empty())
    return format("this CPU (%s) lacks %s, which %s was compiled for (%s); "
                  "compile it again with --cpu for this machine",
                  cpuName().c_str(), missing.c_str(), model.name, model.cpu);
  if (!unknown.empty())
    return format("cannot tell whether this CPU has %s, which %s was compiled "
                  "for (%s)",
                  unknown.c_str(), model.name, model.cpu);
  return {};
}

} // namespace setun::runtime
