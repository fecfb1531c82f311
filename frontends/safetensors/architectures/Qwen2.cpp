//===- Qwen2.cpp - LLaMA with biases of q, k and v ----------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// transformers, models/qwen2/modeling_qwen2.py.
//
//===----------------------------------------------------------------------===//

#include "frontends/safetensors/architectures/Architectures.h"

namespace setun::frontends {

extern const Architecture kQwen2 = {.name = "Qwen2ForCausalLM",
                                    .modelType = "qwen2",
                                    .headless = "Qwen2Model",
                                    .biasesQkv = true,
                                    .windows = Architecture::Upper,
                                    .window = 4096};

} // namespace setun::frontends
