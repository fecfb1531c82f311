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

using frontends::tokenizer::UnicodeForm;

struct Form {
  const char *name;
  UnicodeForm form;
};

class ComposeTest : public testing::TestWithParam<Form> {
protected:
  std::string compose(std::string_view text) const {
    runtime::Blob blob(reinterpret_cast<const uint8_t *>(compiled.blob.data()));
    return runtime::compose(blob, blob.data(blob.header().steps)[0], text);
  }
  static std::string expected(std::string_view text) {
    return frontends::tokenizer::composedText(text, GetParam().form);
  }

  Compiled compiled = compileText(std::string(R"({"normalizer": {"type": ")") +
                                      GetParam().name + R"("},
    "decoder": {"type": "Fuse"},
    "model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}})",
                                  1);
};

TEST_P(ComposeTest, EveryCharacterAloneAndAfterALetter) {
  for (uint32_t c = 1; c < 0x110000; ++c) {
    if (c >= 0xd800 && c < 0xe000)
      continue;
    std::string text;
    runtime::appendCodePoint(text, c);
    ASSERT_EQ(compose(text), expected(text)) << c;
    text = "e\u0323" + text + "x";
    ASSERT_EQ(compose(text), expected(text)) << c;
  }
}

TEST_P(ComposeTest, RandomRunsOfMarksAndSyllables) {
  const uint32_t starts[] = {0x41,   0x65,   0xa8,   0xe9,   0x300,  0x323,
                             0x5d0,  0x5b0,  0x915,  0x93c,  0x1100, 0x1161,
                             0x11a8, 0xac00, 0xac01, 0x1e00, 0x3099, 0x304b,
                             0x2126, 0xfb01, 0xff76};
  std::mt19937 random(9);
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (int k = random() % 8 + 1; k-- > 0;)
      runtime::appendCodePoint(text, starts[random() % std::size(starts)] +
                                         random() % 8);
    ASSERT_EQ(compose(text), expected(text)) << text;
  }
}

TEST_P(ComposeTest, LeavesDamageAlone) {
  EXPECT_EQ(compose("e\xff\u0301\xcc"), "e\xff\u0301\xcc");
  EXPECT_EQ(compose("\xed\xa0\x80 e\u0301"),
            "\xed\xa0\x80 " + expected("e\u0301"));
}

INSTANTIATE_TEST_SUITE_P(Forms, ComposeTest,
                         testing::Values(Form{"NFC", UnicodeForm::C},
                                         Form{"NFD", UnicodeForm::D},
                                         Form{"NFKC", UnicodeForm::KC},
                                         Form{"NFKD", UnicodeForm::KD}),
                         [](const auto &info) { return info.param.name; });

} // namespace
} // namespace setun
