//===- Checkpoint.h - A Hugging Face directory, mapped ----------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_FRONTENDS_SAFETENSORS_CHECKPOINT_H
#define SETUN_FRONTENDS_SAFETENSORS_CHECKPOINT_H

#include "frontends/safetensors/Safetensors.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

#include <memory>

namespace setun::frontends {

/// config.json, generation_config.json and the tensors of model.safetensors or
/// of the shards that model.safetensors.index.json names. All other files of
/// the directory (optimizer states, tokenizers, …) are left alone.
class Checkpoint {
public:
  struct File {
    std::string name; ///< in the directory
    std::unique_ptr<llvm::MemoryBuffer> buffer;
  };

  /// Opens and maps everything, checks headers and the index. Tensor values
  /// are not looked at.
  static llvm::Expected<Checkpoint> open(llvm::StringRef directory);

  llvm::StringRef directory() const { return root; }
  const llvm::json::Object &config() const {
    return *configValue.getAsObject();
  }
  /// Null if there is no generation_config.json.
  const llvm::json::Object *generationConfig() const {
    return generationValue.getAsObject();
  }

  llvm::ArrayRef<File> files() const { return mapped; }
  /// In ascending order of the names.
  llvm::ArrayRef<TensorInfo> tensors() const { return all; }
  /// Null if there is none of this name.
  const TensorInfo *find(llvm::StringRef name) const;

  llvm::StringRef bytes(const TensorInfo &tensor) const;

  /// Gives back the memory of the tensor's pages, which come again when
  /// touched. Called after each tensor, it keeps the resident size at one.
  void release(const TensorInfo &tensor) const;

private:
  friend class CheckpointReader;
  Checkpoint() = default;

  std::string root;
  llvm::json::Value configValue = nullptr;
  llvm::json::Value generationValue = nullptr;
  std::vector<File> mapped;
  std::vector<TensorInfo> all;
};

} // namespace setun::frontends

#endif // SETUN_FRONTENDS_SAFETENSORS_CHECKPOINT_H
