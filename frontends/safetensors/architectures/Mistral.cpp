//===- Mistral.cpp - LLaMA where layers may see a window ----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// transformers, models/mistral/modeling_mistral.py.
//
//===----------------------------------------------------------------------===//

#include "frontends/safetensors/architectures/Architectures.h"

namespace setun::frontends {

extern const Architecture kMistral = {.name = "MistralForCausalLM",
                                      .modelType = "mistral",
                                      .headless = "MistralModel",
                                      .windows = Architecture::All,
                                      .window = 4096};

} // namespace setun::frontends
