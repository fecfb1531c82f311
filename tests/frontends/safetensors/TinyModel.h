//===- TinyModel.h - A BitNet checkpoint to break ---------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_TESTS_FRONTENDS_SAFETENSORS_TINYMODEL_H
#define SETUN_TESTS_FRONTENDS_SAFETENSORS_TINYMODEL_H

#include "frontends/safetensors/Weights.h"

#include "tests/frontends/safetensors/Files.h"

#include <map>

namespace setun::frontends {

/// Hidden 12, 3 heads of 4, 1 KV head, FFN 8, vocabulary 5, 1 layer, tied;
/// bitlinear with all trits 0 and scales 4. Tests change what they need.
struct TinyModel {
  llvm::json::Object config{
      {"architectures", {"BitNetForCausalLM"}},
      {"model_type", "bitnet"},
      {"hidden_act", "relu2"},
      {"hidden_size", 12},
      {"intermediate_size", 8},
      {"num_hidden_layers", 1},
      {"num_attention_heads", 3},
      {"num_key_value_heads", 1},
      {"vocab_size", 5},
      {"tie_word_embeddings", true},
      {"quantization_config", llvm::json::Object{{"quant_method", "bitnet"}}}};
  std::map<std::string, Tensor> tensors;

  static constexpr const char *kLayer = "model.layers.0.";

  TinyModel() {
    addFloats("model.embed_tokens.weight", {5, 12});
    addFloats("model.norm.weight", {12});
    for (std::string norm : {"input_layernorm", "post_attention_layernorm",
                             "self_attn.attn_sub_norm"})
      addFloats(kLayer + norm + ".weight", {12});
    addFloats(std::string(kLayer) + "mlp.ffn_sub_norm.weight", {8});
    for (std::string name : {"q", "o"})
      addPacked("self_attn." + name + "_proj", 12, 12);
    for (std::string name : {"k", "v"})
      addPacked("self_attn." + name + "_proj", 4, 12);
    addPacked("mlp.gate_proj", 8, 12);
    addPacked("mlp.up_proj", 8, 12);
    addPacked("mlp.down_proj", 12, 8);
  }

  void add(Tensor tensor) { tensors[tensor.name] = tensor; }

  void addFloats(const std::string &name, std::vector<int64_t> shape,
                 float value = 1) {
    int64_t count = 1;
    for (int64_t size : shape)
      count *= size;
    add({name, "F32", shape, f32(std::vector<float>(count, value))});
  }

  void addPacked(const std::string &name, int64_t rows, int64_t cols) {
    add({kLayer + name + ".weight",
         "U8",
         {rows / 4, cols},
         std::string(rows / 4 * cols, '\x55')});
    addFloats(kLayer + name + ".weight_scale", {1}, 4);
  }

  void setQuantization(const char *linearClass, const char *mode) {
    config["quantization_config"] =
        llvm::json::Object{{"quant_method", "bitnet"},
                           {"linear_class", linearClass},
                           {"quantization_mode", mode}};
  }

  /// All projections as floats of this value, without scales.
  void makeMaster(float value) {
    setQuantization("autobitlinear", "online");
    std::map<std::string, Tensor> old = tensors;
    for (auto &[name, tensor] : old) {
      if (tensor.dtype == "U8")
        addFloats(name, {tensor.shape[0] * 4, tensor.shape[1]}, value);
      if (llvm::StringRef(name).ends_with("weight_scale"))
        tensors.erase(name);
    }
  }

  std::string file() const {
    std::vector<Tensor> list;
    for (const auto &[name, tensor] : tensors)
      list.push_back(tensor);
    return safetensors(list);
  }

  std::string configText() const {
    std::string text;
    llvm::raw_string_ostream(text)
        << llvm::json::Value(llvm::json::Object(config));
    return text;
  }

  /// Open, parse, resolve; the checkpoint is kept in `opened`.
  llvm::Expected<ModelWeights> resolve() {
    dir.write("config.json", configText());
    dir.write("model.safetensors", file());
    auto checkpoint = Checkpoint::open(dir.path);
    if (!checkpoint)
      return checkpoint.takeError();
    auto parsed = parseModelConfig(checkpoint->config(), nullptr, dir.path);
    if (!parsed)
      return parsed.takeError();
    opened.emplace(std::move(*checkpoint));
    return resolveWeights(*opened, *parsed);
  }

  TempDirectory dir;
  std::optional<Checkpoint> opened;
};

} // namespace setun::frontends

#endif // SETUN_TESTS_FRONTENDS_SAFETENSORS_TINYMODEL_H
