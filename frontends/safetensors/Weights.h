//===- Weights.h - Which tensor is which weight of BitNet -------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_FRONTENDS_SAFETENSORS_WEIGHTS_H
#define SETUN_FRONTENDS_SAFETENSORS_WEIGHTS_H

#include "frontends/safetensors/Checkpoint.h"
#include "frontends/safetensors/ModelConfig.h"
#include "frontends/safetensors/Rows.h"

namespace setun::frontends {

/// A projection y = W x: ternary, W = α · T with T [rows][cols], or with a
/// scale a row or group; or of floats.
struct LinearWeight {
  const TensorInfo *tensor;
  int64_t rows; ///< outputs
  int64_t cols; ///< inputs
  Encoding encoding;
  float alpha;
  /// Factor that makes stored floats into trits, see readTrits: 1 / mean |w| of
  /// master weights, 1 for trits stored as floats, infinity for trits times
  /// scales, 0 for packed ones.
  float quantScale;
  const TensorInfo *bias; ///< [rows]; null: none
  float biasFactor;       ///< what it is multiplied by
  const TensorInfo *norm; ///< [cols], of the input; null: none
  /// W is as the file has it.
  bool isFloat;
  /// x is not quantized.
  bool takesFloats;
  /// Inputs that share a scale instead of alpha; 0: all.
  int64_t scaleCols;
  /// Those scales; null: the largest |w| of each.
  const TensorInfo *scales;
};

struct LayerWeights {
  LinearWeight q, k, v, o, gate, up, down;
  /// [hidden], around the branches; null: none
  const TensorInfo *beforeAttention, *afterAttention, *beforeMlp, *afterMlp;
  const TensorInfo *queryNorm, *keyNorm; ///< [headDim]; null: none
  const TensorInfo *attentionNorm;       ///< [heads · headDim]; null: none
  const TensorInfo *gatedNorm;           ///< [intermediate]; null: none
};

struct ModelWeights {
  const TensorInfo *embedding; ///< [vocab, hidden]
  const TensorInfo *finalNorm; ///< [hidden]
  const TensorInfo *head;      ///< [vocab, hidden]; null: the embedding
  std::vector<LayerWeights> layers;
};

/// Finds every weight, checks its dtype and shape, and reads all values once:
/// floats are finite (F32, F16 or BF16), packed codes are trits, scales are
/// positive. A tensor that the graph does not know is refused by name. Lists
/// all problems.
llvm::Expected<ModelWeights> resolveWeights(const Checkpoint &checkpoint,
                                            const ModelConfig &config);

} // namespace setun::frontends

#endif // SETUN_FRONTENDS_SAFETENSORS_WEIGHTS_H
