//===- CheckpointTest.cpp -------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/safetensors/Checkpoint.h"

#include "tests/frontends/safetensors/Files.h"

#include "gtest/gtest.h"

#include <fstream>
#include <unistd.h>

using namespace setun::frontends;

namespace {

struct CheckpointTest : testing::Test {
  CheckpointTest() { dir.write("config.json", R"({"a": 1})"); }

  auto open() { return Checkpoint::open(dir.path); }

  /// Shards "one" with x, "two" with y, and an index with this weight_map.
  void writeShards(const std::string &map) {
    dir.write("one.safetensors", safetensors({{"x", "U8", {1}, "1"}}));
    dir.write("two.safetensors", safetensors({{"y", "U8", {2}, "22"}}));
    dir.write("model.safetensors.index.json", R"({"weight_map":)" + map + "}");
  }

  TempDirectory dir;
};

} // namespace

TEST_F(CheckpointTest, OpensOneFile) {
  dir.write("model.safetensors",
            safetensors({{"b", "U8", {2}, "bb"}, {"a", "U8", {1}, "a"}}));
  dir.write("generation_config.json", R"({"g": 2})");
  dir.write("optimizer.pt", "left alone");
  auto checkpoint = llvm::cantFail(open());
  EXPECT_EQ(checkpoint.config().getInteger("a"), 1);
  EXPECT_EQ(checkpoint.generationConfig()->getInteger("g"), 2);
  ASSERT_EQ(checkpoint.tensors().size(), 2u);
  EXPECT_EQ(checkpoint.tensors()[0].name, "a");
  EXPECT_EQ(checkpoint.bytes(*checkpoint.find("b")), "bb");
  EXPECT_EQ(checkpoint.find("aa"), nullptr);
}

TEST_F(CheckpointTest, OpensShards) {
  writeShards(R"({"x":"one.safetensors","y":"two.safetensors"})");
  auto checkpoint = llvm::cantFail(open());
  EXPECT_EQ(checkpoint.generationConfig(), nullptr);
  EXPECT_EQ(checkpoint.files().size(), 2u);
  EXPECT_EQ(checkpoint.bytes(*checkpoint.find("x")), "1");
  EXPECT_EQ(checkpoint.bytes(*checkpoint.find("y")), "22");
}

/// Which pages of the process's address space are in memory, in KiB.
static long residentKib() {
  long total = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

TEST_F(CheckpointTest, ReleasesMemoryAndReadsAgain) {
  constexpr int64_t kBytes = 64 << 20;
  std::string large(kBytes, 'x');
  dir.write("model.safetensors",
            safetensors({{"a", "U8", {1}, "a"}, {"b", "U8", {kBytes}, large}}));
  auto checkpoint = llvm::cantFail(open());
  const TensorInfo *tensor = checkpoint.find("b");
  EXPECT_EQ(checkpoint.bytes(*tensor), large);
  long before = residentKib();
  checkpoint.release(*tensor);
  EXPECT_LT(residentKib(), before - kBytes / 1024 / 2);
  EXPECT_EQ(checkpoint.bytes(*tensor), large);
  EXPECT_EQ(checkpoint.bytes(*checkpoint.find("a")), "a");
}

TEST_F(CheckpointTest, NamesAllMissingShards) {
  writeShards(R"({"x":"one.safetensors","y":"3.safetensors",)"
              R"("z":"4.safetensors"})");
  std::string message = messageOf(open());
  EXPECT_NE(message.find("/3.safetensors: missing"), std::string::npos);
  EXPECT_NE(message.find("/4.safetensors: missing"), std::string::npos);
}

TEST_F(CheckpointTest, ComparesIndexAndShards) {
  writeShards(R"({"x":"two.safetensors","y":"two.safetensors",)"
              R"("z":"one.safetensors"})");
  std::string message = messageOf(open());
  for (std::string part : {"one.safetensors: tensor 'x' is not listed",
                           "two.safetensors: tensor 'x' is missing",
                           "one.safetensors: tensor 'z' is missing"})
    EXPECT_NE(message.find(part), std::string::npos) << message;
}

TEST_F(CheckpointTest, RefusesATensorInTwoShards) {
  writeShards(R"({"x":"one.safetensors","y":"two.safetensors"})");
  dir.write("two.safetensors",
            safetensors({{"y", "U8", {1}, "2"}, {"x", "U8", {1}, "2"}}));
  EXPECT_MESSAGE(open(), "two.safetensors: tensor 'x' is not listed");
}

TEST_F(CheckpointTest, KeepsTheIndexInItsDirectory) {
  for (std::string shard :
       {R"("../one.safetensors")", R"("/etc/passwd")", R"("a\\b")", R"("..")",
        R"("")", R"("a\u0000")", "7", "null"}) {
    writeShards("{\"x\":" + shard + "}");
    EXPECT_MESSAGE(open(), "expected the name of a file in the same directory");
  }
  writeShards("[]");
  EXPECT_MESSAGE(open(), "no object 'weight_map'");
}

TEST_F(CheckpointTest, SaysWhatToDoWithoutSafetensors) {
  EXPECT_MESSAGE(open(), "found no weights");
  dir.write("m.safetensors", "");
  EXPECT_MESSAGE(open(), "neither model.safetensors nor");
  dir.write("pytorch_model.bin", "");
  EXPECT_MESSAGE(open(), "safe_serialization=True");
  EXPECT_MESSAGE(Checkpoint::open(dir.path + "/none"), "no such file");
  EXPECT_MESSAGE(Checkpoint::open(dir.path + "/config.json"),
                 "expected a Hugging Face checkpoint");
  TempDirectory other;
  EXPECT_MESSAGE(Checkpoint::open(other.path), "config.json: No such file");
  other.write("model.gguf", "GGUF");
  EXPECT_MESSAGE(Checkpoint::open(other.path), "GGUF file, which is not");
}

TEST_F(CheckpointTest, ListsAllDamagedFiles) {
  dir.write("config.json", "[]");
  dir.write("generation_config.json", std::string(1000, '['));
  dir.write("model.safetensors", "version https://git-lfs.github.com/spec/v1");
  std::string message = messageOf(open());
  for (std::string part : {"/config.json: expected a JSON object",
                           "/generation_config.json: JSON is nested",
                           "/model.safetensors: found a git-LFS pointer"})
    EXPECT_NE(message.find(part), std::string::npos) << message;
}
