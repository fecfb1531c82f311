//===- BitNet.cpp - BitNet b1.58 as in BitNet-b1.58-2B-4T -----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Graph: transformers, models/bitnet/modeling_bitnet.py; defaults:
// configuration_bitnet.py.
//
//===----------------------------------------------------------------------===//

#include "frontends/safetensors/architectures/Architectures.h"

namespace setun::frontends {

extern const Architecture kBitNet = {.name = "BitNetForCausalLM",
                                     .modelType = "bitnet",
                                     .headless = "BitNetModel",
                                     .attentionNorm = "attn_sub_norm",
                                     .gatedNorm = "ffn_sub_norm",
                                     .activation = "",
                                     .rmsNormEps = 1e-5,
                                     .ropeTheta = 500000};

} // namespace setun::frontends
