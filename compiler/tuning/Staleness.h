//===- Staleness.h - Whether measurements hold ------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_COMPILER_TUNING_STALENESS_H
#define SETUN_COMPILER_TUNING_STALENESS_H

#include "compiler/tuning/Tuning.pb.h"
#include "dialects/lut/Lut.h"

#include <string>

namespace setun::tuning {

/// What a session's measurements are to one who compiles for a machine.
struct Verdict {
  enum Kind { Fresh, Stale, Other } kind;
  /// Of the machine that it is about, unless it is another one.
  lut::TargetAttr level;
  /// What was found and expected.
  std::string reason;
};

/// Of the same name, but with other facts or from another setun, it is stale.
/// What a target skips does not count: tiles are of what is not skipped.
Verdict judge(const Machine &machine, llvm::ArrayRef<lut::TargetAttr> levels);

} // namespace setun::tuning

#endif // SETUN_COMPILER_TUNING_STALENESS_H
