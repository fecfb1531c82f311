//===- Llama.cpp - LLaMA with quantized projections -----------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// HF1BitLLM/Llama3-8B-1.58, tiiuae/Falcon3-*-1.58bit, Falcon-E: transformers,
// models/llama/modeling_llama.py, with BitLinear or AutoBitLinear of
// integrations/bitnet.py for the projections and no norms between them.
//
//===----------------------------------------------------------------------===//

#include "frontends/safetensors/architectures/Architectures.h"

namespace setun::frontends {

extern const Architecture kLlama = {
    .name = "LlamaForCausalLM", .modelType = "llama", .headless = "LlamaModel"};

} // namespace setun::frontends
