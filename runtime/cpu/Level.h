//===- Level.h - Which of the code inside this CPU can run ------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_CPU_LEVEL_H
#define SETUN_RUNTIME_CPU_LEVEL_H

#include "runtime/abi/Model.h"
#include "runtime/cpu/Cpu.h"
#include "runtime/support/Text.h"

#include <span>

namespace setun::runtime {

/// Exit code when the CPU lacks a feature the executable was compiled for.
inline constexpr int kExitWrongCpu = 3;

/// How a feature is looked up: cpuFeature, but in tests.
using FeatureTest = Feature (*)(std::string_view name);

std::span<const abi::Level> levelsOf(const abi::Model &model);

/// The level's features that are not there for certain, less those that cannot
/// be there without another of them; empty: it runs here.
std::vector<std::string> lackingFeatures(const abi::Level &level,
                                         FeatureTest test = cpuFeature);

/// The last level that lacks nothing; null when every level lacks something.
const abi::Level *chooseLevel(const abi::Model &model,
                              FeatureTest test = cpuFeature);

/// Says what keeps the level from running here; empty: nothing.
Failure checkLevel(const abi::Model &model, const abi::Level &level,
                   FeatureTest test = cpuFeature);

} // namespace setun::runtime

#endif // SETUN_RUNTIME_CPU_LEVEL_H
