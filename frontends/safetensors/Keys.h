//===- Keys.h - Reading a config without missing a key ----------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_FRONTENDS_SAFETENSORS_KEYS_H
#define SETUN_FRONTENDS_SAFETENSORS_KEYS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/JSON.h"

#include <optional>
#include <string>

namespace setun::frontends {

class Problems;

/// The keys of one JSON object. It remembers which were read, so that a key
/// which nobody understood cannot change the meaning of a model unnoticed.
/// Null counts as absent. A wrong value is a problem, and the reader goes on
/// with the fallback (0 without one).
class Keys {
public:
  /// `origin` precedes the key in problems: a path, or "path: 'outer key'".
  Keys(const llvm::json::Object &object, std::string origin, Problems &problems)
      : object(object), origin(std::move(origin)), problems(problems) {}

  const llvm::json::Value *find(llvm::StringRef key);
  /// Whether it is written as null, which some classes tell from absent.
  bool isNull(llvm::StringRef key) const {
    const llvm::json::Value *value = object.get(key);
    return value && value->kind() == llvm::json::Value::Null;
  }

  /// Without a fallback the key is required.
  int64_t integer(llvm::StringRef key, int64_t min, int64_t max,
                  std::optional<int64_t> fallback = std::nullopt);
  double number(llvm::StringRef key, double min, double max, double fallback);
  bool boolean(llvm::StringRef key, bool fallback);
  llvm::StringRef string(llvm::StringRef key, llvm::StringRef fallback);
  const llvm::json::Object *child(llvm::StringRef key);

  /// Adds "origin: 'key': found <value>, expected …".
  void wrong(llvm::StringRef key, const llvm::Twine &expected);

  /// Every key that was not read must be harmless, or null, or false.
  void refuseOthers(llvm::ArrayRef<llvm::StringLiteral> harmless);

private:
  const llvm::json::Object &object;
  std::string origin;
  Problems &problems;
  llvm::StringSet<> read;
};

} // namespace setun::frontends

#endif // SETUN_FRONTENDS_SAFETENSORS_KEYS_H
