//===- Cpu.h - What the CPU we run on can do --------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_CPU_CPU_H
#define SETUN_RUNTIME_CPU_CPU_H

#include <string>
#include <string_view>

namespace setun::runtime {

enum class Feature { Missing, Present, Unknown };

/// Whether CPU and kernel support a feature, named in LLVM's words ("avx2").
/// One file an ISA implements it. Works without /proc and /sys.
Feature cpuFeature(std::string_view name);

/// The CPU's name for people, or "unknown".
std::string cpuName();

} // namespace setun::runtime

#endif // SETUN_RUNTIME_CPU_CPU_H
