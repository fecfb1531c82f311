//===- WeightsTest.cpp ----------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tests/frontends/safetensors/TinyModel.h"

#include "gtest/gtest.h"

#include <cmath>

using namespace setun::frontends;

static const std::string kGate = "model.layers.0.mlp.gate_proj.weight";

/// The norms of the model renamed, or without a name removed.
static void moveNorms(TinyModel &model, const char *attention,
                      const char *gated) {
  std::string layer = TinyModel::kLayer;
  for (auto [old, now] :
       {std::pair(layer + "self_attn.attn_sub_norm.weight", attention),
        std::pair(layer + "mlp.ffn_sub_norm.weight", gated)}) {
    Tensor tensor = model.tensors[old];
    model.tensors.erase(old);
    tensor.name = layer + now;
    if (*now)
      model.add(tensor);
  }
}

TEST(Weights, FindsTheNormsOfTheArchitecture) {
  TinyModel model;
  model.config["architectures"] = {"LlamaForCausalLM"};
  model.config["model_type"] = "llama";
  EXPECT_MESSAGE(model.resolve(), "but LlamaForCausalLM has no such tensor");
  moveNorms(model, "", "");
  const ModelWeights llama = llvm::cantFail(model.resolve());
  EXPECT_EQ(llama.layers[0].attentionNorm, nullptr);
  EXPECT_EQ(llama.layers[0].gatedNorm, nullptr);

  TinyModel other;
  other.config["architectures"] = {"BitnetForCausalLM"};
  other.config["model_type"] = "llama";
  other.config["input_bits"] = 8;
  other.config["weight_bits"] = 1;
  other.makeMaster(0.5);
  other.config.erase("quantization_config");
  EXPECT_MESSAGE(other.resolve(), "self_attn.inner_attn_ln.weight' is missing");
  moveNorms(other, "self_attn.inner_attn_ln.weight",
            "mlp.ffn_layernorm.weight");
  const ModelWeights bitnet = llvm::cantFail(other.resolve());
  EXPECT_EQ(bitnet.layers[0].attentionNorm->shape[0], 12);
  EXPECT_EQ(bitnet.layers[0].gatedNorm->shape[0], 8);
  EXPECT_EQ(bitnet.layers[0].gate.alpha, 0.5f);
}

TEST(Weights, ResolvesAPackedModel) {
  TinyModel model;
  ModelWeights weights = llvm::cantFail(model.resolve());
  ASSERT_EQ(weights.layers.size(), 1u);
  const LayerWeights &layer = weights.layers[0];
  EXPECT_EQ(layer.gate.tensor->name, kGate);
  EXPECT_EQ(layer.gate.rows, 8);
  EXPECT_EQ(layer.gate.cols, 12);
  EXPECT_EQ(layer.gate.encoding, Encoding::HfPacked);
  EXPECT_EQ(layer.gate.alpha, 0.25f); // bitlinear divides by the 4
  EXPECT_EQ(layer.gate.quantScale, 0.0f);
  EXPECT_EQ(layer.k.rows, 4);
  EXPECT_EQ(layer.down.cols, 8);
  EXPECT_EQ(layer.gatedNorm->shape[0], 8);
  EXPECT_EQ(weights.head, nullptr);
  EXPECT_EQ(weights.embedding->name, "model.embed_tokens.weight");
}

TEST(Weights, AutoBitLinearMultiplies) {
  TinyModel model;
  model.setQuantization("autobitlinear", "offline");
  model.addFloats(kGate + "_scale", {}, 0.3f); // a scalar instead of [1]
  ModelWeights weights = llvm::cantFail(model.resolve());
  EXPECT_EQ(weights.layers[0].gate.alpha, 0.3f);
  EXPECT_EQ(weights.layers[0].up.alpha, 4.0f);
}

TEST(Weights, QuantizesMasterWeights) {
  TinyModel model;
  model.makeMaster(-0.2f);
  model.tensors[kGate].bytes.replace(0, 4, f32({2.2f}));
  LinearWeight gate = llvm::cantFail(model.resolve()).layers[0].gate;
  float mean = float((95 * double(0.2f) + double(2.2f)) / 96);
  EXPECT_EQ(gate.encoding, Encoding::F32);
  EXPECT_EQ(gate.quantScale, 1.0f / mean);
  EXPECT_EQ(gate.alpha, mean);
  std::vector<int8_t> trits(96);
  readTrits(gate.encoding, model.opened->bytes(*gate.tensor), 8, 12, 0, 8,
            gate.quantScale, trits.data());
  EXPECT_EQ(trits[0], 1);
  EXPECT_EQ(trits[1], -1);
}

TEST(Weights, KeepsTheScaleOfZeroesFinite) {
  TinyModel model;
  model.makeMaster(0);
  LinearWeight gate = llvm::cantFail(model.resolve()).layers[0].gate;
  EXPECT_EQ(gate.quantScale, 1.0f / 1e-5f);
  EXPECT_EQ(gate.alpha, 1.0f / (1.0f / 1e-5f));
}

TEST(Weights, TakesTritsStoredAsFloats) {
  TinyModel model;
  model.setQuantization("autobitlinear", "offline");
  model.addFloats(kGate, {8, 12}, -1);
  LinearWeight gate = llvm::cantFail(model.resolve()).layers[0].gate;
  EXPECT_EQ(gate.encoding, Encoding::F32);
  EXPECT_EQ(gate.quantScale, 1.0f);
  EXPECT_EQ(gate.alpha, 4.0f);
  model.tensors[kGate].bytes.replace(13 * 4, 4, f32({0.5f}));
  EXPECT_MESSAGE(model.resolve(), "found a value other than -1, 0 and 1 at row "
                                  "1, column 1; master weights need");
}

TEST(Weights, KeepsFloatProjections) {
  TinyModel model;
  model.config["quantization_config"] = llvm::json::Object{
      {"quant_method", "bitnet"}, {"modules_to_not_convert", {"gate_proj"}}};
  EXPECT_MESSAGE(model.resolve(), "found U8 [2, 12], expected F32, F16 or BF16 "
                                  "[8, 12], as modules_to_not_convert names");
  model.addFloats(kGate, {8, 12}, 0.7f);
  EXPECT_MESSAGE(model.resolve(), "gate_proj.weight_scale'");
  model.tensors.erase(kGate + "_scale");
  const ModelWeights weights = llvm::cantFail(model.resolve());
  EXPECT_TRUE(weights.layers[0].gate.isFloat);
  EXPECT_TRUE(weights.layers[0].gate.takesFloats);
  EXPECT_FALSE(weights.layers[0].up.takesFloats);
}

TEST(Weights, ReadsScalesOfRows) {
  TinyModel model;
  for (std::vector<int64_t> shape : {std::vector<int64_t>{8}, {8, 1}}) {
    model.addFloats(kGate + "_scale", shape, 4);
    LinearWeight gate = llvm::cantFail(model.resolve()).layers[0].gate;
    EXPECT_EQ(gate.scaleCols, 12);
    EXPECT_EQ(gate.scales->name, kGate + "_scale");
  }
  model.addFloats(kGate + "_scale", {1, 1}, 4);
  EXPECT_EQ(llvm::cantFail(model.resolve()).layers[0].gate.scaleCols, 0);
  model.addFloats(kGate + "_scale", {8}, -4);
  EXPECT_MESSAGE(model.resolve(), "expected a positive scale");
  model.addFloats(kGate + "_scale", {8, 3}, 4); // groups of 4 columns
  EXPECT_MESSAGE(model.resolve(), "found F32 [8, 3], expected");
}

TEST(Weights, RecoversTritsOfFloats) {
  TinyModel model;
  model.makeMaster(-0.2f);
  model.config.erase("quantization_config");
  LinearWeight gate = llvm::cantFail(model.resolve()).layers[0].gate;
  EXPECT_EQ(gate.alpha, 0.2f);
  EXPECT_EQ(gate.scaleCols, 0);
  EXPECT_TRUE(gate.takesFloats && !gate.isFloat);
  std::vector<int8_t> trits(96);
  readTrits(gate.encoding, model.opened->bytes(*gate.tensor), 8, 12, 0, 8,
            gate.quantScale, trits.data());
  EXPECT_EQ(trits[95], -1);
  model.tensors[kGate].bytes.replace(0, 4, f32({2.2f}));
  EXPECT_MESSAGE(model.resolve(), "found values that are not -1, 0 and 1 times "
                                  "a scale of the tensor, of each row or of");
}

TEST(Weights, RefusesTheWrongFormOfAWeight) {
  TinyModel floats;
  floats.addFloats(kGate, {8, 12});
  EXPECT_MESSAGE(
      floats.resolve(),
      "tensor '" + kGate +
          "': found F32 [8, 12], expected packed "
          "trits, U8 [2, 12], as quantization_config has linear_class "
          "'bitlinear' and quantization_mode 'offline'");
  TinyModel packed;
  packed.makeMaster(1);
  packed.add({kGate, "U8", {2, 12}, std::string(24, '\x55')});
  EXPECT_MESSAGE(packed.resolve(), "found U8 [2, 12], expected F32, F16 or "
                                   "BF16 [8, 12], as quantization_config");
  TinyModel master;
  master.makeMaster(1);
  master.setQuantization("autobitlinear", "offline");
  EXPECT_MESSAGE(master.resolve(),
                 "tensor '" + kGate +
                     "_scale' is missing; master weights "
                     "without scales need linear_class 'autobitlinear' and "
                     "quantization_mode 'online'");
}

TEST(Weights, RefusesPackedRowsThatAreNoFours) {
  TinyModel model;
  model.config["intermediate_size"] = 10;
  EXPECT_MESSAGE(model.resolve(), "found packed trits of 10 outputs, expected "
                                  "a multiple of 4");
}

TEST(Weights, RefusesBadScales) {
  for (float scale : {0.0f, -1.0f, 1e-45f}) {
    TinyModel model;
    model.addFloats(kGate + "_scale", {1}, scale);
    EXPECT_MESSAGE(model.resolve(), "expected a positive scale");
  }
  TinyModel model;
  model.addFloats(kGate + "_scale", {1}, NAN);
  EXPECT_MESSAGE(model.resolve(),
                 "tensor '" + kGate + "_scale': found NaN at index 0");
  model.addFloats(kGate + "_scale", {2});
  EXPECT_MESSAGE(model.resolve(),
                 "found F32 [2], expected F32, F16 or BF16 [1]");
}

TEST(Weights, ChecksEveryValue) {
  TinyModel model;
  model.tensors["model.embed_tokens.weight"].bytes.replace(59 * 4, 4,
                                                           f32({-INFINITY}));
  model.tensors[kGate].bytes[23] = '\xd5'; // code 3 at the highest bits
  std::string message = messageOf(model.resolve());
  EXPECT_NE(message.find("embed_tokens.weight': found infinity at index 59"),
            std::string::npos);
  EXPECT_NE(message.find(kGate + "': found the code 3 at row 7, column 11"),
            std::string::npos)
      << message;
  TinyModel master;
  master.makeMaster(1);
  master.tensors[kGate].bytes.replace(5 * 4, 4, f32({NAN}));
  EXPECT_MESSAGE(master.resolve(), kGate + "': found NaN at index 5");
}

TEST(Weights, ListsMissingAndMisshapenTensors) {
  TinyModel model;
  model.tensors.erase("model.norm.weight");
  model.tensors.erase(kGate);
  model.addFloats("model.layers.0.input_layernorm.weight", {11});
  std::string message = messageOf(model.resolve());
  for (std::string part :
       {std::string("tensor 'model.norm.weight' is missing"),
        "tensor '" + kGate + "' is missing",
        std::string("found F32 [11], expected F32, F16 or BF16 [12]")})
    EXPECT_NE(message.find(part), std::string::npos) << message;
  model.config["num_hidden_layers"] = 3; // 36 tensors more are missing
  EXPECT_MESSAGE(model.resolve(), "\nand 19 more");
}

TEST(Weights, RefusesTensorsThatTheGraphDoesNotKnow) {
  for (std::string name : {"model.layers.0.self_attn.q_proj.bias",
                           "model.layers.0.self_attn.q_norm.weight",
                           "model.layers.1.input_layernorm.weight", "other"}) {
    TinyModel model;
    model.addFloats(name, {12});
    EXPECT_MESSAGE(model.resolve(), "tensor '" + name + "': found F32 [12]");
  }
  TinyModel model;
  model.addFloats("model.layers.0.self_attn.rotary_emb.inv_freq", {2});
  EXPECT_MESSAGE(model.resolve(), "");
}

TEST(Weights, TakesAnUntiedHead) {
  TinyModel model;
  model.addFloats("lm_head.weight", {5, 12}, 1);
  EXPECT_EQ(llvm::cantFail(model.resolve()).head, nullptr); // tied, a copy
  model.addFloats("lm_head.weight", {5, 12}, 2);
  EXPECT_MESSAGE(model.resolve(), "'lm_head.weight': differs from model.embed");
  model.config["tie_word_embeddings"] = false;
  EXPECT_EQ(llvm::cantFail(model.resolve()).head->name, "lm_head.weight");
  model.tensors.erase("lm_head.weight");
  EXPECT_MESSAGE(model.resolve(), "tensor 'lm_head.weight' is missing; tie_");
}

/// The three example checkpoints; rows of packed and master agree.
static auto resolveExample(const std::string &name,
                           std::optional<Checkpoint> &checkpoint) {
  std::string path = SETUN_SOURCE_DIR "/examples/" + name;
  checkpoint.emplace(llvm::cantFail(Checkpoint::open(path)));
  ModelConfig config = llvm::cantFail(parseModelConfig(
      checkpoint->config(), checkpoint->generationConfig(), path));
  return std::pair(config, llvm::cantFail(resolveWeights(*checkpoint, config)));
}

TEST(Weights, ReadsTinyStories) {
  std::optional<Checkpoint> checkpoint;
  auto [config, weights] = resolveExample("tinystories-3m", checkpoint);
  EXPECT_EQ(config.activation, ModelConfig::SiLU);
  EXPECT_EQ(config.stopTokens, (std::vector<int32_t>{2}));
  EXPECT_EQ(weights.layers.size(), 8u);
  EXPECT_EQ(weights.layers[7].v.rows, 128);
}

TEST(Weights, PackedAndMasterShakespeareHaveTheSameTrits) {
  std::optional<Checkpoint> packed, master;
  auto [packedConfig, packedWeights] =
      resolveExample("shakespeare-relu2/packed", packed);
  auto [masterConfig, masterWeights] =
      resolveExample("shakespeare-relu2/master", master);
  EXPECT_EQ(masterConfig.mode, ModelConfig::Online);
  ASSERT_EQ(packedWeights.layers.size(), masterWeights.layers.size());
  for (size_t i = 0; i < packedWeights.layers.size(); ++i) {
    LinearWeight a = packedWeights.layers[i].down;
    LinearWeight b = masterWeights.layers[i].down;
    std::vector<int8_t> trits(a.rows * a.cols), others(trits);
    readTrits(a.encoding, packed->bytes(*a.tensor), a.rows, a.cols, 0, a.rows,
              a.quantScale, trits.data());
    readTrits(b.encoding, master->bytes(*b.tensor), b.rows, b.cols, 0, b.rows,
              b.quantScale, others.data());
    EXPECT_EQ(trits, others);
    EXPECT_NEAR(a.alpha / b.alpha, 1, 1.0 / 256); // stored as bf16
  }
}
