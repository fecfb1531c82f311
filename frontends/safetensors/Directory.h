//===- Directory.h - Where the weights of a directory are -------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_FRONTENDS_SAFETENSORS_DIRECTORY_H
#define SETUN_FRONTENDS_SAFETENSORS_DIRECTORY_H

#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace setun::frontends {

inline constexpr llvm::StringLiteral kWeights = "model.safetensors";
inline constexpr llvm::StringLiteral kIndex = "model.safetensors.index.json";
inline constexpr llvm::StringLiteral kAdapter = "adapter_config.json";

/// All names of the set of shards that one of these files belongs to,
/// model-00001-of-00007.safetensors and so on, there or not; empty if none
/// does. Fails where several sets lie side by side.
llvm::Expected<std::vector<std::string>>
listShards(llvm::ArrayRef<std::string> files, llvm::StringRef directory);

/// The names in a directory, in ascending order.
std::vector<std::string> listFiles(llvm::StringRef directory);

/// What the directory holds instead of weights that can be read, and what to
/// do.
llvm::Error explainMissingWeights(llvm::StringRef directory);

} // namespace setun::frontends

#endif // SETUN_FRONTENDS_SAFETENSORS_DIRECTORY_H
