//===- MergeTest.cpp - The heap against the definition --------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/tokenizer/Merge.h"
#include "tests/frontends/tokenizer/TestTokenizer.h"

#include <random>

namespace setun {

using namespace test;

namespace {

/// Merges as the definition says: look at all pairs, join the best, again.
void mergeSlowly(runtime::Blob blob, std::vector<uint32_t> &symbols) {
  for (;;) {
    const abi::PairSlot *best = nullptr;
    size_t at = 0;
    for (size_t i = 0; i + 1 < symbols.size(); ++i) {
      const abi::PairSlot *pair = blob.findPair(symbols[i], symbols[i + 1]);
      if (pair && (!best || pair->rank < best->rank)) {
        best = pair;
        at = i;
      }
    }
    if (!best)
      return;
    symbols[at] = best->merged;
    symbols.erase(symbols.begin() + at + 1);
  }
}

class MergeTest
    : public testing::TestWithParam<std::pair<const char *, uint32_t>> {};

TEST_P(MergeTest, AgreesWithTheDefinition) {
  auto [name, vocabSize] = GetParam();
  Compiled c = compileExample(name, vocabSize);
  runtime::Blob blob(reinterpret_cast<const uint8_t *>(c.blob.data()));
  runtime::Merger merger(blob);
  std::mt19937 random(11);
  for (int i = 0; i < 2000; ++i) {
    // Few different symbols, so that pairs overlap: "aaaa", "heheh".
    uint32_t base = random() % vocabSize;
    std::vector<uint32_t> symbols(random() % 40);
    for (uint32_t &symbol : symbols)
      symbol = random() % 4 ? blob.findPiece(std::string(
                                  1, "ehtnado"[(base + random() % 3) % 7]))
                            : random() % vocabSize;
    std::vector<uint32_t> expected = symbols;
    mergeSlowly(blob, expected);
    merger.run(symbols);
    EXPECT_EQ(symbols, expected);
  }
}

INSTANTIATE_TEST_SUITE_P(Examples, MergeTest,
                         testing::Values(std::pair("tinystories-3m", 512u),
                                         std::pair("shakespeare-relu2/packed",
                                                   1024u)));

} // namespace
} // namespace setun
