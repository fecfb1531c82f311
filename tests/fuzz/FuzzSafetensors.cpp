//===- FuzzSafetensors.cpp ------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/safetensors/Safetensors.h"

using namespace setun::frontends;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  llvm::StringRef contents(reinterpret_cast<const char *>(data), size);
  auto tensors = readSafetensors(contents, "fuzz");
  if (!tensors) {
    llvm::consumeError(tensors.takeError());
    return 0;
  }
  for (const TensorInfo &tensor : *tensors)
    if (tensor.bytes > size || tensor.offset > size - tensor.bytes)
      __builtin_trap();
  return 0;
}
