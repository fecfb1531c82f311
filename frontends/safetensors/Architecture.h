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
/// LLaMA, and where families differ. A file in architectures/ each.
struct Architecture {
  llvm::StringLiteral name;      ///< the class; its case does not count
  llvm::StringLiteral modelType; ///< `model_type`
  /// Integers that config.json must have: {key, value}. They tell a family from
  /// others of the same names.
  struct Sign {
    llvm::StringLiteral key;
    int64_t value;
  };
  llvm::ArrayRef<Sign> signs;

  /// The norm before o_proj, below `self_attn.`, and the one before down_proj,
  /// below `mlp.`; "": there is none.
  llvm::StringLiteral attentionNorm, gatedNorm;
  /// Weights are always float masters; else `quantization_config` says.
  bool masters;

  /// Defaults of the class; "" must be written.
  llvm::StringLiteral activation;
  double rmsNormEps, ropeTheta;
};

/// All that are known, those with signs before others.
llvm::ArrayRef<const Architecture *> getArchitectures();

/// That of a config.json. `origin` names the file in the error, which lists the
/// known ones, the nearest first.
llvm::Expected<const Architecture *>
findArchitecture(const llvm::json::Object &config, llvm::StringRef origin);

} // namespace setun::frontends

#endif // SETUN_FRONTENDS_SAFETENSORS_ARCHITECTURE_H
