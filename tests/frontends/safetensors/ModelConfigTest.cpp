//===- ModelConfigTest.cpp
//-------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/safetensors/ModelConfig.h"

#include "tests/frontends/safetensors/Files.h"

#include "gtest/gtest.h"

#include <cmath>

using namespace setun::frontends;
using llvm::json::Object;

namespace {

struct ModelConfigTest : testing::Test {
  Object config{{"architectures", {"BitNetForCausalLM"}},
                {"model_type", "bitnet"},
                {"hidden_act", "relu2"},
                {"hidden_size", 264},
                {"intermediate_size", 700},
                {"num_hidden_layers", 2},
                {"num_attention_heads", 6},
                {"num_key_value_heads", 3},
                {"vocab_size", 777},
                {"quantization_config", Object{{"quant_method", "bitnet"}}}};
  Object generation;

  auto parse() { return parseModelConfig(config, &generation, "m"); }
  ModelConfig parsed() { return llvm::cantFail(parse()); }

  /// The message after one key was set to this JSON text.
  std::string with(const std::string &key, const std::string &json) {
    Object saved = config;
    config[key] = llvm::cantFail(llvm::json::parse(json));
    std::string message = messageOf(parse());
    config = std::move(saved);
    return message;
  }
};

#define EXPECT_STARTS(message, start)                                          \
  EXPECT_EQ((message).substr(0, std::string(start).size()), start)

} // namespace

TEST_F(ModelConfigTest, TakesValuesAndDefaults) {
  ModelConfig out = parsed();
  EXPECT_EQ(out.hiddenSize, 264);
  EXPECT_EQ(out.intermediateSize, 700);
  EXPECT_EQ(out.layers, 2);
  EXPECT_EQ(out.heads, 6);
  EXPECT_EQ(out.kvHeads, 3);
  EXPECT_EQ(out.headDim, 44);
  EXPECT_EQ(out.vocabSize, 777);
  EXPECT_EQ(out.contextLength, 2048);
  EXPECT_EQ(out.rmsNormEps, 1e-5);
  EXPECT_EQ(out.ropes.full.theta, 500000.0);
  EXPECT_EQ(out.activation, ModelConfig::ReLU2);
  EXPECT_FALSE(out.tied);
  EXPECT_EQ(out.linearClass, ModelConfig::BitLinear);
  EXPECT_EQ(out.mode, ModelConfig::Offline);
  EXPECT_EQ(out.bosToken, -1);
  EXPECT_TRUE(out.stopTokens.empty());
}

TEST_F(ModelConfigTest, TakesWhatIsWritten) {
  config["hidden_act"] = "silu";
  config["head_dim"] = 32;
  config["max_position_embeddings"] = 384;
  config["rms_norm_eps"] = 1e-12;
  config["tie_word_embeddings"] = true;
  config["num_key_value_heads"] = nullptr;
  config["torch_dtype"] = "bfloat16";
  ModelConfig out = parsed();
  EXPECT_EQ(out.activation, ModelConfig::SiLU);
  EXPECT_EQ(out.headDim, 32);
  EXPECT_EQ(out.contextLength, 384);
  EXPECT_EQ(out.rmsNormEps, 1e-12);
  EXPECT_TRUE(out.tied);
  EXPECT_EQ(out.kvHeads, 6);
  EXPECT_EQ(out.dtype, "bfloat16");
}

TEST_F(ModelConfigTest, ReadsTheQuantization) {
  auto parse = [&](const char *linearClass, const char *mode) {
    config["quantization_config"] = Object{{"quant_method", "bitnet"},
                                           {"linear_class", linearClass},
                                           {"quantization_mode", mode},
                                           {"use_rms_norm", false},
                                           {"rms_norm_eps", 1e-6}};
    ModelConfig out = parsed();
    return std::pair(out.linearClass, out.mode);
  };
  using C = ModelConfig;
  EXPECT_EQ(parse("autobitlinear", "online"),
            std::pair(C::AutoBitLinear, C::Online));
  EXPECT_EQ(parse("autobitlinear", "offline"),
            std::pair(C::AutoBitLinear, C::Offline));
  EXPECT_EQ(parse("bitlinear", "online"), std::pair(C::BitLinear, C::Offline));
}

// transformers, should_convert_module; the last are of versions before it.
TEST_F(ModelConfigTest, KnowsModulesThatAreKept) {
  const std::string module = "model.layers.1.mlp.down_proj";
  auto kept = [&](const char *name) {
    config["quantization_config"] =
        Object{{"quant_method", "bitnet"}, {"modules_to_not_convert", {name}}};
    return parsed().kept;
  };
  for (const char *name :
       {"model.layers.1", "model.layers.1.mlp", "model.layers.*.mlp",
        "down_proj", "mlp.down_proj", "model", "model.layers.[12]", "proj",
        "model.layers.1.mlp.down_proj", ".*down"})
    EXPECT_TRUE(kept(name).matches(module)) << name;
  for (const char *name : {"mlp", "layers.1.", "down"}) {
    EXPECT_FALSE(kept(name).matches(module)) << name;
    EXPECT_TRUE(kept(name).isMentioned(module)) << name;
  }
  for (const char *name :
       {"lm_head", "model.layers.2", "up_proj", "down_proj.x"}) {
    EXPECT_FALSE(kept(name).matches(module)) << name;
    EXPECT_FALSE(kept(name).isMentioned(module)) << name;
  }
  // A prefix, not a name.
  EXPECT_TRUE(kept("model.layers.1").matches("model.layers.10.mlp"));
}

TEST_F(ModelConfigTest, RefusesQuantizationsItCannotDo) {
  std::string start = "m/config.json: 'quantization_config': '";
  auto expect = [&](const std::string &extra, const std::string &text) {
    EXPECT_STARTS(with("quantization_config",
                       R"({"quant_method":"bitnet",)" + extra + "}"),
                  start + text);
  };
  expect(R"("use_rms_norm":1)", "use_rms_norm': found 1, expected true");
  expect(R"("linear_class":"linear")", "linear_class': found \"linear\"");
  expect(R"("quantization_mode":1)", "quantization_mode': found 1");
  expect(R"("modules_to_not_convert":"lm_head")",
         "modules_to_not_convert': found \"lm_head\", expected a list");
  for (const char *name : {"(?i)mlp", "layers\\\\.\\\\d+", "a.*?b", "", "(("})
    expect(std::string(R"("modules_to_not_convert":["lm_head",")") + name +
               "\"]",
           "modules_to_not_convert': found [\"lm_head\",");
  expect(R"("group_size":128)", "group_size': found 128, which may change");
  EXPECT_STARTS(with("quantization_config", R"({"quant_method":"gptq"})"),
                start + "quant_method': found \"gptq\", expected 'bitnet'");
  EXPECT_STARTS(with("quantization_config", "{}"),
                start + "quant_method': mis");
  EXPECT_EQ(with("quantization_config", R"({"quant_method":"bitnet",)"
                                        R"("modules_to_not_convert":)"
                                        R"(["lm_head"]})"),
            "");
}

TEST_F(ModelConfigTest, ReadsRopeOldAndNew) {
  config["rope_theta"] = 10000.0;
  config["rope_scaling"] = nullptr;
  EXPECT_EQ(parsed().ropes.full.theta, 10000.0);
  config["rope_parameters"] =
      Object{{"rope_type", "default"}, {"rope_theta", 10000}};
  EXPECT_EQ(parsed().ropes.full.theta, 10000.0);
  EXPECT_STARTS(with("rope_theta", "500"),
                "m/config.json: 'rope_parameters': 'rope_theta': found 10000");
  config.erase("rope_theta");
  EXPECT_EQ(parsed().ropes.full.theta, 10000.0);
  EXPECT_STARTS(with("rope_scaling", R"({"type":"ntk","factor":2})"),
                "m/config.json: 'rope_scaling': 'type': found \"ntk\"");
  EXPECT_STARTS(with("rope_scaling", R"({"type":"yarn","beta_fast":1})"),
                "m/config.json: 'rope_scaling': 'beta_fast': found 1");
  EXPECT_EQ(with("partial_rotary_factor", "0.5"), "");
  EXPECT_STARTS(with("partial_rotary_factor", "0.25"),
                "m/config.json: 'partial_rotary_factor': found 0.25, expected "
                "a part of head_dim, 44, that is an even number, not 11");
  config["rope_parameters"] = Object{{"partial_rotary_factor", 0.5}};
  EXPECT_EQ(parsed().ropes.full.getRotary(44), 22);
}

TEST_F(ModelConfigTest, ScalesRope) {
  std::vector<double> plain = parsed().ropes.full.getAngles(16);
  config["rope_scaling"] = Object{{"type", "linear"}, {"factor", 4}};
  std::vector<double> scaled = parsed().ropes.full.getAngles(16);
  ASSERT_EQ(scaled.size(), 8u);
  for (int i = 0; i < 8; ++i)
    EXPECT_EQ(scaled[i], plain[i] / 4);
  // _compute_llama3_parameters of transformers in numpy: four pairs are fast,
  // the fifth is mixed, three are slow.
  config["rope_scaling"] = Object{{"rope_type", "llama3"},
                                  {"factor", 8.0},
                                  {"low_freq_factor", 1.0},
                                  {"high_freq_factor", 4.0},
                                  {"original_max_position_embeddings", 8192}};
  std::vector<double> expected = {1.0,
                                  0.19392274474868576,
                                  0.03760603093086393,
                                  0.0072926647372171085,
                                  0.0005248461609929549,
                                  3.428102195952591e-05,
                                  6.647869871181235e-06,
                                  1.2891731721515572e-06};
  scaled = parsed().ropes.full.getAngles(16);
  for (int i = 0; i < 8; ++i)
    EXPECT_NEAR(scaled[i], expected[i], 1e-12 * expected[i]) << i;
}

static void expectAngles(const Rope &rope,
                         const std::vector<double> &expected) {
  std::vector<double> angles = rope.getAngles(int64_t(expected.size()) * 2);
  for (size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(angles[i], expected[i], 1e-12 * expected[i]) << i;
}

// _compute_yarn_parameters of transformers in numpy.
TEST_F(ModelConfigTest, ScalesRopeByYarn) {
  config["rope_theta"] = 500000.0;
  config["rope_scaling"] = Object{{"rope_type", "yarn"}, {"factor", 4}};
  Rope rope = parsed().ropes.full;
  EXPECT_EQ(rope.original, 2048); // the longest context
  EXPECT_NEAR(rope.scale, 1.138629436111989, 1e-15);
  expectAngles(rope, {1.0, 0.19392274474868576, 0.02820452319814795,
                      0.0036463323686085555, 0.0003535533905932738,
                      6.856204391905182e-05, 1.3295739742362472e-05,
                      2.578346344303115e-06});
  config["rope_scaling"] = Object{{"rope_type", "yarn"},
                                  {"factor", 4},
                                  {"truncate", false},
                                  {"mscale", 1.0},
                                  {"mscale_all_dim", 0.5}};
  rope = parsed().ropes.full;
  EXPECT_NEAR(rope.scale, 1.138629436111989 / 1.0693147180559945, 1e-15);
  expectAngles(rope, {1.0, 0.19392274474868576, 0.029796828705399563,
                      0.003189628135000298, 0.0003535533905932738,
                      6.856204391905182e-05, 1.3295739742362472e-05,
                      2.578346344303115e-06});
  config["rope_scaling"] =
      Object{{"rope_type", "yarn"}, {"attention_factor", 2}};
  config["original_max_position_embeddings"] = 512;
  rope = parsed().ropes.full;
  EXPECT_EQ(rope.scale, 2);
  EXPECT_EQ(rope.factor, 4); // 2048 / 512
}

// Angles change with the length, but not within the longest context.
TEST_F(ModelConfigTest, KeepsRopeOfDynamicLengths) {
  config["rope_scaling"] = Object{{"type", "dynamic"}, {"factor", 8}};
  Rope plain = parsed().ropes.full;
  plain.kind = Rope::Default;
  EXPECT_EQ(parsed().ropes.full.getAngles(44), plain.getAngles(44));
  config["head_dim"] = 4;
  config["rope_scaling"] = Object{{"type", "longrope"},
                                  {"short_factor", {1.5, 2}},
                                  {"long_factor", {3, 4}}};
  config["original_max_position_embeddings"] = 256;
  ModelConfig out = parsed();
  EXPECT_EQ(out.contextLength, 256);
  EXPECT_NEAR(out.ropes.full.scale, std::sqrt(1 + std::log(8) / std::log(256)),
              1e-15);
  EXPECT_EQ(out.ropes.full.getAngles(4)[0], 1 / 1.5);
}

TEST_F(ModelConfigTest, RefusesRopeItCannotScale) {
  EXPECT_STARTS(with("rope_scaling", R"({"type":"linear"})"),
                "m/config.json: 'rope_scaling': 'factor': missing");
  EXPECT_STARTS(with("rope_scaling", R"({"type":"linear","factor":0.5})"),
                "m/config.json: 'rope_scaling': 'factor': found 0.5");
  EXPECT_STARTS(with("rope_scaling",
                     R"({"type":"longrope","short_factor":[1,0],)"
                     R"("long_factor":[1,2]})"),
                "m/config.json: 'rope_scaling': 'short_factor': found [1,0], "
                "expected a list of 22 positive");
  EXPECT_STARTS(with("rope_scaling",
                     R"({"type":"llama3","factor":8,"low_freq_factor":4,)"
                     R"("high_freq_factor":4,)"
                     R"("original_max_position_embeddings":8192})"),
                "m/config.json: 'rope_scaling': 'high_freq_factor': found 4");
  EXPECT_STARTS(with("rope_scaling", R"({"type":"linear","factor":2,"x":1})"),
                "m/config.json: 'rope_scaling': 'x': found 1");
  config["head_dim"] = 4;
  EXPECT_STARTS(with("rope_scaling",
                     R"({"type":"longrope","short_factor":[1,1e-200],)"
                     R"("long_factor":[1,2]})"),
                "m/config.json: 'rope_scaling': found {");
}

TEST_F(ModelConfigTest, CollectsStopTokens) {
  config["bos_token_id"] = 1;
  config["eos_token_id"] = 2;
  EXPECT_EQ(parsed().bosToken, 1);
  EXPECT_EQ(parsed().stopTokens, (std::vector<int32_t>{2}));
  generation["eos_token_id"] = {5, 3, 5, 128001}; // the last is no token
  EXPECT_EQ(parsed().stopTokens, (std::vector<int32_t>{5, 3}));
  generation["eos_token_id"] = "x";
  EXPECT_MESSAGE(parse(), "m/generation_config.json: 'eos_token_id': found "
                          "\"x\", expected a token id");
  generation["eos_token_id"] = nullptr;
  config["bos_token_id"] = 777;
  EXPECT_EQ(parsed().bosToken, -1);
}

TEST_F(ModelConfigTest, ChecksSizes) {
  for (std::string key : {"hidden_size", "intermediate_size", "vocab_size",
                          "num_hidden_layers", "num_attention_heads"})
    for (std::string value : {"0", "-3", "1.5", "\"8\"", "1e30", "true",
                              "9223372036854775807", "18446744073709551615"})
      EXPECT_STARTS(with(key, value), "m/config.json: '" + key + "': found ");
  EXPECT_STARTS(with("vocab_size", "null"),
                "m/config.json: 'vocab_size': missing, expected an integer "
                "from 1 to 16777216");
  EXPECT_STARTS(with("hidden_act", "null"),
                "m/config.json: 'hidden_act': missing");
  EXPECT_STARTS(with("hidden_act", "\"gelu\""),
                "m/config.json: 'hidden_act': found \"gelu\"");
  EXPECT_STARTS(with("rms_norm_eps", "-1e-5"),
                "m/config.json: 'rms_norm_eps': found -1");
  EXPECT_STARTS(with("rope_theta", "1e999"),
                "m/config.json: 'rope_theta': found");
}

TEST_F(ModelConfigTest, ChecksHeads) {
  EXPECT_STARTS(with("num_key_value_heads", "4"),
                "m/config.json: 'num_key_value_heads': found 4, expected a "
                "divisor of num_attention_heads, 6");
  EXPECT_STARTS(with("num_attention_heads", "9"),
                "m/config.json: 'head_dim': missing, expected a size: 9 heads");
  EXPECT_STARTS(with("head_dim", "43"),
                "m/config.json: 'head_dim': found 43, expected an even size");
}

TEST_F(ModelConfigTest, RefusesMoreThanAttentionCanCount) {
  // 44 is rounded up to 48, and 2^31 / 48 = 44739242.67.
  EXPECT_EQ(with("max_position_embeddings", "44739242"), "");
  EXPECT_STARTS(with("max_position_embeddings", "44739243"),
                "m/config.json: 'max_position_embeddings': found 44739243, "
                "expected at most 44739242: the keys of a head, 44 wide");
  EXPECT_EQ(with("head_dim", "4096"), "");
  EXPECT_STARTS(with("head_dim", "4098"),
                "m/config.json: 'head_dim': found 4098, expected at most 4096");
}

TEST_F(ModelConfigTest, RefusesWhatMayChangeTheResult) {
  for (std::string key : {"sliding_window", "query_pre_attn_scalar",
                          "logit_scale", "attn_logit_softcapping", "new_key"})
    EXPECT_STARTS(with(key, "4096"),
                  "m/config.json: '" + key + "': found 4096, which may change");
  for (std::string key : {"use_bidirectional_attention", "is_bidirectional"}) {
    EXPECT_STARTS(with(key, "true"),
                  "m/config.json: '" + key + "': found true");
    EXPECT_EQ(with(key, "false"), "");
    EXPECT_EQ(with(key, "null"), "");
  }
  EXPECT_STARTS(with("is_causal", "false"),
                "m/config.json: 'is_causal': found");
  EXPECT_EQ(with("layer_types", R"(["full_attention","full_attention"])"), "");
  EXPECT_STARTS(with("layer_types", R"(["full_attention"])"),
                "m/config.json: 'layer_types': found");
  EXPECT_STARTS(with("layer_types", R"(["sliding_attention"])"),
                "m/config.json: 'layer_types': found");
  EXPECT_EQ(with("auto_map", R"({"AutoConfig":"x.Y"})"), "");
  EXPECT_EQ(with("attention_dropout", "0.1"), "");
}

TEST_F(ModelConfigTest, TellsFamiliesApart) {
  config["architectures"] = {"bitnetforcausallm"};
  config["model_type"] = "BitNet";
  EXPECT_EQ(messageOf(parse()), "");
  for (std::string key : {"architectures", "model_type"}) // one is enough
    EXPECT_EQ(with(key, "null"), "");
  EXPECT_MESSAGE(parseModelConfig({}, nullptr, "m"), "architecture ''");
  EXPECT_STARTS(with("weight_bits", "1"),
                "m/config.json: 'weight_bits': found 1, which may change");
  config["model_type"] = "llama";
  EXPECT_MESSAGE(parse(), "m/config.json: found architecture "
                          "'bitnetforcausallm' of model_type 'llama'; "
                          "supported so far, the nearest first: "
                          "'BitnetForCausalLM' of model_type 'llama' with "
                          "input_bits and weight_bits, ");
  config["architectures"] = {"LlamaForTokens"};
  EXPECT_MESSAGE(parse(), "the nearest first: 'LlamaForCausalLM'");
  config["architectures"] = 7;
  config["model_type"] = "gpt2";
  EXPECT_MESSAGE(parse(), "found architecture ''");
}

TEST_F(ModelConfigTest, KnowsBitnetOf1bitLLM) {
  config["architectures"] = {"BitnetForCausalLM"};
  config["model_type"] = "llama";
  config["input_bits"] = 8;
  config["weight_bits"] = 1;
  for (const char *key : {"hidden_act", "quantization_config"})
    config.erase(key);
  ModelConfig out = parsed();
  EXPECT_EQ(out.architecture->attentionNorm, "inner_attn_ln");
  EXPECT_EQ(out.architecture->gatedNorm, "ffn_layernorm");
  EXPECT_EQ(out.activation, ModelConfig::SiLU);
  EXPECT_EQ(out.rmsNormEps, 1e-6);
  EXPECT_EQ(out.ropes.full.theta, 10000);
  EXPECT_EQ(out.linearClass, ModelConfig::AutoBitLinear);
  EXPECT_EQ(out.mode, ModelConfig::Online);
  EXPECT_STARTS(with("input_bits", "4"),
                "m/config.json: 'input_bits': found 4, expected 8");
  EXPECT_STARTS(with("weight_bits", "null"),
                "m/config.json: 'weight_bits': missing");
  EXPECT_STARTS(with("quantization_config", R"({"quant_method":"bitnet"})"),
                "m/config.json: 'quantization_config': found");
}

TEST_F(ModelConfigTest, KnowsLlama) {
  config["architectures"] = {"LlamaForCausalLM"};
  config["model_type"] = "llama";
  config.erase("hidden_act");
  ModelConfig out = parsed();
  EXPECT_EQ(out.architecture->attentionNorm, "");
  EXPECT_EQ(out.architecture->gatedNorm, "");
  EXPECT_EQ(out.activation, ModelConfig::SiLU);
  EXPECT_EQ(out.linearClass, ModelConfig::BitLinear);
  // Its floats are floats.
  config.erase("quantization_config");
  EXPECT_EQ(parsed().mode, ModelConfig::Recovered);
}

TEST_F(ModelConfigTest, KnowsQwen) {
  config["architectures"] = {"Qwen2ForCausalLM"};
  config["model_type"] = "qwen2";
  config.erase("hidden_act");
  config["sliding_window"] = 40; // not used
  ModelConfig out = parsed();
  EXPECT_TRUE(out.biases.qkv && !out.biases.o && !out.biases.mlp);
  EXPECT_EQ(out.window, 0);
  EXPECT_EQ(out.headDim, 44);
  config["use_sliding_window"] = true;
  config["max_window_layers"] = 1;
  out = parsed();
  EXPECT_EQ(out.window, 40);
  EXPECT_EQ(out.hasWindow, (std::vector<bool>{false, true}));
  config["architectures"] = {"Qwen3Model"};
  config["model_type"] = "qwen3";
  out = parsed();
  EXPECT_TRUE(out.headless && out.tied);
  EXPECT_EQ(out.headDim, 128);
  EXPECT_FALSE(out.biases.qkv);
  config["attention_bias"] = true;
  EXPECT_TRUE(parsed().biases.qkv && parsed().biases.o);
}

TEST_F(ModelConfigTest, KnowsMistral) {
  config["architectures"] = {"MistralForCausalLM"};
  config["model_type"] = "mistral";
  EXPECT_EQ(parsed().window, 4096);
  EXPECT_EQ(parsed().hasWindow, (std::vector<bool>{true, true}));
  config["sliding_window"] = nullptr;
  EXPECT_EQ(parsed().window, 0);
}

TEST_F(ModelConfigTest, KnowsGemma3) {
  config["architectures"] = {"Gemma3ForCausalLM"};
  config["model_type"] = "gemma3_text";
  config.erase("hidden_act");
  config["num_hidden_layers"] = 7;
  config["rope_scaling"] = Object{{"rope_type", "linear"}, {"factor", 8}};
  ModelConfig out = parsed();
  EXPECT_EQ(out.activation, ModelConfig::GELUTanh);
  EXPECT_EQ(out.headDim, 256);
  EXPECT_EQ(out.scoreScale, 1 / 16.0);
  EXPECT_TRUE(out.tied && !out.headless);
  EXPECT_EQ(out.window, 4096);
  EXPECT_TRUE(out.hasWindow[4] && !out.hasWindow[5] && out.hasWindow[6]);
  EXPECT_EQ(out.ropes.full.theta, 1e6);
  EXPECT_EQ(out.ropes.full.factor, 8);
  EXPECT_EQ(out.ropes.sliding->theta, 1e4);
  EXPECT_EQ(out.ropes.sliding->kind, Rope::Default);
  config.erase("rope_scaling");
  config["rope_parameters"] =
      Object{{"full_attention", Object{{"rope_theta", 5e5}}},
             {"sliding_attention", Object{{"rope_theta", 2e4}}}};
  out = parsed();
  EXPECT_EQ(out.ropes.full.theta, 5e5);
  EXPECT_EQ(out.ropes.sliding->theta, 2e4);
  config.erase("rope_parameters");
  config["sliding_window_pattern"] = 1;
  out = parsed();
  EXPECT_FALSE(out.hasWindow[0] || out.hasWindow[4]);
  EXPECT_STARTS(with("hidden_activation", "\"gelu\""),
                "m/config.json: 'hidden_activation': found \"gelu\"");
}

TEST_F(ModelConfigTest, TakesEmbeddingsAsTheyAre) {
  config.erase("quantization_config");
  CheckpointHints hints;
  hints.projectionNorms = true;
  ModelConfig out =
      llvm::cantFail(parseModelConfig(config, &generation, "m", hints));
  EXPECT_EQ(out.projectionNorm, "norm");
  EXPECT_EQ(out.projectionEps, 1e-5);
  EXPECT_EQ(out.mode, ModelConfig::Online);
  config["quantization_config"] =
      Object{{"quant_method", "bitnet"}, {"use_rms_norm", true}};
  out = parsed();
  EXPECT_EQ(out.projectionNorm, "rms_norm");
  EXPECT_EQ(out.projectionEps, 1e-6);
}

TEST_F(ModelConfigTest, ListsAllProblems) {
  config["hidden_size"] = "x";
  config["vocab_size"] = 0;
  config["zzz"] = 1;
  std::string message = messageOf(parse());
  EXPECT_EQ(llvm::StringRef(message).count('\n'), 2u) << message;
}
