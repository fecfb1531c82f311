//===- DamageTest.cpp - Damaged files give errors, never crashes ----------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestTokenizer.h"

#include <random>

namespace setun {

using namespace test;

namespace {

constexpr char kJson[] = "shakespeare-relu2/packed/tokenizer.json";
constexpr char kModel[] = "tinystories-3m/tokenizer.model";

/// One replacement in a good tokenizer.json, and a part of the error.
struct Damage {
  const char *find, *replace, *message;
};

const Damage kDamages[] = {
    {R"("type": "BPE")", R"("type": "WordPiece")",
     R"(model: "type": "WordPiece" is not supported, expected BPE or Uni)"},
    {R"("type": "BPE")", R"("type": "Unigram")",
     R"("merges" is not understood)"},
    {R"("type": "BPE")", R"("type": 3)", R"(found 3, expected a string)"},
    {R"("dropout": null)", R"("dropout": 0.5)", R"("dropout": 0.5 is not)"},
    {R"("unk_token": null)", R"("unk_token": "<none>")", "\"unk_token\""},
    {R"("end_of_word_suffix": null)", R"("end_of_word_suffix": "</w>")",
     "\"end_of_word_suffix\""},
    {R"("continuing_subword_prefix": null)",
     R"("continuing_subword_prefix": "##")", "\"continuing_subword_prefix\""},
    {R"("fuse_unk": false)", R"("fuse_unk": "no")",
     "found \"no\", expected true or false"},
    {R"("byte_fallback": false)", R"("byte_fallback": [1])",
     "found an array, expected true or false"},
    {R"("ignore_merges": false)", R"("surprise": false)",
     "\"surprise\" is not understood"},
    {R"("!": 0)", R"("!": 1024)", "found id 1024 for token '!'"},
    {R"("!": 0)", R"("!": -1)", "found id -1 for token '!'"},
    {R"("!": 0)", R"("!": 99999999999)", "found id 99999999999"},
    {R"("!": 0)", R"("!": 1)", "id 1 belongs to the tokens"},
    {R"("!": 0)", R"("!": "0")", "found \"0\", expected an id"},
    {R"("!": 0)", R"("!": 0.5)", "found 0.5, expected an id"},
    {R"("id": 1022)", R"("id": 5)", "<|begin_of_text|>"},
    {R"("id": 1022)", R"("id": 2000)", "found id 2000"},
    {R"("id": 1022)", R"("id": "x")", "expected an integer"},
    {R"("content": "<|begin_of_text|>")", R"("content": 7)",
     "\"content\": found 7, expected a string"},
    {R"("single_word": false)", R"("single_word": 1)",
     "\"single_word\": found 1, expected true or false"},
    {R"("normalizer": null)", R"("normalizer": {"type": "BertNormalizer"})",
     "normalizer: \"type\": \"BertNormalizer\" is not supported"},
    {R"("normalizer": null)", R"("normalizer": {"type": "NFD", "x": 1})",
     "normalizer: \"x\" is not understood"},
    {R"("normalizer": null)",
     R"("normalizer": {"type": "Precompiled", "precompiled_charsmap": "?"})",
     "\"precompiled_charsmap\": "},
    {R"("normalizer": null)",
     R"("normalizer": {"type": "Precompiled", "precompiled_charsmap": "AAAA"})",
     "found damaged tables"},
    {R"("normalizer": null)", R"("normalizer": {"type": "ByteLevel"})",
     "pre_tokenizer: found ByteLevel after ByteLevel"},
    {R"("normalizer": null)", R"("normalizer": [])",
     "normalizer: found an array, expected an object"},
    {R"("normalizer": null)",
     R"("normalizer": {"type": "Replace", "pattern": {"Regex": " *"},
        "content": ""})",
     "pattern: regex  *: the pattern matches the empty text"},
    {R"("normalizer": null)",
     R"("normalizer": {"type": "Replace", "pattern": {"String": ""},
        "content": ""})",
     "found no text to replace"},
    {R"("use_regex": true)", R"("use_regex": 1)", "pre_tokenizer: \"use_r"},
    {R"("pre_tokenizer": {"type": "ByteLevel")",
     R"("pre_tokenizer": {"type": "UnicodeScripts")",
     "\"UnicodeScripts\" is not"},
    {R"("pre_tokenizer": {)",
     R"("pre_tokenizer": {"type": "Split", "behavior": "Isolated", "pattern":
        {"Regex": "\\Gx"}}, "truncation": {)",
     "regex \\Gx: the escape \\G is not supported at byte 1"},
    {R"("pre_tokenizer": {)",
     R"("pre_tokenizer": {"type": "Split", "behavior": "Joined",
        "pattern": {"String": "x"}}, "truncation": {)",
     "\"Joined\" is not supported"},
    {R"("post_processor": {)",
     R"("post_processor": {"type": "BertProcessing", "sep": ["x", 1024]},
        "padding": {)",
     "\"sep\": an array is not supported, expected [a token, its id]"},
    {R"("ids": [1022])", R"("ids": [1024])", "found id 1024"},
    {R"("ids": [1022])", R"("ids": 1022)", "found no \"ids\""},
    {R"("decoder": {"type": "ByteLevel")", R"("decoder": {"type": "CTC")",
     "\"CTC\" is not supported"},
    {R"("decoder": {)", R"("decoder": null, "padding": {)",
     "decoder: found null, expected an object"},
    {R"("merges": [)", R"("merges": ["Ġ zzz", )",
     "model.merges[0]: names 'zzz', which is not in the vocabulary"},
    {R"("merges": [)", R"("merges": ["one", )", "expected two tokens"},
    {R"("merges": [)", R"("merges": [["a", "b", "c"], )",
     "expected two tokens"},
    {R"("merges": [)", R"("merges": [17, )", "found 17, expected two tokens"},
    {R"("merges": [)", R"("merges": {}, "merge": [)", "\"merges\": an object"},
    {R"("version": "1.0")", R"("version": "1.0", "post": 1)",
     "top level: \"post\" is not understood"},
};

/// The example's JSON without its line breaks.
std::string goodJson() {
  std::string text = example(kJson);
  std::erase(text, '\n');
  return text;
}

TEST(DamagedTokenizerJson, IsRefusedByName) {
  const std::string good = goodJson();
  ASSERT_EQ(errorOf("tokenizer.json", good, 1024), "");
  for (const Damage &damage : kDamages) {
    std::string text = good;
    size_t at = text.find(damage.find);
    ASSERT_NE(at, std::string::npos) << damage.find;
    text.replace(at, strlen(damage.find), damage.replace);
    std::string error = errorOf("tokenizer.json", text, 1024);
    EXPECT_NE(error.find(damage.message), std::string::npos)
        << damage.replace << "\n"
        << error;
  }
}

TEST(DamagedTokenizerJson, ListsSeveralProblemsAtOnce) {
  std::string error =
      errorOf("tokenizer.json", R"({"model": {"type": "BPE", "vocab": {"a": 9},
        "merges": ["a a"]}, "normalizer": {"type": "Uppercase"}})",
              5);
  EXPECT_NE(error.find("found id 9"), std::string::npos) << error;
  EXPECT_NE(error.find("Uppercase"), std::string::npos) << error;
  EXPECT_NE(error.find("decoder: found nothing"), std::string::npos) << error;
}

TEST(DamagedTokenizerJson, NeverCrashesWhenCut) {
  const std::string good = goodJson();
  for (size_t bytes = 0; bytes < good.size(); bytes += 397)
    EXPECT_NE(errorOf("tokenizer.json", good.substr(0, bytes), 1024), "");
  EXPECT_NE(errorOf("tokenizer.json", std::string(100000, '['), 9), "");
}

TEST(DamagedTokenizerJson, NeverGrowsWithoutBounds) {
  std::string steps;
  for (int i = 0; i < 9; ++i)
    steps += R"({"type": "Replace", "pattern": {"String": "a"}, "content":
      "aaaaaaaaaaaaaaaaaaaa"},)";
  steps.pop_back();
  std::string text = R"({"model": {"type": "BPE", "vocab": {"a": 0},
    "merges": []}, "decoder": {"type": "Sequence", "decoders": [)" +
                     steps + R"(]}, "normalizer": {"type": "Sequence",
    "normalizers": [)" +
                     steps + "]}}";
  EXPECT_NE(errorOf("tokenizer.json", text, 1).find("lengthen text 400-fold"),
            std::string::npos);
}

/// Whatever passes must also work.
void exercise(const char *file, const std::string &text, uint32_t vocabSize) {
  TempDirectory directory;
  directory.write(file, text);
  auto blob = frontends::compileTokenizer(directory.name(), vocabSize);
  if (!blob) {
    EXPECT_NE(llvm::toString(blob.takeError()), "");
    return;
  }
  auto *bytes = reinterpret_cast<const uint8_t *>(blob->data());
  ASSERT_TRUE(runtime::Tokenizer::valid(bytes, blob->size()));
  runtime::Tokenizer tokenizer(bytes);
  for (int32_t id : tokenizer.encode("Hello,  wörld\n<s>\xff 42"))
    EXPECT_LT(uint32_t(id), vocabSize);
}

TEST(DamagedTokenizerJson, SurvivesRandomBytes) {
  std::mt19937 random(3);
  const std::string good = goodJson();
  for (int i = 0; i < 150; ++i) {
    std::string text = good;
    for (int k = 0; k < 3; ++k)
      text[random() % text.size()] = "0\"[]{}x,: "[random() % 10];
    exercise("tokenizer.json", text, 1024);
  }
}

TEST(DamagedSentencePiece, SurvivesRandomBytes) {
  std::mt19937 random(4);
  const std::string good = example(kModel);
  for (int i = 0; i < 400; ++i) {
    std::string text = good;
    for (int k = 0; k < 4; ++k)
      text[random() % text.size()] = char(random());
    exercise("tokenizer.model", text, 512);
  }
}

TEST(DamagedSentencePiece, IsRefused) {
  const std::string good = example(kModel);
  EXPECT_EQ(errorOf("tokenizer.model", good, 512), "");
  for (size_t bytes = 0; bytes < good.size(); bytes += 101)
    EXPECT_NE(errorOf("tokenizer.model", good.substr(0, bytes), 512), "")
        << bytes;
  EXPECT_NE(errorOf("tokenizer.model", good, 511).find("found id 511"),
            std::string::npos);
  EXPECT_NE(errorOf("tokenizer.model", "version https://git-lfs", 512)
                .find("git-LFS"),
            std::string::npos);
}

TEST(DamagedConfig, IsRefused) {
  TempDirectory directory;
  directory.write("tokenizer.json", example(kJson));
  for (const char *config :
       {"[]", "{", R"({"add_bos_token": 1})", R"({"add_bos_token": true,
        "bos_token": null, "add_eos_token": true, "eos_token": "<none>"})",
        R"({"added_tokens_decoder": {"x": {}}})",
        R"({"added_tokens_decoder": {"5": {"content": "<|z|>"}}})",
        R"({"added_tokens_decoder": {"5000": {"content": "<|z|>"}}})"}) {
    directory.write("tokenizer_config.json", config);
    auto blob = frontends::compileTokenizer(directory.name(), 1024);
    ASSERT_FALSE(blob) << config;
    EXPECT_NE(llvm::toString(blob.takeError()).find("tokenizer_config.json"),
              std::string::npos);
  }
}

} // namespace
} // namespace setun
