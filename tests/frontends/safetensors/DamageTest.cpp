//===- DamageTest.cpp - Every byte of a checkpoint, broken ----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Whatever is done to a file, reading it ends in success or in a message. What
// else there could be, the sanitizers see.
//
//===----------------------------------------------------------------------===//

#include "tests/frontends/safetensors/TinyModel.h"

#include "gtest/gtest.h"

#include <random>

using namespace setun::frontends;

namespace {

/// How many damaged copies of a model were accepted and how many refused.
struct Damage {
  TinyModel model;
  std::string weights = model.file(), config = model.configText();
  size_t accepted = 0, refused = 0;

  void tryIt() {
    model.dir.write("config.json", config);
    model.dir.write("model.safetensors", weights);
    std::string message = read();
    if (message.empty())
      ++accepted;
    else
      ++refused;
    if (!message.empty() && !llvm::StringRef(message).contains(model.dir.path))
      ADD_FAILURE() << "names no file: " << message;
  }

  std::string read() {
    auto checkpoint = Checkpoint::open(model.dir.path);
    if (!checkpoint)
      return messageOf(std::move(checkpoint));
    auto parsed =
        parseModelConfig(checkpoint->config(), nullptr, model.dir.path);
    if (!parsed)
      return messageOf(std::move(parsed));
    return messageOf(resolveWeights(*checkpoint, *parsed));
  }

  /// Each byte of `file` in turn with these bits flipped.
  void flipEach(std::string &file, char bits, size_t step = 1) {
    for (size_t i = 0; i < file.size(); i += step) {
      file[i] ^= bits;
      tryIt();
      file[i] ^= bits;
    }
  }
};

} // namespace

TEST(Damage, TruncatedWeightsAreRefused) {
  Damage damage;
  std::string whole = damage.weights;
  for (size_t size = 0; size < whole.size(); size += 3) {
    damage.weights = whole.substr(0, size);
    damage.tryIt();
  }
  EXPECT_EQ(damage.accepted, 0u);
  EXPECT_EQ(damage.refused, (whole.size() + 2) / 3);
}

TEST(Damage, FlippedWeightBytesAreSurvived) {
  Damage damage;
  for (char bits : {'\x01', '\x80', '\x7f'})
    damage.flipEach(damage.weights, bits, 5);
  EXPECT_GT(damage.refused, 1000u); // the header
  EXPECT_GT(damage.accepted, 0u);   // values
}

TEST(Damage, FlippedHeaderDigitsAreRefused) {
  Damage damage;
  size_t header = damage.weights.find("\"F32\"");
  for (size_t i = header; damage.weights[i] != '}'; ++i) {
    if (!isdigit(damage.weights[i]))
      continue;
    damage.weights[i] ^= 1;
    damage.tryIt();
    damage.weights[i] ^= 1;
  }
  EXPECT_EQ(damage.accepted, 0u);
}

TEST(Damage, FlippedConfigBytesAreSurvived) {
  Damage damage;
  for (char bits : {'\x01', '\x02', '\x10', '\x80'})
    damage.flipEach(damage.config, bits);
  EXPECT_GT(damage.refused, damage.config.size());
}

TEST(Damage, TruncatedConfigsAreRefused) {
  Damage damage;
  std::string whole = damage.config;
  for (size_t size = 0; size < whole.size(); ++size) {
    damage.config = whole.substr(0, size);
    damage.tryIt();
  }
  EXPECT_EQ(damage.accepted, 0u);
}

namespace {

/// The value at a number of steps through a JSON tree, counted down.
llvm::json::Value *walk(llvm::json::Value &value, size_t &steps) {
  if (steps-- == 0)
    return &value;
  if (llvm::json::Array *array = value.getAsArray())
    for (llvm::json::Value &element : *array)
      if (llvm::json::Value *found = walk(element, steps))
        return found;
  if (llvm::json::Object *object = value.getAsObject())
    for (auto &[key, member] : *object)
      if (llvm::json::Value *found = walk(member, steps))
        return found;
  return nullptr;
}

/// Values that a key does not expect; some of them it may.
std::vector<llvm::json::Value> oddValues() {
  using namespace llvm::json;
  return {nullptr,
          true,
          0,
          -1,
          INT64_MAX,
          INT64_MIN,
          0.5,
          1e308,
          "",
          "x\0y",
          "bf16",
          Array{},
          Object{},
          Array{nullptr, -1},
          Object{{"type", "x"}},
          std::string(9999, 'y')};
}

/// `text` with each of its values in turn replaced by each odd one.
std::vector<std::string> replaceEach(llvm::StringRef text) {
  std::vector<std::string> results;
  for (const llvm::json::Value &odd : oddValues())
    for (size_t at = 0;; ++at) {
      llvm::json::Value tree = llvm::cantFail(llvm::json::parse(text));
      size_t steps = at;
      llvm::json::Value *place = walk(tree, steps);
      if (!place)
        break;
      *place = odd;
      llvm::raw_string_ostream(results.emplace_back()) << tree;
    }
  return results;
}

} // namespace

TEST(Damage, OddConfigValuesAreSurvived) {
  Damage damage;
  for (const std::string &text : replaceEach(damage.config)) {
    damage.config = text;
    damage.tryIt();
  }
  EXPECT_GT(damage.refused, 150u);
  EXPECT_GT(damage.accepted, 0u); // nulls
}

TEST(Damage, OddHeaderValuesAreSurvived) {
  Damage damage;
  uint64_t length = llvm::support::endian::read64le(damage.weights.data());
  std::string header = damage.weights.substr(8, length);
  std::string payload = damage.weights.substr(8 + length);
  for (const std::string &text : replaceEach(header)) {
    damage.weights = rawSafetensors(text, payload);
    damage.tryIt();
  }
  EXPECT_GT(damage.refused, 1000u);
  EXPECT_EQ(damage.accepted, 8u); // 7 scalar scales, and a 0 that was one
}

TEST(Damage, RandomEditsAreSurvived) {
  Damage damage;
  std::minstd_rand random(7);
  const std::string config = damage.config, weights = damage.weights;
  auto edit = [&](std::string text) {
    size_t at = random() % text.size(), size = random() % 64;
    switch (random() % 4) {
    case 0:
      return text.erase(at, size);
    case 1:
      return text.insert(at, text.substr(random() % text.size(), size));
    case 2:
      return text.replace(at, 1, 1, "{}[],:\"0-9e.\\"[random() % 13]);
    default:
      return text.insert(at, size, char(random()));
    }
  };
  for (int i = 0; i < 600; ++i) {
    damage.config = i % 2 ? edit(config) : config;
    damage.weights = i % 2 ? weights : edit(weights);
    damage.tryIt();
  }
  EXPECT_GT(damage.refused, 500u);
}
