//===- VectorsTest.cpp - The public vectors of real vocabularies ----------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Registered only where the shared data lie beside the repository: the
// vocabularies may not be copied into it.

#include "tests/frontends/tokenizer/TestTokenizer.h"

namespace setun {

using namespace test;

namespace {

struct Vectors {
  const char *directory, *file;
  const char *as; ///< the name that compileTokenizer expects
  const char *vectors;
  uint32_t vocabSize;
};

const std::string kData = SETUN_SHARED_DATA "/tokenizers/";

class VectorsTest : public testing::TestWithParam<Vectors> {};

TEST_P(VectorsTest, AllEqual) {
  Vectors v = GetParam();
  TempDirectory directory;
  directory.write(v.as, readFile(kData + v.directory + "/" + v.file));
  Compiled c = compile(directory.name(), v.vocabSize);

  std::string base =
      kData + "ggml-vocab/ggml-vocab-" + std::string(v.vectors) + ".gguf";
  std::string inputs = readFile(base + ".inp"),
              outputs = readFile(base + ".out");
  llvm::SmallVector<llvm::StringRef> texts, lines;
  llvm::StringRef(inputs).split(texts, "\n__ggml_vocab_test__\n");
  llvm::StringRef(outputs).split(lines, '\n');
  ASSERT_EQ(texts.size(), 47u);
  ASSERT_GE(lines.size(), 47u);
  for (size_t i = 0; i < texts.size(); ++i) {
    std::string ids;
    for (int32_t id : c.tokenizer.encode(texts[i], /*addSpecial=*/false))
      ids += " " + std::to_string(id);
    EXPECT_EQ(ids, lines[i].rtrim().str()) << texts[i].str();
    EXPECT_EQ(c.tokenizer.decode(c.tokenizer.encode(texts[i])), texts[i].str());
  }
}

INSTANTIATE_TEST_SUITE_P(
    Ggml, VectorsTest,
    testing::Values(Vectors{"llama3", "tokenizer.json", "tokenizer.json",
                            "llama-bpe", 128256},
                    Vectors{"llama2", "tokenizer.json", "tokenizer.json",
                            "llama-spm", 32000},
                    Vectors{"llama2", "tokenizer.model", "tokenizer.model",
                            "llama-spm", 32000},
                    Vectors{"qwen", "tokenizer.json", "tokenizer.json", "qwen2",
                            151936},
                    Vectors{"gpt-neox", "20B_tokenizer.rwkv-extra-tokens.json",
                            "tokenizer.json", "mpt", 65536}));

TEST(Texts, ComeBackWhole) {
  for (const char *name : {"llama3", "llama2"}) {
    Compiled c = compile(kData + name, 128256);
    for (const char *file : {"tinyshakespeare.txt", "botchan.txt"}) {
      std::string text =
          readFile(llvm::Twine(SETUN_SHARED_DATA "/text/") + file);
      EXPECT_TRUE(c.tokenizer.decode(c.tokenizer.encode(text)) == text)
          << name << " " << file;
    }
  }
}

} // namespace
} // namespace setun
