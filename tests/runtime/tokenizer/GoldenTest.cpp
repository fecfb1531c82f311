//===- GoldenTest.cpp - Small tokenizers of every kind --------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// golden/ and its ids were made by tests/tools/make_tokenizers.py from Hugging
// Face's tokenizers and SentencePiece.

#include "tests/frontends/tokenizer/TestTokenizer.h"

#include "runtime/tokenizer/Utf8.h"

#include <random>
#include <set>

namespace setun {

using namespace test;

namespace {

using Ids = std::vector<int32_t>;

constexpr uint32_t kVocabSize = 512;

class Golden : public testing::TestWithParam<const char *> {
protected:
  std::string path(llvm::StringRef file = "") const {
    return (llvm::Twine(SETUN_SOURCE_DIR "/tests/runtime/tokenizer/golden/") +
            GetParam() + "/" + file)
        .str();
  }

  Compiled compiled = compile(path(), kVocabSize);
  const runtime::Tokenizer &tokenizer = compiled.tokenizer;
};

TEST_P(Golden, IdsAreTheLibraries) {
  auto golden = llvm::json::parse(readFile(path("golden.json")));
  ASSERT_TRUE(bool(golden));
  EXPECT_GE(golden->getAsArray()->size(), 25u);
  for (const llvm::json::Value &entry : *golden->getAsArray()) {
    Ids ids;
    for (const llvm::json::Value &id : *entry.getAsObject()->getArray("ids"))
      ids.push_back(*id.getAsInteger());
    std::string text = entry.getAsObject()->getString("text")->str();
    EXPECT_EQ(tokenizer.encode(text), ids) << text;
  }
}

TEST_P(Golden, AnyBytesBecomeIds) {
  std::mt19937 random(1);
  for (int i = 0; i < 300; ++i) {
    std::string text(random() % 60, 0);
    for (char &c : text)
      c = random() % 3 ? "e th\n"[random() % 5] : char(random());
    for (int32_t id : tokenizer.encode(text))
      EXPECT_LT(uint32_t(id), tokenizer.numTokens());
  }
}

/// Where characters start, or bytes that belong to none.
std::set<size_t> borders(std::string_view text) {
  std::set<size_t> result = {0};
  for (size_t at = 0; at < text.size(); result.insert(at))
    at += runtime::readCodePoint(text.substr(at)).bytes;
  return result;
}

TEST_P(Golden, NoPartEndsInsideACharacter) {
  std::mt19937 random(2);
  for (int i = 0; i < 500; ++i) {
    Ids ids;
    for (int k = random() % 20; k-- > 0;)
      ids.push_back(random() % kVocabSize);
    const std::string whole = tokenizer.decode(ids);
    const std::set<size_t> starts = borders(whole);
    runtime::StreamDecoder decoder(tokenizer);
    std::string text;
    for (int32_t id : ids) {
      text += decoder.add(id);
      EXPECT_TRUE(starts.count(text.size())) << whole << " " << text.size();
    }
    EXPECT_EQ(text + decoder.finish(), whole);
  }
}

INSTANTIATE_TEST_SUITE_P(All, Golden,
                         testing::Values("anchors", "bpe-rules", "cased",
                                         "cl100k", "deepseek", "falcon",
                                         "gemma", "gpt2", "han", "o200k",
                                         "qwen2", "roberta", "t5", "unigram",
                                         "unigram-bytes", "unigram-first",
                                         "unigram-plain", "words"),
                         [](const auto &info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

} // namespace
} // namespace setun
