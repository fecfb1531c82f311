//===- CheckpointTest.cpp -------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/safetensors/Checkpoint.h"

#include "tests/frontends/safetensors/Files.h"

#include "gtest/gtest.h"

#include <filesystem>
#include <fstream>
#include <sys/stat.h>
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
  EXPECT_NE(message.find(": 2 of 3 shards are missing"), std::string::npos);
  EXPECT_NE(message.find("/3.safetensors: missing"), std::string::npos);
  EXPECT_NE(message.find("/4.safetensors: missing"), std::string::npos);
}

TEST_F(CheckpointTest, ComparesIndexAndShards) {
  writeShards(R"({"x":"two.safetensors","y":"two.safetensors",)"
              R"("z":"one.safetensors"})");
  std::string message = messageOf(open());
  for (std::string part :
       {"index.json: tensor 'x' is listed in two.safetensors, but lies in "
        "one.safetensors",
        "one.safetensors: tensor 'z' is missing; model.safetensors.index.json"})
    EXPECT_NE(message.find(part), std::string::npos) << message;
}

TEST_F(CheckpointTest, RefusesATensorInTwoShards) {
  writeShards(R"({"x":"one.safetensors","y":"two.safetensors"})");
  dir.write("two.safetensors",
            safetensors({{"y", "U8", {1}, "2"}, {"x", "U8", {1}, "2"}}));
  EXPECT_MESSAGE(open(), "two.safetensors: tensor 'x' is in one.safetensors");
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
  dir.write("pytorch_model-00001-of-00002.bin", "");
  EXPECT_MESSAGE(open(), "found pytorch_model-00001-of-00002.bin, expected");
  EXPECT_MESSAGE(open(), "safe_serialization=True");
  EXPECT_MESSAGE(Checkpoint::open(dir.path + "/none"), "no such file");
  EXPECT_MESSAGE(Checkpoint::open(dir.path + "/config.json"),
                 "expected a Hugging Face checkpoint");
  TempDirectory other;
  EXPECT_MESSAGE(Checkpoint::open(other.path), "config.json: No such file");
  other.write("model.gguf", "GGUF");
  EXPECT_MESSAGE(Checkpoint::open(other.path), "GGUF file, which is not");
}

TEST_F(CheckpointTest, NamesWhatIsThereInstead) {
  for (auto [file, part] :
       {std::pair{"consolidated.00.pth", "not those of transformers"},
        {"consolidated.safetensors", "not those of transformers"},
        {"tf_model.h5", "of TensorFlow"},
        {"flax_model.msgpack", "of Flax"},
        {"adapter_model.safetensors", "belongs to a LoRA adapter"}}) {
    TempDirectory other;
    other.write("config.json", "{}");
    other.write(file, "");
    EXPECT_MESSAGE(Checkpoint::open(other.path), part);
    EXPECT_MESSAGE(Checkpoint::open(other.path), std::string("found ") + file);
  }
}

TEST_F(CheckpointTest, NamesSubfoldersWithModels) {
  for (std::string folder : {"checkpoint-500", "checkpoint-1000", "runs"}) {
    std::filesystem::create_directory(dir.path + "/" + folder);
    dir.write(folder + "/config.json", "{}");
    if (folder != "runs")
      dir.write(folder + "/model.safetensors", "");
  }
  EXPECT_MESSAGE(open(), "a model lies in checkpoint-1000, checkpoint-500: "
                         "compile one of these");
}

TEST_F(CheckpointTest, IgnoresWhatTrainersLeave) {
  dir.write("model.safetensors", safetensors({{"a", "U8", {1}, "a"}}));
  for (const char *file :
       {"optimizer.pt", "scheduler.pt", "rng_state.pth", "trainer_state.json",
        "training_args.bin", "pytorch_model.bin", "consolidated.safetensors",
        "model-00001-of-00003.safetensors", "README.md", "m.gguf"})
    dir.write(file, "{ damaged");
  std::filesystem::create_directories(dir.path + "/checkpoint-500/original");
  EXPECT_EQ(llvm::cantFail(open()).tensors().size(), 1u);
  dir.write("adapter_config.json", "{}");
  EXPECT_MESSAGE(open(), "adapter_config.json: found a LoRA adapter beside");
}

TEST_F(CheckpointTest, OpensShardsWithoutAnIndex) {
  dir.write("model-00001-of-00002.safetensors",
            safetensors({{"x", "U8", {1}, "1"}}));
  EXPECT_MESSAGE(open(), "1 of 2 shards are missing");
  EXPECT_MESSAGE(open(), "model-00002-of-00002.safetensors: missing");
  dir.write("model-00002-of-00002.safetensors",
            safetensors({{"y", "U8", {1}, "2"}}));
  EXPECT_EQ(llvm::cantFail(open()).tensors().size(), 2u);
  dir.write("model-00002-of-00002.safetensors",
            safetensors({{"x", "U8", {1}, "2"}}));
  EXPECT_MESSAGE(open(), "tensor 'x' is in model-00001-of-00002.safetensors");
  dir.write("model-00001-of-00003.safetensors", "");
  EXPECT_MESSAGE(open(), "shards of several sets, of 2 and of 3");
}

TEST_F(CheckpointTest, SaysWhatAFileIs) {
  using std::string;
  for (auto &[contents, part] :
       std::initializer_list<std::pair<string, string>>{
           {"", "an empty file"},
           {"PK\x03\x04" + string(90, 'a'), "a zip, as PyTorch writes"},
           {"\x80\x02\x8a\x0al\xfc\x9c" + string(90, 'F'), "a pickle"},
           {"GGUF" + string(90, '\1'), "a GGUF file"},
           {"{\"metadata\": {}}", "JSON text"},
           {"\n <!DOCTYPE html><html>", "a web page"},
           {"<?xml version=\"1.0\"?><Error>", "a web page"}}) {
    dir.write("model.safetensors", contents);
    EXPECT_MESSAGE(open(), "/model.safetensors: found " + part);
  }
}

TEST_F(CheckpointTest, SaysWhatIsNoFile) {
  namespace fs = std::filesystem;
  fs::path weights = fs::path(dir.path) / "model.safetensors";
  fs::create_directory(weights);
  EXPECT_MESSAGE(open(), "found a directory, expected a file");
  fs::remove(weights);
  fs::create_symlink("../blobs/123", weights);
  EXPECT_MESSAGE(open(), "a symbolic link that leads to no file (No such");
  fs::remove(weights);
  fs::create_symlink("model.safetensors", weights);
  EXPECT_MESSAGE(open(), "leads to no file (Too many levels of symbolic");
  fs::remove(weights);
  ASSERT_EQ(mkfifo(weights.c_str(), 0600), 0);
  EXPECT_MESSAGE(open(), "found a pipe, socket or device");
}

TEST_F(CheckpointTest, SaysWhatIsNoJson) {
  for (auto [contents, part] :
       {std::pair{"", "found an empty file, expected JSON"},
        {" \n", "found an empty file, expected JSON"},
        {"\xef\xbb\xbf{}", "starts with a byte-order mark"},
        {"\xff\xfe{", "found UTF-16"},
        {"<html>", "found a web page"},
        {"{\"a\": NaN}", "not valid JSON"},
        {"{\"a\": 1}}", "not valid JSON"}}) {
    dir.write("config.json", contents);
    EXPECT_MESSAGE(open(), std::string("/config.json: ") + part);
  }
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
