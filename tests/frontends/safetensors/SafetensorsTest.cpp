//===- SafetensorsTest.cpp ------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/safetensors/Safetensors.h"

#include "tests/frontends/safetensors/Files.h"

#include "gtest/gtest.h"

using namespace setun::frontends;

/// Reads one tensor "w" with this dtype, shape and range, and 8 payload bytes.
static auto readOne(const std::string &dtype, const std::string &shape,
                    const std::string &range) {
  return readSafetensors(
      rawSafetensors(R"({"w":{"dtype":")" + dtype + R"(","shape":)" + shape +
                         R"(,"data_offsets":)" + range + "}}",
                     "12345678"),
      "f");
}

TEST(Safetensors, ReadsNamesShapesAndRanges) {
  std::string file = safetensors({{"a", "BF16", {2, 3}, std::string(12, 'a')},
                                  {"b", "F32", {}, std::string(4, 'b')},
                                  {"none", "U8", {0, 9}, ""}});
  auto tensors = llvm::cantFail(readSafetensors(file, "f", 7));
  ASSERT_EQ(tensors.size(), 3u);
  const TensorInfo &a = tensors[0], &b = tensors[1], &none = tensors[2];
  EXPECT_EQ(a.name, "a");
  EXPECT_EQ(a.dtype, DType::BF16);
  EXPECT_EQ(a.file, 7u);
  EXPECT_EQ(describe(a), "BF16 [2, 3]");
  EXPECT_EQ(file.substr(a.offset, a.bytes), std::string(12, 'a'));
  EXPECT_EQ(file.substr(b.offset, b.bytes), "bbbb");
  EXPECT_EQ(describe(b), "F32 []");
  EXPECT_EQ(none.bytes, 0u);
}

TEST(Safetensors, ReadsAnEmptyFileWithMetadataAndPadding) {
  EXPECT_MESSAGE(readSafetensors(rawSafetensors("{}  "), "f"), "");
  auto tensors = llvm::cantFail(
      readSafetensors(rawSafetensors(R"({"__metadata__":{"a":"b"}})"), "f"));
  EXPECT_TRUE(tensors.empty());
  EXPECT_MESSAGE(
      readSafetensors(rawSafetensors(R"({"__metadata__":{"a":1}})"), "f"),
      "'__metadata__' is not a map of strings");
}

TEST(Safetensors, RefusesLyingLengths) {
  EXPECT_MESSAGE(readSafetensors("", "f"), "f: found an empty file, too few");
  EXPECT_MESSAGE(readSafetensors("1234567", "f"), "found 7 bytes");
  std::string file = rawSafetensors("{}");
  EXPECT_MESSAGE(readSafetensors(file.substr(0, 9), "f"),
                 "header length is 2, but only 1 bytes follow");
  file.replace(0, 8, 8, '\xff');
  EXPECT_MESSAGE(readSafetensors(file, "f"), "18446744073709551615");
}

TEST(Safetensors, RefusesBadJson) {
  auto read = [](const std::string &header) {
    return readSafetensors(rawSafetensors(header), "f");
  };
  EXPECT_MESSAGE(read("{"), "f: not valid JSON");
  EXPECT_MESSAGE(read("[]"), "not a JSON object");
  EXPECT_MESSAGE(read("{\"\xff\":1}"), "not valid JSON");
  EXPECT_MESSAGE(read(std::string(100000, '[')), "nested 100000 deep");
  EXPECT_MESSAGE(read(R"({"w":3})"), "tensor 'w': expected an object");
  EXPECT_MESSAGE(read(R"({"w":{"dtype":"U8","shape":[0]}})"),
                 "expected an object");
}

TEST(Safetensors, RefusesKeysGivenTwice) {
  std::string entry = R"("w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
  std::string escaped = entry;
  escaped.replace(1, 1, "\\u0077");
  for (const std::string &second : {entry, escaped})
    EXPECT_MESSAGE(
        readSafetensors(rawSafetensors("{" + entry + "," + second + "}"), "f"),
        "same key twice");
  entry.insert(5, R"("dtype":"I8",)");
  EXPECT_MESSAGE(readSafetensors(rawSafetensors("{" + entry + "}"), "f"),
                 "same key twice");
}

TEST(Safetensors, RefusesBadTypesShapesAndRanges) {
  EXPECT_MESSAGE(readOne("F32", "[2]", "[0,8]"), "");
  EXPECT_MESSAGE(readOne("F33", "[2]", "[0,8]"), "dtype 'F33' is not known");
  EXPECT_MESSAGE(readOne("F32", "[-2]", "[0,8]"), "shape has -2");
  EXPECT_MESSAGE(readOne("F32", "[1.5]", "[0,8]"), "shape has 1.5");
  EXPECT_MESSAGE(readOne("F32", "3", "[0,8]"), "no list 'shape'");
  EXPECT_MESSAGE(readOne("U8", "[1,1,1,1,1,1,1,1,8]", "[0,8]"), "9 dimensions");
  EXPECT_MESSAGE(readOne("F32", "[3]", "[0,8]"),
                 "span 8 bytes, F32 [3] needs 12");
  // 2^32 · 2^32 · 1 and 2^62 · 4 wrap to 0.
  EXPECT_MESSAGE(readOne("U8", "[4294967296,4294967296]", "[0,0]"),
                 "larger than any file");
  EXPECT_MESSAGE(readOne("F32", "[4611686018427387904]", "[0,0]"),
                 "larger than any file");
  EXPECT_MESSAGE(readOne("U8", "[8]", "[8,0]"), "not an ascending pair");
  EXPECT_MESSAGE(readOne("U8", "[8]", "[-8,0]"), "not an ascending pair");
  EXPECT_MESSAGE(readOne("U8", "[8]", "[0]"), "no pair 'data_offsets'");
  EXPECT_MESSAGE(readOne("U8", "[9]", "[0,9]"),
                 "f: the payload has 8 bytes, but the header promises 9, the "
                 "end of tensor 'w'; the file is cut short");
  EXPECT_MESSAGE(readOne("U8", "[7]", "[0,7]"),
                 "f: the payload has 8 bytes, but the header promises 7; the "
                 "file has trailing bytes");
  EXPECT_MESSAGE(
      readOne("U8", "[7]", "[18446744073709551608,18446744073709551615]"),
      "payload has 8 bytes, but the header promises 18446744073709551615");
}

TEST(Safetensors, TellsOnceThatTheFileIsCutShort) {
  std::vector<Tensor> tensors;
  for (int i = 0; i < 30; ++i)
    tensors.push_back({"w" + std::to_string(i), "U8", {4}, "1234"});
  std::string file = safetensors(tensors);
  std::string message =
      messageOf(readSafetensors(file.substr(0, file.size() - 100), "f"));
  EXPECT_EQ(llvm::StringRef(message).rtrim().count('\n'), 0u) << message;
  EXPECT_NE(message.find("has 20 bytes, but the header promises 120"),
            std::string::npos)
      << message;
}

TEST(Safetensors, RefusesHolesOverlapsAndRests) {
  auto read = [](const std::string &first, const std::string &second) {
    std::string dtype = R"({"dtype":"U8","shape":[4],"data_offsets":)";
    return readSafetensors(rawSafetensors("{\"a\":" + dtype + first +
                                              "},\"b\":" + dtype + second +
                                              "}}",
                                          "123456789"),
                           "f");
  };
  EXPECT_MESSAGE(read("[0,4]", "[3,7]"),
                 "tensor 'b' starts at byte 3 of the "
                 "payload, expected 4: tensors overlap");
  EXPECT_MESSAGE(read("[5,9]", "[0,4]"), "tensor 'a' starts at byte 5 of the "
                                         "payload, expected 4: bytes belong");
  EXPECT_MESSAGE(read("[0,4]", "[0,4]"), "tensors overlap");
  EXPECT_MESSAGE(read("[0,4]", "[4,8]"), "the file has trailing bytes");
}

TEST(Safetensors, ListsAllBadTensors) {
  std::string message = messageOf(readSafetensors(
      rawSafetensors(R"({"a":1,"b":{},"ok":{"dtype":"U8","shape":[0],)"
                     R"("data_offsets":[0,0]}})"),
      "f"));
  EXPECT_EQ(message.substr(0, 13), "f: tensor 'a'");
  EXPECT_NE(message.find("\nf: tensor 'b'"), std::string::npos);
  EXPECT_EQ(message.find("ok"), std::string::npos);
}
