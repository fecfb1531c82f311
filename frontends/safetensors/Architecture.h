//===- Architecture.h - What tells families of checkpoints apart *- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_FRONTENDS_SAFETENSORS_ARCHITECTURE_H
#define SETUN_FRONTENDS_SAFETENSORS_ARCHITECTURE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

namespace setun::frontends {

/// Decoder layers of attention and a gated MLP with a norm before each, as in
/// LLaMA, and where families differ. A file in architectures/ each, which says
/// what is not as in LLaMA.
struct Architecture {
  llvm::StringLiteral name;      ///< the class; its case does not count
  llvm::StringLiteral modelType; ///< `model_type`
  /// The class without a head, which embeddings are of; "": none is known.
  llvm::StringLiteral headless = "";
  /// Integers that config.json must have: {key, value}. They tell a family from
  /// others of the same names.
  struct Sign {
    llvm::StringLiteral key;
    int64_t value;
  };
  llvm::ArrayRef<Sign> signs = {};

  /// The norms around the two branches of a layer; "": there is none.
  llvm::StringLiteral beforeAttention = "input_layernorm";
  llvm::StringLiteral afterAttention = "";
  llvm::StringLiteral beforeMlp = "post_attention_layernorm";
  llvm::StringLiteral afterMlp = "";
  /// The norm before o_proj, below `self_attn.`, and the one before down_proj,
  /// below `mlp.`
  llvm::StringLiteral attentionNorm = "", gatedNorm = "";
  /// Those of each head of queries and keys, below `self_attn.`
  llvm::StringLiteral queryNorm = "", keyNorm = "";
  /// Norms multiply by 1 + weight.
  bool normsAddOne = false;
  /// Embeddings are multiplied by √hidden.
  bool scalesEmbedding = false;

  /// Weights are always float masters; else `quantization_config` says.
  bool masters = false;
  /// q, k and v have biases, and o has none, whatever config.json says.
  bool biasesQkv = false;

  /// Which layers see a window of positions only: none, all, those from
  /// `max_window_layers` on if `use_sliding_window`, or all but every
  /// `sliding_window_pattern`th.
  enum Windows { None, All, Upper, Pattern } windows = None;

  /// Defaults of the class; "" must be written, 0 is hidden / heads for
  /// `headDim`, and for others says that there is no such key.
  llvm::StringLiteral activation = "silu";
  double rmsNormEps = 1e-6, ropeTheta = 10000, slidingTheta = 0;
  int64_t headDim = 0, queryScalar = 0, window = 0;
  bool tied = false;
};

/// All that are known, those with signs before others.
llvm::ArrayRef<const Architecture *> getArchitectures();

/// That of a config.json. `origin` names the file in the error, which lists the
/// known ones, the nearest first.
llvm::Expected<const Architecture *>
findArchitecture(const llvm::json::Object &config, llvm::StringRef origin);

} // namespace setun::frontends

#endif // SETUN_FRONTENDS_SAFETENSORS_ARCHITECTURE_H
