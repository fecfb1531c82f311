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
