//===- ComposeTest.cpp - Form C against utf8proc --------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/tokenizer/Normalize.h"
#include "runtime/tokenizer/Utf8.h"
#include "tests/frontends/tokenizer/TestTokenizer.h"

#include "frontends/tokenizer/Composition.h"

#include <random>

namespace setun {

using namespace test;

namespace {

class ComposeTest : public testing::Test {
protected:
  std::string compose(std::string_view text) const {
    return runtime::compose(
        runtime::Blob(reinterpret_cast<const uint8_t *>(compiled.blob.data())),
        text);
  }

  Compiled compiled = compileText(R"({"normalizer": {"type": "NFC"},
    "decoder": {"type": "Fuse"},
    "model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}})",
                                  1);
};

TEST_F(ComposeTest, EveryCharacterAloneAndAfterALetter) {
  for (uint32_t c = 1; c < 0x110000; ++c) {
    if (c >= 0xd800 && c < 0xe000)
      continue;
    std::string text;
    runtime::appendCodePoint(text, c);
    ASSERT_EQ(compose(text), frontends::tokenizer::composedText(text)) << c;
    text = "e\u0323" + text;
    ASSERT_EQ(compose(text), frontends::tokenizer::composedText(text)) << c;
  }
}

TEST_F(ComposeTest, RandomRunsOfMarksAndSyllables) {
  const uint32_t starts[] = {0x41,   0x65,   0xe9,   0x300,  0x323,  0x5d0,
                             0x5b0,  0x915,  0x93c,  0x1100, 0x1161, 0x11a8,
                             0xac00, 0xac01, 0x1e00, 0x3099, 0x304b, 0x2126};
  std::mt19937 random(9);
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (int k = random() % 8 + 1; k-- > 0;)
      runtime::appendCodePoint(text, starts[random() % std::size(starts)] +
                                         random() % 8);
    ASSERT_EQ(compose(text), frontends::tokenizer::composedText(text)) << text;
  }
}

TEST_F(ComposeTest, LeavesDamageAlone) {
  EXPECT_EQ(compose("e\xff\u0301\xcc"), "e\xff\u0301\xcc");
  EXPECT_EQ(compose("\xed\xa0\x80 e\u0301"), "\xed\xa0\x80 \u00e9");
}

} // namespace
} // namespace setun
