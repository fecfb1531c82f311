//===- Json.h - What llvm::json does not tell -------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_FRONTENDS_SAFETENSORS_JSON_H
#define SETUN_FRONTENDS_SAFETENSORS_JSON_H

#include "llvm/Support/JSON.h"

#include <string>
#include <vector>

namespace setun::frontends {

/// In ascending order: an object itself has the order of its hash table.
std::vector<llvm::StringRef> sortedKeys(const llvm::json::Object &object);

/// Does an object in `text`, whose value is `value`, name a key twice?
bool hasDuplicateKeys(llvm::StringRef text, const llvm::json::Value &value);

/// The value as one short line, for diagnostics.
std::string shortText(const llvm::json::Value &value);

} // namespace setun::frontends

#endif // SETUN_FRONTENDS_SAFETENSORS_JSON_H
