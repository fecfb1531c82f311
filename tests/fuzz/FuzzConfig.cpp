//===- FuzzConfig.cpp -----------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/File.h"
#include "frontends/safetensors/ModelConfig.h"

using namespace setun::frontends;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  llvm::StringRef text(reinterpret_cast<const char *>(data), size);
  auto value = parseJson(text, "fuzz");
  if (!value) {
    llvm::consumeError(value.takeError());
    return 0;
  }
  if (const llvm::json::Object *object = value->getAsObject()) {
    auto config = parseModelConfig(*object, object, "fuzz");
    if (!config)
      llvm::consumeError(config.takeError());
    else if (config->heads % config->kvHeads || config->headDim % 2)
      __builtin_trap();
  }
  return 0;
}
