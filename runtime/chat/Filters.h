//===- Filters.h - What stands behind "|" -----------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_CHAT_FILTERS_H
#define SETUN_RUNTIME_CHAT_FILTERS_H

#include "runtime/chat/Machine.h"

namespace setun::runtime::chat::filters {

// One function a filter; runtime/abi/TemplateNames.def says which name means
// which.
#define SETUN_FILTER(name, function)                                           \
  Value function(Machine &machine, const Value &input, Arguments &arguments);
#include "runtime/abi/TemplateNames.def"

/// How a filter compares: by an attribute ("a.b", an index), or without case.
class Key {
public:
  /// Null: the value itself.
  Key(Machine &machine, const Value *attribute, bool ignoresCase)
      : machine(machine), attribute(attribute), ignoresCase(ignoresCase) {}
  Value of(const Value &value, const Value *fallback = nullptr) const;

private:
  Value folded(Value value) const;

  Machine &machine;
  const Value *attribute;
  bool ignoresCase;
};

/// Whether an optional argument is there and not None.
bool isGiven(const Value *value);
/// An optional argument as an integer; `failed` on another type.
int64_t wholeOr(Machine &machine, const Value *value, int64_t fallback);

} // namespace setun::runtime::chat::filters

#endif // SETUN_RUNTIME_CHAT_FILTERS_H
