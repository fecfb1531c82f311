//===- GenerationOptions.cpp - How tokens are chosen, and how many --------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/commands/Generation.h"
#include "runtime/support/Clock.h"

#include <math.h>
#include <stdlib.h>
#include <sys/random.h>

namespace setun::runtime {

static std::vector<Option> samplerOptions(SamplerSettings &s) {
  constexpr double kMax = 1e9;
  AdjustmentSettings &a = s.adjustments;
  return {
      {0, "temp", "X", Real{&s.temperature, 0, kMax},
       "temperature; 0: always the likeliest token"},
      {0, "temperature", "X", Real{&s.temperature, 0, kMax}, nullptr},
      {0, "top-k", "N", Integer{&s.topK, -1, INT32_MAX},
       "keep the N likeliest tokens; 0: all"},
      {0, "typical", "X", Real{&s.typicalP, 0, 1},
       "keep the most typical that make up X together; 1: all"},
      {0, "top-p", "X", Real{&s.topP, 0, 1},
       "keep the likeliest that make up X together; 1: all"},
      {0, "min-p", "X", Real{&s.minP, 0, 1},
       "keep those at least X times as likely as the first; 0: all"},
      {0, "repeat-penalty", "X", Real{&a.repeat, 1e-9, kMax},
       "make recent tokens less likely; 1: do not"},
      {0, "presence-penalty", "X", Real{&a.presence, -kMax, kMax},
       "taken from the logits of recent tokens"},
      {0, "frequency-penalty", "X", Real{&a.frequency, -kMax, kMax},
       "the same for each time a token was said"},
      {0, "repeat-last-n", "N", Integer{&a.last, -1, INT32_MAX},
       "how many tokens are recent; -1: all"},
  };
}

std::vector<Option> generationOptions(GenerationSettings &s) {
  std::vector<Option> options = {
      {'n', "predict", "N", Integer{&s.predict, -1, INT32_MAX},
       "tokens to generate; -1: until the model stops"},
      {0, "n-predict", "N", Integer{&s.predict, -1, INT32_MAX}, nullptr},
  };
  std::vector<Option> sampler = samplerOptions(s.sampler);
  options.insert(options.end(), sampler.begin(), sampler.end());
  std::vector<Option> others = {
      {'l', "logit-bias", "ID±X", &s.biases,
       "add X to the logit of a token, 15043+1 or 15043-inf; again for others"},
      {'s', "seed", "N", Integer{&s.seed, -1, UINT32_MAX},
       "of the random choice; -1: another one each time"},
      {'r', "stop", "TEXT", &s.stopStrings,
       "end before this text; again for others"},
      {0, "reverse-prompt", "TEXT", &s.stopStrings, nullptr},
      {0, "lookup", nullptr, &s.lookup,
       "guess tokens from what was said before and verify several a step"},
      {0, "draft-max", "N", Integer{&s.draftMost, 0, UINT32_MAX},
       "guesses a step at most; 0: as many as are cheap"},
      {0, "draft-min", "N", Integer{&s.draftLeast, 0, UINT32_MAX},
       "guesses a step verifies at least, whether it pays or not"},
      {0, "context-shift", nullptr, &s.shift,
       "when the context is full, forget half of it and go on"},
      {0, "keep", "N", Integer{&s.keep, -1, INT32_MAX},
       "tokens of the prompt that are never forgotten; -1: all"},
  };
  options.insert(options.end(), others.begin(), others.end());
  return options;
}

/// "15043-1.5".
static Failure parseBias(const abi::Model &model, const std::string &text,
                         LogitBias &bias) {
  size_t sign = text.find_first_of("+-");
  std::vector<int64_t> ids;
  if (sign == text.npos || sign == 0)
    return format("expected ID+X or ID-X, found '%s'", text.c_str());
  Failure failure =
      parseIntegers(text.substr(0, sign), 0, int64_t(model.vocabSize) - 1, ids);
  if (!failure.empty())
    return failure;
  const char *begin = text.c_str() + sign;
  char *end;
  float value = strtof(begin, &end);
  if (ids.size() != 1 || end == begin + 1 || *end || isnan(value) ||
      value == INFINITY)
    return format("expected ID+X or ID-X, found '%s'", text.c_str());
  bias = {int32_t(ids.front()), value};
  return {};
}

static int64_t newSeed() {
  uint32_t seed;
  if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
    seed = static_cast<uint32_t>(nanoseconds());
  return seed;
}

Failure GenerationSettings::complete(const abi::Model &model) {
  for (const std::string &text : biases) {
    LogitBias bias;
    Failure failure = parseBias(model, text, bias);
    if (!failure.empty())
      return "--logit-bias: " + failure;
    sampler.adjustments.biases.push_back(bias);
  }
  if (seed < 0)
    seed = newSeed();
  return {};
}

} // namespace setun::runtime
