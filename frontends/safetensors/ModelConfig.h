//===- ModelConfig.h - What config.json says of a model --------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_FRONTENDS_SAFETENSORS_MODELCONFIG_H
#define SETUN_FRONTENDS_SAFETENSORS_MODELCONFIG_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

#include "frontends/safetensors/Architecture.h"
#include "frontends/safetensors/KeptModules.h"
#include "frontends/safetensors/Rope.h"

#include <cstdint>
#include <string>
#include <vector>

namespace setun::frontends {

struct ModelConfig {
  enum Activation { ReLU2, SiLU, GELUTanh };
  /// Which class of transformers holds the projections. It decides what
  /// `weight_scale` means: BitLinear divides by it, AutoBitLinear multiplies.
  enum LinearClass { BitLinear, AutoBitLinear };
  /// Offline: ternary weights with a scale. Online: float master weights that
  /// are quantized when used. Recovered: floats, and so are activations, whose
  /// values happen to be trits times scales.
  enum Mode { Offline, Online, Recovered };

  const Architecture *architecture;
  int64_t hiddenSize;
  int64_t intermediateSize;
  int64_t layers;
  int64_t heads;
  int64_t kvHeads; ///< divides heads
  int64_t headDim; ///< even
  int64_t vocabSize;
  int64_t contextLength;
  double rmsNormEps;
  Ropes ropes;
  int64_t window;              ///< positions that a layer with a window sees
  std::vector<bool> hasWindow; ///< of each layer
  double scoreScale;           ///< 0: headDim^−½
  Activation activation;
  bool tied;     ///< the head is the embedding
  bool headless; ///< there is no head: the model is for embeddings
  struct {
    bool qkv, o, mlp;
  } biases;
  /// Of the norm inside each projection, `q_proj.<name>.weight`; "": none.
  std::string projectionNorm;
  double projectionEps;
  LinearClass linearClass;
  Mode mode;
  KeptModules kept; ///< projections that stay floats
  int32_t bosToken; ///< -1: none
  std::vector<int32_t> stopTokens;
  std::string dtype; ///< as written, "" if not: what training used
};

/// What a checkpoint without a quantization_config tells by its tensors.
struct CheckpointHints {
  /// Projections have a norm `norm` inside, as those of BitNet embeddings,
  /// whose float weights are masters.
  bool projectionNorms = false;
};

/// Everything that shapes the result is taken from the two files or is one of
/// the defaults of transformers' own class; sizes and heads must be written. A
/// key that is not understood is refused by name. `generation` may be null;
/// `directory` names the checkpoint in errors. Lists all problems.
llvm::Expected<ModelConfig>
parseModelConfig(const llvm::json::Object &config,
                 const llvm::json::Object *generation,
                 llvm::StringRef directory, const CheckpointHints &hints = {});

/// Which layers see a window of positions, and how many these are.
void readLayers(Keys &keys, ModelConfig &out);

} // namespace setun::frontends

#endif // SETUN_FRONTENDS_SAFETENSORS_MODELCONFIG_H
