//===- BitnetLlama.cpp - The reproductions of BitNet b1.58 by 1bitLLM -----===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// 1bitLLM/bitnet_b1_58-large, -xl and -3B: modeling_bitnet.py of these, in
// which projections quantize their float weights whenever they are used. Its
// configuration is LLaMA's with two keys more.
//
//===----------------------------------------------------------------------===//

#include "frontends/safetensors/architectures/Architectures.h"

namespace setun::frontends {

/// 8-bit activations; "1 bit" stands for trits.
static constexpr Architecture::Sign kSigns[] = {{"input_bits", 8},
                                                {"weight_bits", 1}};

extern const Architecture kBitnetLlama = {.name = "BitnetForCausalLM",
                                          .modelType = "llama",
                                          .signs = kSigns,
                                          .attentionNorm = "inner_attn_ln",
                                          .gatedNorm = "ffn_layernorm",
                                          .masters = true};

} // namespace setun::frontends
