//===- EncodeTest.cpp - Ids and texts of the example checkpoints ----------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tests/frontends/tokenizer/TestTokenizer.h"

#include <random>

namespace setun {

using namespace test;

namespace {

using Ids = std::vector<int32_t>;

struct Example {
  const char *name;
  uint32_t vocabSize;
};

class Examples : public testing::TestWithParam<Example> {
protected:
  Compiled compiled = compileExample(GetParam().name, GetParam().vocabSize);
  const runtime::Tokenizer &tokenizer = compiled.tokenizer;
};

TEST_P(Examples, TokenizeAsGolden) {
  auto golden = llvm::json::parse(
      example((llvm::Twine(GetParam().name) + "/golden.json").str()));
  ASSERT_TRUE(bool(golden));
  for (const llvm::json::Value &entry :
       *golden->getAsObject()->getArray("tokenize")) {
    Ids ids;
    for (const llvm::json::Value &id : *entry.getAsObject()->getArray("ids"))
      ids.push_back(*id.getAsInteger());
    std::string text = entry.getAsObject()->getString("text")->str();
    EXPECT_EQ(tokenizer.encode(text), ids) << text;
    EXPECT_EQ(tokenizer.decode(ids), text);
  }
}

std::string randomBytes(std::mt19937 &random, size_t most) {
  std::string text(random() % most, 0);
  for (char &c : text)
    c = random() % 3 ? "e th\n"[random() % 5] : char(random());
  return text;
}

TEST_P(Examples, GiveBackAnyBytes) {
  std::mt19937 random(1);
  for (int i = 0; i < 500; ++i) {
    std::string text = randomBytes(random, 60);
    EXPECT_EQ(tokenizer.decode(tokenizer.encode(text)), text);
  }
}

TEST_P(Examples, StreamWhatDecodeGives) {
  std::mt19937 random(2);
  for (int i = 0; i < 500; ++i) {
    Ids ids;
    for (int k = random() % 20; k-- > 0;)
      ids.push_back(int32_t(random() % (GetParam().vocabSize + 9)) - 4);
    runtime::StreamDecoder decoder(tokenizer);
    std::string text;
    for (int32_t id : ids)
      text += decoder.add(id);
    EXPECT_EQ(text + decoder.finish(), tokenizer.decode(ids));
  }
}

TEST_P(Examples, NeverStreamHalfACharacter) {
  std::string text = " ☕ naïve 漢字 😀!";
  runtime::StreamDecoder decoder(tokenizer);
  std::string streamed;
  for (int32_t id : tokenizer.encode(text)) {
    std::string part = decoder.add(id);
    EXPECT_TRUE(llvm::json::isUTF8(part));
    streamed += part;
  }
  EXPECT_EQ(streamed, text);
  EXPECT_EQ(decoder.finish(), "");
}

TEST_P(Examples, ParseSpecialTokensOnlyWhenAsked) {
  std::string bos(tokenizer.tokenText(tokenizer.bosToken()));
  Ids parsed = tokenizer.encode(bos, false, true);
  Ids plain = tokenizer.encode(bos, false, false);
  EXPECT_EQ(parsed, (Ids{tokenizer.bosToken()}));
  EXPECT_GT(plain.size(), 1u);
  EXPECT_EQ(tokenizer.decode(plain), bos);
  EXPECT_EQ(tokenizer.decode(parsed), "");
  EXPECT_EQ(tokenizer.decode(parsed, /*showSpecial=*/true), bos);
}

TEST_P(Examples, TakeLongTextsWithoutSpaces) {
  std::mt19937 random(5);
  std::string text(1 << 20, 'a');
  for (char &c : text)
    c = "abehnot"[random() % 7];
  EXPECT_EQ(tokenizer.decode(tokenizer.encode(text)), text);
  std::string spaces(1 << 20, ' ');
  EXPECT_EQ(tokenizer.decode(tokenizer.encode(spaces)), spaces);
}

TEST_P(Examples, KeepPlainSpansText) {
  std::string bos(tokenizer.tokenText(tokenizer.bosToken()));
  std::string text = bos + "One " + bos + " day " + bos;
  size_t second = bos.size() + 4, third = text.size() - bos.size();
  auto solid = [](std::string all) {
    std::erase(all, ' ');
    return all;
  };
  auto count = [&](std::vector<runtime::TextSpan> plain) {
    Ids ids = tokenizer.encode(text, plain);
    // Legacy tokenizers put a space behind a special token.
    EXPECT_EQ(solid(tokenizer.decode(ids, /*showSpecial=*/true)), solid(text));
    return std::count(ids.begin(), ids.end(), tokenizer.bosToken());
  };
  EXPECT_EQ(tokenizer.encode(text, std::vector<runtime::TextSpan>()),
            tokenizer.encode(text, /*addSpecial=*/false));
  EXPECT_EQ(count({}), 3);
  EXPECT_EQ(count({{second, second + bos.size()}}), 2);
  EXPECT_EQ(count({{second + 1, second + 2}}), 2);
  EXPECT_EQ(count({{bos.size(), second}, {second + bos.size(), third}}), 3);
  EXPECT_EQ(count({{0, text.size()}}), 0);
}

INSTANTIATE_TEST_SUITE_P(
    All, Examples,
    testing::Values(Example{"tinystories-3m", 512},
                    Example{"shakespeare-relu2/packed", 1024},
                    Example{"shakespeare-relu2/master", 1024}),
    [](const auto &info) {
      std::string name = info.param.name;
      std::replace_if(
          name.begin(), name.end(), [](char c) { return !isalnum(c); }, '_');
      return name;
    });

TEST(StreamDecoder, KeepsTheSpaceWhenTextGoesOn) {
  Compiled c = compileExample("tinystories-3m", 512);
  Ids ids = c.tokenizer.encode("upon", /*addSpecial=*/false);
  runtime::StreamDecoder start(c.tokenizer), later(c.tokenizer, false);
  std::string first, next;
  for (int32_t id : ids) {
    first += start.add(id);
    next += later.add(id);
  }
  EXPECT_EQ(first, "upon");
  EXPECT_EQ(next, " upon");
}

TEST(Tokenizer, RefusesTablesThatAreCutOrOlder) {
  Compiled c = compileExample("tinystories-3m", 512);
  std::vector<uint64_t> aligned(c.blob.size() / 8 + 1);
  auto *bytes = reinterpret_cast<uint8_t *>(aligned.data());
  memcpy(bytes, c.blob.data(), c.blob.size());
  size_t size = c.blob.size();
  EXPECT_TRUE(runtime::Tokenizer::valid(bytes, size));
  EXPECT_FALSE(runtime::Tokenizer::valid(bytes, size - 1));
  EXPECT_FALSE(runtime::Tokenizer::valid(bytes, 16));
  EXPECT_FALSE(runtime::Tokenizer::valid(bytes + 4, size));
  auto *header = reinterpret_cast<abi::TokenizerHeader *>(bytes);
  header->pairs.offset += 1ull << 40;
  EXPECT_FALSE(runtime::Tokenizer::valid(bytes, size));
  header->pairs.offset -= 1ull << 40;
  header->version += 1;
  EXPECT_FALSE(runtime::Tokenizer::valid(bytes, size));
}

} // namespace
} // namespace setun
