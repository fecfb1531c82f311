//===- ModelConfig.cpp - What config.json says of a model -----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Names and defaults: transformers, the configuration of each model and
// BitNetQuantConfig in utils/quantization_config.py.
//
//===----------------------------------------------------------------------===//

#include "frontends/safetensors/ModelConfig.h"

#include "frontends/File.h"
#include "frontends/safetensors/Json.h"
#include "frontends/safetensors/Keys.h"
#include "frontends/safetensors/Problems.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>

using namespace llvm;

namespace setun::frontends {

/// What a forward pass of one sequence does not depend on: bookkeeping of
/// transformers, training, and defaults of its generate().
static constexpr StringLiteral kHarmless[] = {
    "_attn_implementation",
    "_attn_implementation_autoset",
    "_attn_implementation_internal",
    "_commit_hash",
    "_name_or_path",
    "attention_dropout",
    "attn_implementation",
    "auto_map",
    "bad_words_ids",
    "cache_implementation",
    "begin_suppress_tokens",
    "chunk_size_feed_forward",
    "decoder_start_token_id",
    "diversity_penalty",
    "do_sample",
    "early_stopping",
    "encoder_no_repeat_ngram_size",
    "exponential_decay_length_penalty",
    "finetuning_task",
    "forced_bos_token_id",
    "forced_eos_token_id",
    "gradient_checkpointing",
    "id2label",
    "initializer_range",
    "is_decoder",
    "label2id",
    "length_penalty",
    "max_length",
    "max_new_tokens",
    "min_length",
    "model_max_length",
    "no_repeat_ngram_size",
    "num_beam_groups",
    "num_beams",
    "num_return_sequences",
    "output_attentions",
    "output_hidden_states",
    "output_scores",
    "pad_token_id",
    "prefix",
    "pretraining_tp",
    "problem_type",
    "remove_invalid_values",
    "repetition_penalty",
    "return_dict",
    "return_dict_in_generate",
    "sep_token_id",
    "suppress_tokens",
    "task_specific_params",
    "temperature",
    "tf_legacy_loss",
    "tie_encoder_decoder",
    "tokenizer_class",
    "top_k",
    "top_p",
    "torchscript",
    "transformers_version",
    "typical_p",
    "unsloth_fixed",
    "unsloth_version",
    "use_bfloat16",
    "use_cache"};

static ModelConfig::Activation readActivation(Keys &keys, StringRef fallback) {
  StringRef old = keys.string("hidden_act", fallback);
  bool isNew = keys.find("hidden_activation");
  StringRef name = isNew ? keys.string("hidden_activation", "") : old;
  if (name == "silu" || name == "swish")
    return ModelConfig::SiLU;
  if (name == "gelu_pytorch_tanh" || name == "gelu_new")
    return ModelConfig::GELUTanh;
  if (name != "relu2")
    keys.wrong(isNew ? "hidden_activation" : "hidden_act",
               "'relu2', 'silu' or 'gelu_pytorch_tanh'");
  return ModelConfig::ReLU2;
}

static void readSizes(Keys &keys, ModelConfig &out) {
  out.hiddenSize = keys.integer("hidden_size", 1, 1 << 20);
  out.intermediateSize = keys.integer("intermediate_size", 1, 1 << 22);
  out.layers = keys.integer("num_hidden_layers", 1, 4096);
  out.vocabSize = keys.integer("vocab_size", 1, 1 << 24);
  out.contextLength = keys.integer("max_position_embeddings", 1, 1 << 28, 2048);
  out.rmsNormEps =
      keys.number("rms_norm_eps", 0, 1, out.architecture->rmsNormEps);
  out.activation = readActivation(keys, out.architecture->activation);
  out.tied = keys.boolean("tie_word_embeddings", out.architecture->tied);
}

static void readHeads(Keys &keys, ModelConfig &out) {
  out.heads = keys.integer("num_attention_heads", 1, 1 << 14);
  out.kvHeads = keys.integer("num_key_value_heads", 1, 1 << 14, out.heads);
  if (out.kvHeads && out.heads % out.kvHeads != 0)
    keys.wrong("num_key_value_heads",
               "a divisor of num_attention_heads, " + Twine(out.heads));
  if (!out.heads || !out.hiddenSize)
    return;
  int64_t byDefault = out.architecture->headDim;
  out.headDim =
      keys.integer("head_dim", 1, 1 << 14,
                   byDefault ? byDefault : out.hiddenSize / out.heads);
  if (!byDefault && !keys.find("head_dim") && out.hiddenSize % out.heads != 0)
    keys.wrong("head_dim", "a size: " + Twine(out.heads) +
                               " heads do not divide hidden_size, " +
                               Twine(out.hiddenSize));
  else if (out.headDim % 2 != 0)
    keys.wrong("head_dim",
               "an even size for rotary embedding, not " + Twine(out.headDim));
}

/// What the attention stage can count; see codegen/halide/README.md.
static void checkAttention(Keys &keys, const ModelConfig &out) {
  constexpr int64_t kWidestHead = 4096, kMaxFloats = INT32_MAX;
  if (out.headDim > kWidestHead)
    return keys.wrong("head_dim", "at most " + Twine(kWidestHead) + ", not " +
                                      Twine(out.headDim));
  int64_t longest = kMaxFloats / std::max<int64_t>(alignTo(out.headDim, 16), 1);
  if (out.contextLength > longest)
    keys.wrong("max_position_embeddings",
               "at most " + Twine(longest) + ": the keys of a head, " +
                   Twine(out.headDim) +
                   " wide, must stay below 2^31 floats; set a smaller one");
}

/// Ids beyond the vocabulary can be neither fed nor generated. Configs that
/// were made from the class's defaults (128000, 128001) have them.
static bool isToken(int64_t id, const ModelConfig &out) {
  return 0 <= id && id < out.vocabSize;
}

/// The ids of a key that holds none, one or a list.
static std::vector<int64_t> readIds(Keys &keys, StringRef key) {
  const json::Value *value = keys.find(key);
  if (!value)
    return {};
  json::Array one{*value};
  const json::Array *list = value->getAsArray();
  std::vector<int64_t> ids;
  for (const json::Value &id : list ? *list : one) {
    if (!id.getAsInteger()) {
      keys.wrong(key, "a token id or a list of them");
      return {};
    }
    ids.push_back(*id.getAsInteger());
  }
  return ids;
}

static void readTokens(Keys &config, Keys *generation, ModelConfig &out) {
  auto read = [&](StringRef key) {
    std::vector<int64_t> ids = readIds(config, key);
    if (generation && generation->find(key))
      ids = readIds(*generation, key);
    return ids;
  };
  std::vector<int64_t> bos = read("bos_token_id");
  out.bosToken = !bos.empty() && isToken(bos[0], out) ? int32_t(bos[0]) : -1;
  for (int64_t id : read("eos_token_id"))
    if (isToken(id, out) && !is_contained(out.stopTokens, id))
      out.stopTokens.push_back(int32_t(id));
}

static void readModules(Keys &quantization, ModelConfig &out) {
  constexpr StringLiteral key = "modules_to_not_convert";
  const json::Value *value = quantization.find(key);
  if (!value)
    return;
  const json::Array *list = value->getAsArray();
  if (!list)
    return quantization.wrong(key, "a list of names of modules");
  for (const json::Value &name : *list)
    if (!name.getAsString() || !out.kept.add(*name.getAsString()))
      return quantization.wrong(key, "names of modules, or regular expressions "
                                     "without counts, and without groups and "
                                     "escapes of Python's");
}

/// Without a quantization_config transformers runs the weights as plain floats,
/// whatever their values are: trits times scales, or refused when they are
/// read. To ternarize others would be another model, so it has to be asked for.
static void readQuantization(Keys &keys, StringRef origin, Problems &problems,
                             ModelConfig &out) {
  constexpr StringLiteral kKey = "quantization_config";
  const json::Object *object = keys.child(kKey);
  if (!object) {
    out.mode = ModelConfig::Recovered;
    return;
  }
  Keys quantization(*object, (origin + ": '" + kKey + "'").str(), problems);
  if (quantization.string("quant_method", "") != "bitnet")
    quantization.wrong("quant_method", "'bitnet'");

  StringRef linearClass = quantization.string("linear_class", "bitlinear");
  if (linearClass == "autobitlinear")
    out.linearClass = ModelConfig::AutoBitLinear;
  else if (linearClass != "bitlinear")
    quantization.wrong("linear_class", "'bitlinear' or 'autobitlinear'");

  // BitLinear knows packed weights only; transformers ignores the mode there.
  StringRef mode = quantization.string("quantization_mode", "offline");
  if (mode == "online" && out.linearClass == ModelConfig::AutoBitLinear)
    out.mode = ModelConfig::Online;
  else if (mode != "offline" && mode != "online")
    quantization.wrong("quantization_mode", "'offline' or 'online'");

  if (quantization.boolean("use_rms_norm", false))
    out.projectionNorm = "rms_norm";
  out.projectionEps = quantization.number("rms_norm_eps", 0, 1, 1e-6);
  readModules(quantization, out);
  quantization.refuseOthers({});
}

static void readWeights(Keys &keys, StringRef origin, Problems &problems,
                        const CheckpointHints &hints, ModelConfig &out) {
  for (const Architecture::Sign &sign : out.architecture->signs)
    if (keys.integer(sign.key, 0, 64) != sign.value)
      keys.wrong(sign.key, Twine(sign.value));
  bool isEmbedding = hints.projectionNorms && !keys.find("quantization_config");
  if (!out.architecture->masters && !isEmbedding)
    return readQuantization(keys, origin, problems, out);
  if (isEmbedding) {
    out.projectionNorm = "norm";
    out.projectionEps = out.rmsNormEps;
  }
  out.linearClass = ModelConfig::AutoBitLinear;
  out.mode = ModelConfig::Online;
}

static void readGraph(Keys &keys, ModelConfig &out) {
  const Architecture &family = *out.architecture;
  bool attention = keys.boolean("attention_bias", family.biasesQkv);
  out.biases = {attention || family.biasesQkv, attention && !family.biasesQkv,
                keys.boolean("mlp_bias", false)};
  if (!family.queryScalar)
    return;
  double scalar = keys.number("query_pre_attn_scalar", 1e-3, 1e6,
                              static_cast<double>(family.queryScalar));
  out.scoreScale = 1 / std::sqrt(scalar);
}

/// Keys whose neutral value is not null or false.
static void readNeutral(Keys &keys) {
  if (!keys.boolean("is_causal", true))
    keys.wrong("is_causal", "true");
  if (const json::Object *pruned = keys.child("pruned_heads"))
    if (!pruned->empty())
      keys.wrong("pruned_heads", "none");
}

/// Beyond, the angles of the whole sequence would change.
static void limitContext(ModelConfig &out) {
  for (const Rope &rope : {out.ropes.full, out.ropes.sliding.value_or(Rope())})
    if (rope.kind == Rope::LongRope)
      out.contextLength =
          std::min(out.contextLength, static_cast<int64_t>(rope.original));
}

static bool isHeadless(const json::Object &config, const Architecture &family) {
  const json::Array *names = config.getArray("architectures");
  return names && !names->empty() &&
         names->front().getAsString() == StringRef(family.headless);
}

Expected<ModelConfig> parseModelConfig(const json::Object &config,
                                       const json::Object *generation,
                                       StringRef directory,
                                       const CheckpointHints &hints) {
  std::string origin = (directory + "/config.json").str();
  auto architecture = findArchitecture(config, origin);
  if (!architecture)
    return architecture.takeError();

  Problems problems;
  ModelConfig out = {};
  out.architecture = *architecture;
  Keys keys(config, origin, problems);
  keys.find("architectures");
  keys.find("model_type");
  readSizes(keys, out);
  readHeads(keys, out);
  const Architecture &family = **architecture;
  out.ropes = readRopes(
      keys, origin,
      {family.ropeTheta, family.slidingTheta, out.contextLength, out.headDim},
      problems);
  limitContext(out);
  checkAttention(keys, out);
  readLayers(keys, out);
  readGraph(keys, out);
  out.headless = isHeadless(config, family);
  out.tied |= out.headless;
  readWeights(keys, origin, problems, hints, out);
  readNeutral(keys);
  std::optional<Keys> generationKeys;
  if (generation)
    generationKeys.emplace(
        *generation, (directory + "/generation_config.json").str(), problems);
  readTokens(keys, generationKeys ? &*generationKeys : nullptr, out);
  out.dtype = keys.string("dtype", keys.string("torch_dtype", "")).str();
  keys.refuseOthers(kHarmless);
  if (!problems.empty())
    return problems.take();
  return out;
}

} // namespace setun::frontends
