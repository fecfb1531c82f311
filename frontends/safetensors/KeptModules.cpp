//===- KeptModules.cpp - What modules_to_not_convert names ----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/safetensors/KeptModules.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Regex.h"

using namespace llvm;

namespace setun::frontends {

bool KeptModules::add(StringRef name) {
  // Of Python's syntax these mean something else in POSIX, or nothing: (?…), \d
  // and lazy repetition. Counted repetition may take all memory.
  if (name.contains('{'))
    return false;
  for (size_t i = 0; i + 1 < name.size(); ++i)
    if ((name[i] == '\\' && llvm::isAlnum(name[i + 1])) ||
        (StringRef("(*+?}").contains(name[i]) && name[i + 1] == '?'))
      return false;
  if (name.empty() || !Regex(("^(" + Twine(name) + ")").str()).isValid())
    return false;
  names.push_back(name.str());
  return true;
}

bool KeptModules::matches(StringRef module) const {
  return any_of(names, [&](StringRef name) {
    return module.ends_with(name) ||
           Regex(("^(" + Twine(name) + ")").str()).match(module);
  });
}

bool KeptModules::isMentioned(StringRef module) const {
  return any_of(names, [&](StringRef name) { return module.contains(name); });
}

} // namespace setun::frontends
