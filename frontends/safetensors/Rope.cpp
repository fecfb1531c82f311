//===- Rope.cpp - Rotary embedding as config.json describes it ------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/safetensors/Rope.h"

#include "llvm/ADT/StringSwitch.h"

#include <cmath>
#include <numbers>

using namespace llvm;

namespace setun::frontends {

static constexpr double kMinTheta = 1, kMaxTheta = 1e30, kMaxFactor = 1e6;

/// Of either key.
static void readKind(Keys &rope, Rope &out) {
  for (StringRef key : {"type", "rope_type"}) {
    if (!rope.find(key))
      continue;
    auto kind = StringSwitch<std::optional<Rope::Kind>>(rope.string(key, ""))
                    .Case("default", Rope::Default)
                    .Case("linear", Rope::Linear)
                    .Case("llama3", Rope::Llama3)
                    .Default(std::nullopt);
    if (!kind)
      rope.wrong(key, "'default', 'linear' or 'llama3'; other kinds are not "
                      "supported yet");
    out.kind = kind.value_or(Rope::Default);
  }
}

static void readScaling(Keys &rope, Rope &out) {
  readKind(rope, out);
  if (out.kind == Rope::Default)
    return;
  out.factor = rope.number("factor", 1, kMaxFactor, 0);
  if (!rope.find("factor"))
    rope.wrong("factor", "a number of at least 1");
  if (out.kind != Rope::Llama3)
    return;
  out.slow = rope.number("low_freq_factor", 1e-3, kMaxFactor, 1);
  out.fast = rope.number("high_freq_factor", 1e-3, kMaxFactor, 4);
  out.original = static_cast<double>(
      rope.integer("original_max_position_embeddings", 1, 1 << 28));
  if (out.fast <= out.slow)
    rope.wrong("high_freq_factor", "more than low_freq_factor");
}

Rope readRope(Keys &keys, StringRef origin, double theta, Problems &problems) {
  Rope out;
  out.theta = keys.number("rope_theta", kMinTheta, kMaxTheta, theta);
  for (StringRef key : {"rope_scaling", "rope_parameters"}) {
    const json::Object *object = keys.child(key);
    if (!object)
      continue;
    Keys rope(*object, (origin + ": '" + key + "'").str(), problems);
    readScaling(rope, out);
    double inner = rope.number("rope_theta", kMinTheta, kMaxTheta, out.theta);
    if (keys.find("rope_theta") && inner != out.theta)
      rope.wrong("rope_theta", "the value of the outer rope_theta");
    out.theta = inner;
    if (rope.number("partial_rotary_factor", 0, 1, 1) != 1)
      rope.wrong("partial_rotary_factor", "1");
    rope.refuseOthers({});
  }
  if (keys.number("partial_rotary_factor", 0, 1, 1) != 1)
    keys.wrong("partial_rotary_factor", "1");
  return out;
}

/// Fast pairs stay, slow ones are stretched, those between are both in part.
static double scaleLlama3(const Rope &rope, double angle) {
  double turns = rope.original * angle / (2 * std::numbers::pi);
  double share = (turns - rope.slow) / (rope.fast - rope.slow);
  share = std::clamp(share, 0.0, 1.0);
  return (1 - share) * angle / rope.factor + share * angle;
}

std::vector<double> Rope::getAngles(int64_t headDim) const {
  std::vector<double> angles;
  for (int64_t i = 0; i < headDim / 2; ++i) {
    double angle = std::pow(theta, -2.0 * static_cast<double>(i) /
                                       static_cast<double>(headDim));
    angles.push_back(kind == Default  ? angle
                     : kind == Linear ? angle / factor
                                      : scaleLlama3(*this, angle));
  }
  return angles;
}

} // namespace setun::frontends
