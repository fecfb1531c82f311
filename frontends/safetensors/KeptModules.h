//===- KeptModules.h - What modules_to_not_convert names --------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_FRONTENDS_SAFETENSORS_KEPTMODULES_H
#define SETUN_FRONTENDS_SAFETENSORS_KEPTMODULES_H

#include "llvm/ADT/StringRef.h"

#include <string>
#include <vector>

namespace setun::frontends {

/// The modules that transformers does not quantize (should_convert_module of
/// quantizers/quantizers_utils.py): those whose full name begins with what the
/// name, a regular expression, matches, or ends with the name. Versions before
/// it took every module whose full name contains the name.
class KeptModules {
public:
  /// False if the expression is none that is understood.
  bool add(llvm::StringRef name);

  /// What all versions keep that have the rule, and what only old ones do.
  bool matches(llvm::StringRef module) const;
  bool isMentioned(llvm::StringRef module) const;

private:
  std::vector<std::string> names;
};

} // namespace setun::frontends

#endif // SETUN_FRONTENDS_SAFETENSORS_KEPTMODULES_H
