//===- Architectures.h - All families of checkpoints ------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_FRONTENDS_SAFETENSORS_ARCHITECTURES_ARCHITECTURES_H
#define SETUN_FRONTENDS_SAFETENSORS_ARCHITECTURES_ARCHITECTURES_H

#include "frontends/safetensors/Architecture.h"

namespace setun::frontends {

extern const Architecture kBitNet, kBitnetLlama, kGemma3, kLlama, kMistral,
    kQwen2, kQwen3;

} // namespace setun::frontends

#endif // SETUN_FRONTENDS_SAFETENSORS_ARCHITECTURES_ARCHITECTURES_H
