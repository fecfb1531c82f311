//===- CompileTest.cpp - What the files say, and what it means ------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestTokenizer.h"

namespace setun {

using namespace test;

namespace {

using Ids = std::vector<int32_t>;

/// A tokenizer.json over a, b, ab and ▁ with BOS 0 and EOS 1; `parts` replaces
/// or adds top-level members.
std::string tiny(llvm::StringRef parts = "") {
  return R"({"version": "1.0", "added_tokens": [
    {"id": 0, "content": "<s>", "special": true},
    {"id": 1, "content": "</s>", "special": true}],
    "decoder": {"type": "Fuse"},
    "model": {"type": "BPE", "unk_token": null, "vocab":
      {"<s>": 0, "</s>": 1, "a": 2, "b": 3, "ab": 4, "▁": 5, "▁a": 6},
      "merges": ["a b", ["▁", "a"]]})" +
         parts.str() + "}";
}

constexpr char kTemplate[] = R"(, "post_processor": {
  "type": "TemplateProcessing",
  "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
             {"Sequence": {"id": "A", "type_id": 0}}],
  "pair": [], "special_tokens": {
    "<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]}}})";

TEST(CompileTokenizer, MergesByRankThenFromTheLeft) {
  Compiled c = compileText(tiny(), 7);
  EXPECT_EQ(c.tokenizer.encode("abab"), (Ids{4, 4}));
  EXPECT_EQ(c.tokenizer.encode("▁ab"), (Ids{5, 4}));
  EXPECT_EQ(c.tokenizer.encode("▁aa"), (Ids{6, 2}));
}

TEST(CompileTokenizer, TakesBosFromTheTemplateUnlessTheConfigObjects) {
  const char *bos = R"({"bos_token": {"content": "<s>"}, "eos_token": "</s>",
                        "add_bos_token": true, "add_eos_token": true})";
  const char *none = R"({"add_bos_token": false, "bos_token": "<s>"})";
  EXPECT_EQ(compileText(tiny(), 7).tokenizer.encode("a"), (Ids{2}));
  EXPECT_EQ(compileText(tiny(kTemplate), 7).tokenizer.encode("a"), (Ids{0, 2}));
  EXPECT_EQ(compileText(tiny(kTemplate), 7, none).tokenizer.encode("a"),
            (Ids{2}));
  EXPECT_EQ(compileText(tiny(), 7, bos).tokenizer.encode("a"), (Ids{0, 2, 1}));
  EXPECT_EQ(compileText(tiny(kTemplate), 7, bos).tokenizer.encode("a"),
            (Ids{0, 2, 1}));
}

TEST(CompileTokenizer, TellsBosEosAndStopTokens) {
  Compiled c = compileText(tiny(kTemplate), 9, R"({"added_tokens_decoder": {
    "7": {"content": "<|eot_id|>", "special": true}, "8": {"content": "x"}}})");
  EXPECT_EQ(c.tokenizer.bosToken(), 0);
  EXPECT_EQ(c.tokenizer.eosToken(), -1);
  EXPECT_TRUE(c.tokenizer.addsBos());
  auto stops = c.tokenizer.stopTokens();
  EXPECT_EQ(Ids(stops.begin(), stops.end()), (Ids{1, 7}));
  EXPECT_EQ(c.tokenizer.encode("ax<|eot_id|>"), (Ids{0, 2, 8, 7}));
  EXPECT_EQ(c.tokenizer.decode(Ids{0, 2, 8, 7}), "ax");
}

TEST(CompileTokenizer, HonoursMetaspaceSchemes) {
  auto encode = [&](std::string scheme, const char *text) {
    return compileText(tiny(R"(, "pre_tokenizer": {"type": "Metaspace",
      "replacement": "▁", "split": false, "prepend_scheme": ")" +
                            scheme + "\"}"),
                       7)
        .tokenizer.encode(text);
  };
  EXPECT_EQ(encode("always", "ab</s>a"), (Ids{5, 4, 1, 6}));
  EXPECT_EQ(encode("first", "b</s>a"), (Ids{5, 3, 1, 2}));
  EXPECT_EQ(encode("never", "a a"), (Ids{2, 6}));
  EXPECT_EQ(encode("always", " aa"), (Ids{6, 2}));
}

TEST(CompileTokenizer, StripsSpaceAroundAddedTokens) {
  std::string json = tiny();
  json.replace(json.find(R"("</s>",)"), 7,
               R"("</s>", "lstrip": true, "rstrip": true,)");
  Compiled c = compileText(json, 7);
  EXPECT_EQ(c.tokenizer.encode("a \n</s>\u3000 b"), (Ids{2, 1, 3}));
}

/// Hugging Face finds the second of two such tokens where it stood, in space
/// that the first took; but one that also takes space before it has none left.
TEST(CompileTokenizer, FindsAddedTokensInSpaceThatAnotherTook) {
  auto encode = [&](const char *flags) {
    std::string json = tiny();
    json.replace(json.find(R"("added_tokens": [)"), 17,
                 R"("added_tokens": [{"id": 7, "content": "  ",)" +
                     std::string(flags) + R"("rstrip": true},)");
    return compileText(json, 8).tokenizer.encode("    a");
  };
  EXPECT_EQ(encode(""), (Ids{7, 7, 2}));
  EXPECT_EQ(encode(R"("lstrip": true,)"), (Ids{7, 2}));
}

TEST(CompileTokenizer, TakesAWholePieceOnlyIfMergesGiveIt) {
  auto encode = [&](const char *ignore, const char *text) {
    std::string json = R"({"decoder": {"type": "Fuse"}, "model":
      {"type": "BPE", "ignore_merges": )" +
                       std::string(ignore) + R"(, "vocab":
      {"a": 0, "b": 1, "c": 2, "ab": 3, "bc": 4, "abc": 5},
      "merges": ["b c", "a b", "ab c"]}})";
    return compileText(json, 6).tokenizer.encode(text);
  };
  EXPECT_EQ(encode("false", "abc"), (Ids{0, 4}));
  EXPECT_EQ(encode("true", "abc"), (Ids{5}));
  EXPECT_EQ(encode("false", "bc"), (Ids{4}));
}

TEST(CompileTokenizer, DropsOrKeepsWhatASplitSays) {
  auto encode = [&](const char *split) {
    return compileText(tiny(std::string(R"(, "pre_tokenizer":
      {"type": "Split", "pattern": )") +
                            split + "}"),
                       7)
        .tokenizer.encode("abaab");
  };
  EXPECT_EQ(encode(R"({"String": "b"}, "behavior": "Isolated")"),
            (Ids{2, 3, 2, 2, 3}));
  EXPECT_EQ(encode(R"({"String": "b"}, "behavior": "Removed")"),
            (Ids{2, 2, 2}));
  EXPECT_EQ(encode(R"({"Regex": "b+"}, "behavior": "Removed", "invert": true)"),
            (Ids{3, 3}));
  EXPECT_EQ(encode(R"({"String": "a"}, "behavior": "MergedWithNext")"),
            (Ids{4, 2, 4}));
  EXPECT_EQ(encode(R"({"String": "a"}, "behavior": "MergedWithPrevious")"),
            (Ids{2, 3, 2, 2, 3}));
}

TEST(CompileTokenizer, ComposesCharacters) {
  std::string json = tiny(R"(, "normalizer": {"type": "NFC"})");
  json.replace(json.find(R"("a": 2)"), 6, R"("é": 2, "가": 7, "a": 8)");
  Compiled c = compileText(json, 9);
  EXPECT_EQ(c.tokenizer.encode("e\u0301"), (Ids{2}));
  EXPECT_EQ(c.tokenizer.encode("\u1100\u1161"), (Ids{7}));
}

TEST(CompileTokenizer, ReadsEscapedCharactersOfAllPlanes) {
  std::string json = tiny();
  json.replace(json.find(R"("b": 3)"), 6,
               R"("\\ud840": 3, "\ud83d\ude00": 7, "\uD842\uDFB7": 8, "b": 9)");
  Compiled c = compileText(json, 10);
  EXPECT_EQ(c.tokenizer.encode("a😀𠮷"), (Ids{2, 7, 8}));
}

TEST(CompileTokenizer, KeepsNamesOfAddedTokensFromTheModel) {
  std::string json = tiny(R"(, "pre_tokenizer": {"type": "WhitespaceSplit"})");
  json.replace(json.find(R"("added_tokens": [)"), 17, R"("added_tokens": [
    {"id": 7, "content": "c", "single_word": true},)");
  Compiled c = compileText(json, 8);
  EXPECT_EQ(c.tokenizer.encode("c ac a"), (Ids{7, 2, 2}));
}

TEST(CompileTokenizer, ReadsVocabularyAndMerges) {
  const char *vocab = R"({"a": 0, "b": 1, "ab": 2, "Ġ": 3, "<e>": 4})";
  auto error = [&](const char *merges, const char *config) {
    TempDirectory directory;
    directory.write("vocab.json", vocab);
    directory.write("merges.txt", merges);
    if (config)
      directory.write("tokenizer_config.json", config);
    auto blob = frontends::compileTokenizer(directory.name(), 5);
    return blob ? "" : llvm::toString(blob.takeError());
  };
  const char *gpt2 = R"({"tokenizer_class": "GPT2Tokenizer"})";
  EXPECT_EQ(error("#version: 0.2\na b\r\n\n", gpt2), "");
  const std::tuple<const char *, const char *, const char *> bad[] = {
      {"a b", nullptr, "tokenizer_config.json: not found"},
      {"a b", "{}", "\"tokenizer_class\": nothing is not supported"},
      {"a b", R"({"tokenizer_class": "CLIPTokenizer"})",
       "\"CLIPTokenizer\" is not supported, expected tokenizer.json, or one of "
       "GPT2Tokenizer, Qwen2Tokenizer"},
      {"a b\nab", gpt2, "merges.txt: line 2: found 'ab', expected two tokens"},
      {"a c", gpt2, "merges.txt: line 1: names 'c', which is not in"},
      {"a b b", gpt2, "line 1: found 'a b b'"},
  };
  for (auto [merges, config, message] : bad)
    EXPECT_NE(error(merges, config).find(message), std::string::npos)
        << error(merges, config);
}

TEST(CompileTokenizer, NamesTheFilesItLookedFor) {
  TempDirectory directory;
  auto blob = frontends::compileTokenizer(directory.name(), 7);
  ASSERT_FALSE(blob);
  std::string error = llvm::toString(blob.takeError());
  for (const char *part :
       {"tokenizer.json", "tokenizer.model", "--no-tokenizer"})
    EXPECT_NE(error.find(part), std::string::npos) << error;
}

TEST(CompileTokenizer, ReadsSentencePieceAsTokenizerJsonSaysIt) {
  Compiled json = compileExample("tinystories-3m", 512);
  TempDirectory directory;
  directory.write("tokenizer.model", example("tinystories-3m/tokenizer.model"));
  Compiled model = compile(directory.name(), 512);
  // Its normalizer also collapses runs of spaces; hence none here.
  for (const char *text : {"Once upon a time", "naïve café ☕", "x\n\ny",
                           "One day, a big", "", "\x01\xff!"}) {
    EXPECT_EQ(model.tokenizer.encode(text), json.tokenizer.encode(text));
    EXPECT_EQ(model.tokenizer.decode(model.tokenizer.encode(text)), text);
  }
  EXPECT_EQ(model.tokenizer.encode("  a   cat "),
            model.tokenizer.encode("a cat"));
  EXPECT_EQ(model.tokenizer.bosToken(), 1);
  EXPECT_EQ(model.tokenizer.eosToken(), 2);
}

} // namespace
} // namespace setun
