//===- Qwen3.cpp - LLaMA with norms of queries and keys -----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// transformers, models/qwen3/modeling_qwen3.py. Of BitNet-embedding-0.6B, whose
// projections have norms inside, it is the backbone.
//
//===----------------------------------------------------------------------===//

#include "frontends/safetensors/architectures/Architectures.h"

namespace setun::frontends {

extern const Architecture kQwen3 = {.name = "Qwen3ForCausalLM",
                                    .modelType = "qwen3",
                                    .headless = "Qwen3Model",
                                    .queryNorm = "q_norm",
                                    .keyNorm = "k_norm",
                                    .windows = Architecture::Upper,
                                    .headDim = 128,
                                    .window = 4096};

} // namespace setun::frontends
