//===- Gemma3.cpp - The text model of Gemma 3 ---------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// transformers, models/gemma3/modeling_gemma3.py. Of BitNet-embedding-270M,
// whose projections have norms inside, it is the backbone. √hidden is fp32,
// which transformers rounds to the type of the embedding.
//
//===----------------------------------------------------------------------===//

#include "frontends/safetensors/architectures/Architectures.h"

namespace setun::frontends {

extern const Architecture kGemma3 = {.name = "Gemma3ForCausalLM",
                                     .modelType = "gemma3_text",
                                     .headless = "Gemma3TextModel",
                                     .afterAttention =
                                         "post_attention_layernorm",
                                     .beforeMlp = "pre_feedforward_layernorm",
                                     .afterMlp = "post_feedforward_layernorm",
                                     .queryNorm = "q_norm",
                                     .keyNorm = "k_norm",
                                     .normsAddOne = true,
                                     .scalesEmbedding = true,
                                     .windows = Architecture::Pattern,
                                     .activation = "gelu_pytorch_tanh",
                                     .ropeTheta = 1e6,
                                     .slidingTheta = 1e4,
                                     .headDim = 256,
                                     .queryScalar = 256,
                                     .window = 4096,
                                     .tied = true};

} // namespace setun::frontends
