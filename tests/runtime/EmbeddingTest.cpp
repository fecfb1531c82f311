//===- EmbeddingTest.cpp --------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/commands/Embedding.h"

#include "gtest/gtest.h"

using namespace setun::runtime;
using Row = std::vector<float>;

TEST(Embedding, PoolsTokens) {
  Row rows = {1, 2, 3, 4, 8, 9};
  EXPECT_EQ(pool(rows, 2, "mean"), (Row{4, 5}));
  EXPECT_EQ(pool(rows, 2, "cls"), (Row{1, 2}));
  EXPECT_EQ(pool(rows, 2, "last"), (Row{8, 9}));
  EXPECT_EQ(pool(rows, 2, "none"), rows);
}

TEST(Embedding, Normalizes) {
  auto normalized = [](Row x, int kind) {
    normalize(x, kind);
    return x;
  };
  EXPECT_EQ(normalized({3, -4}, -1), (Row{3, -4}));
  EXPECT_EQ(normalized({2, -4}, 0), (Row{16380, -32760}));
  EXPECT_EQ(normalized({3, -1}, 1), (Row{0.75f, -0.25f}));
  EXPECT_EQ(normalized({3, -4}, 2), (Row{3 * 0.2f, -4 * 0.2f}));
  EXPECT_EQ(normalized({0, 0}, 2), (Row{0, 0}));
}

static std::string printed(const Embeddings &e, std::string_view format) {
  testing::internal::CaptureStdout();
  printEmbeddings(e, format);
  return testing::internal::GetCapturedStdout();
}

TEST(Embedding, PrintsAsLlamaDoes) {
  Embeddings e = {{0.6f, 0.8f, 0, 1}, 2, {"one", "another"}, false};
  EXPECT_EQ(printed(e, "array"), "[[0.6000000,0.8000000],[0.0000000,1.0000000]]"
                                 "\n");
  EXPECT_EQ(printed(e, "text"),
            "embedding 0:  0.600000  0.800000 \n"
            "embedding 1:  0.000000  1.000000 \n"
            "\ncosine similarity matrix:\n\n"
            "   one anothe \n  1.00   0.80 one\n  0.80   1.00 another\n");
  EXPECT_EQ(printed(e, "json+"),
            "{\n  \"object\": \"list\",\n  \"data\": [\n"
            "    {\n      \"object\": \"embedding\",\n      \"index\": 0,\n"
            "      \"embedding\": [0.6000000,0.8000000]\n    },\n"
            "    {\n      \"object\": \"embedding\",\n      \"index\": 1,\n"
            "      \"embedding\": [0.0000000,1.0000000]\n    }\n  ],\n"
            "  \"cosineSimilarity\": [\n    [  1.00,   0.80 ],\n"
            "    [  0.80,   1.00 ]\n  ]\n}\n");
  e = {{3, -4}, 2, {"one"}, true};
  EXPECT_EQ(printed(e, "text"), "embedding 0:      3     -4 \n");
  EXPECT_EQ(printed(e, "json+").find("cosine"), std::string::npos);
}
