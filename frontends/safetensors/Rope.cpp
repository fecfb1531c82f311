//===- Rope.cpp - Rotary embedding as config.json describes it ------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/safetensors/Rope.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

#include <cmath>
#include <numbers>

using namespace llvm;

namespace setun::frontends {

static constexpr double kMinTheta = 1, kMaxTheta = 1e30, kMaxFactor = 1e6;
static constexpr int64_t kMaxPositions = 1 << 28;

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

/// Of either key.
static void readKind(Keys &rope, Rope &out) {
  for (StringRef key : {"type", "rope_type"}) {
    if (!rope.find(key))
      continue;
    auto kind = StringSwitch<std::optional<Rope::Kind>>(rope.string(key, ""))
                    .Case("default", Rope::Default)
                    .Case("linear", Rope::Linear)
                    .Case("dynamic", Rope::Dynamic)
                    .Case("yarn", Rope::Yarn)
                    .Case("longrope", Rope::LongRope)
                    .Case("llama3", Rope::Llama3)
                    .Default(std::nullopt);
    if (!kind)
      rope.wrong(key, "'default', 'linear', 'dynamic', 'yarn', 'longrope' or "
                      "'llama3'");
    out.kind = kind.value_or(Rope::Default);
  }
}

/// What a value of 0 leaves to the default, as in Python's `or`.
static double numberOr(Keys &rope, StringRef key, double fallback) {
  double found = rope.number(key, 0, kMaxFactor, fallback);
  return found ? found : fallback;
}

static void readLlama3(Keys &rope, Rope &out) {
  out.slow = rope.number("low_freq_factor", 1e-3, kMaxFactor, 1);
  out.fast = rope.number("high_freq_factor", 1e-3, kMaxFactor, 4);
  if (out.fast <= out.slow)
    rope.wrong("high_freq_factor", "more than low_freq_factor");
}

/// arXiv 2309.00071, section 3.4.
static double getYarnScale(double factor, double weight) {
  return factor <= 1 ? 1 : 0.1 * weight * std::log(factor) + 1;
}

static void readYarn(Keys &rope, Rope &out) {
  out.fast = numberOr(rope, "beta_fast", 32);
  out.slow = numberOr(rope, "beta_slow", 1);
  out.truncate = rope.boolean("truncate", true);
  double weight = rope.number("mscale", 0, kMaxFactor, 0);
  double all = rope.number("mscale_all_dim", 0, kMaxFactor, 0);
  out.scale = weight && all ? getYarnScale(out.factor, weight) /
                                  getYarnScale(out.factor, all)
                            : getYarnScale(out.factor, 1);
  out.scale = rope.number("attention_factor", 1e-6, kMaxFactor, out.scale);
  if (out.fast <= out.slow)
    rope.wrong("beta_fast", "more than beta_slow");
  if (out.theta <= 1)
    rope.wrong("rope_theta", "more than 1 with 'yarn'");
}

static std::vector<double> readFactors(Keys &rope, StringRef key,
                                       size_t count) {
  std::vector<double> factors;
  const json::Value *value = rope.find(key);
  if (const json::Array *list = value ? value->getAsArray() : nullptr)
    for (const json::Value &each : *list)
      factors.push_back(each.getAsNumber().value_or(0));
  if (factors.size() != count || any_of(factors, [](double factor) {
        return !(factor > 0 && factor <= kMaxFactor);
      }))
    rope.wrong(key, "a list of " + Twine(count) +
                        " positive numbers, one for "
                        "each rotated pair");
  return factors;
}

static void readLongRope(Keys &rope, int64_t headDim, Rope &out) {
  size_t pairs = out.getRotary(headDim) / 2;
  out.factors = readFactors(rope, "short_factor", pairs);
  readFactors(rope, "long_factor", pairs);
  if (out.factor > 1)
    out.scale = std::sqrt(1 + std::log(out.factor) / std::log(out.original));
  out.scale = rope.number("attention_factor", 1e-6, kMaxFactor, out.scale);
}

/// What is in the object of one type of layers, of which `out` has defaults.
static void readRope(Keys &rope, const RopeContext &context, Rope &out) {
  readKind(rope, out);
  out.theta = rope.number("rope_theta", kMinTheta, kMaxTheta, out.theta);
  out.partial = rope.number("partial_rotary_factor", 0, 1, out.partial);
  if (out.kind == Rope::Default)
    return rope.refuseOthers({"original_max_position_embeddings", "factor"});
  bool hasOriginal = out.kind == Rope::Yarn || out.kind == Rope::LongRope ||
                     out.kind == Rope::Llama3;
  if (hasOriginal)
    out.original = static_cast<double>(
        rope.integer("original_max_position_embeddings", 1, kMaxPositions,
                     static_cast<int64_t>(out.original)));
  bool mayDerive = out.kind == Rope::Yarn || out.kind == Rope::LongRope;
  out.factor = rope.number(
      "factor", mayDerive ? 1e-6 : 1, kMaxFactor,
      mayDerive ? static_cast<double>(context.positions) / out.original : 0);
  if (!mayDerive && !rope.find("factor"))
    rope.wrong("factor", "a number of at least 1");
  if (out.kind == Rope::Llama3)
    readLlama3(rope, out);
  if (out.kind == Rope::Yarn)
    readYarn(rope, out);
  if (out.kind == Rope::LongRope)
    readLongRope(rope, context.headDim, out);
  rope.refuseOthers({"original_max_position_embeddings"});
}

/// Either the parameters of all layers, or an object for each of their types.
static void readObject(Keys &object, const std::string &origin,
                       const RopeContext &context, Problems &problems,
                       Ropes &out) {
  bool nested = false;
  Rope plain = out.full;
  for (bool isSliding : {false, true}) {
    StringRef type = isSliding ? "sliding_attention" : "full_attention";
    const json::Object *own = object.find(type) ? object.child(type) : nullptr;
    if (!own)
      continue;
    nested = true;
    if (isSliding && !out.sliding)
      out.sliding = plain;
    Keys rope(*own, origin + ": '" + type.str() + "'", problems);
    readRope(rope, context, isSliding ? *out.sliding : out.full);
  }
  if (nested)
    return object.refuseOthers({});
  readRope(object, context, out.full);
}

static void checkRotary(Keys &keys, const Rope &rope, int64_t headDim) {
  int64_t rotary = rope.getRotary(headDim);
  if (headDim <= 0 || headDim % 2 != 0)
    return; // told elsewhere
  if (rotary <= 0 || rotary % 2 != 0)
    keys.wrong("partial_rotary_factor",
               "a part of head_dim, " + Twine(headDim) +
                   ", that is an even number, not " + Twine(rotary));
}

/// That sine and cosine are defined (runtime/support/Math.h).
static void checkAngles(Keys &keys, const Rope &rope,
                        const RopeContext &context) {
  int64_t rotary = rope.getRotary(context.headDim);
  if (rotary <= 0 || rotary % 2 != 0)
    return; // told elsewhere
  double largest = 0;
  for (double angle : rope.getAngles(rotary))
    largest = std::max(largest, angle);
  if (!(largest * context.positions <= 0x1p32) || !std::isfinite(rope.scale))
    keys.wrong("rope_scaling", "one whose angles stay below 2^32 and whose "
                               "factor of sines is finite");
}

Ropes readRopes(Keys &keys, StringRef origin, const RopeContext &context,
                Problems &problems) {
  Ropes out;
  out.full.theta =
      keys.number("rope_theta", kMinTheta, kMaxTheta, context.theta);
  out.full.partial = keys.number("partial_rotary_factor", 0, 1, 1);
  out.full.original = static_cast<double>(keys.integer(
      "original_max_position_embeddings", 1, kMaxPositions, context.positions));
  if (context.slidingTheta) {
    out.sliding = out.full;
    out.sliding->theta = keys.number("rope_local_base_freq", kMinTheta,
                                     kMaxTheta, context.slidingTheta);
  }
  for (StringRef key : {"rope_scaling", "rope_parameters"}) {
    const json::Object *object = keys.child(key);
    if (!object)
      continue;
    std::string name = (origin + ": '" + key + "'").str();
    double outer = out.full.theta;
    Keys rope(*object, name, problems);
    readObject(rope, name, context, problems, out);
    if (keys.find("rope_theta") && rope.find("rope_theta") &&
        out.full.theta != outer)
      rope.wrong("rope_theta", "the value of the outer rope_theta");
  }
  checkRotary(keys, out.full, context.headDim);
  checkAngles(keys, out.full, context);
  if (out.sliding)
    checkAngles(keys, *out.sliding, context);
  if (out.sliding && out.sliding->partial != out.full.partial)
    keys.wrong("partial_rotary_factor", "one for all types of layers");
  return out;
}

//===----------------------------------------------------------------------===//
// Angles
//===----------------------------------------------------------------------===//

/// Fast pairs stay, slow ones are stretched, those between are both in part.
static double scaleLlama3(const Rope &rope, double angle) {
  double turns = rope.original * angle / (2 * std::numbers::pi);
  double share = (turns - rope.slow) / (rope.fast - rope.slow);
  share = std::clamp(share, 0.0, 1.0);
  return (1 - share) * angle / rope.factor + share * angle;
}

/// The same, but pairs between are mixed by their number.
static double scaleYarn(const Rope &rope, double angle, double pair,
                        double rotary) {
  auto pairOf = [&](double turns) {
    return rotary * std::log(rope.original / (turns * 2 * std::numbers::pi)) /
           (2 * std::log(rope.theta));
  };
  double low = pairOf(rope.fast), high = pairOf(rope.slow);
  if (rope.truncate) {
    low = std::floor(low);
    high = std::ceil(high);
  }
  low = std::max(low, 0.0);
  high = std::min(high, rotary - 1);
  if (low == high)
    high += 0.001;
  double share = std::clamp((pair - low) / (high - low), 0.0, 1.0);
  return angle / rope.factor * share + angle * (1 - share);
}

std::vector<double> Rope::getAngles(int64_t rotary) const {
  std::vector<double> angles;
  for (int64_t i = 0; i < rotary / 2; ++i) {
    double angle = std::pow(theta, -2.0 * static_cast<double>(i) /
                                       static_cast<double>(rotary));
    switch (kind) {
    case Default:
    case Dynamic:
      break;
    case Linear:
      angle /= factor;
      break;
    case LongRope:
      angle /= factors[i];
      break;
    case Yarn:
      angle = scaleYarn(*this, angle, static_cast<double>(i),
                        static_cast<double>(rotary));
      break;
    case Llama3:
      angle = scaleLlama3(*this, angle);
      break;
    }
    angles.push_back(angle);
  }
  return angles;
}

} // namespace setun::frontends
