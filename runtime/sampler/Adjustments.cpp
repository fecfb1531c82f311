//===- Adjustments.cpp - Logits that are not the model's alone ------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/sampler/Adjustments.h"

#include <algorithm>

namespace setun::runtime {

Adjustments::Adjustments(const AdjustmentSettings &settings)
    : settings(settings) {
  std::sort(this->settings.biases.begin(), this->settings.biases.end(),
            [](auto &a, auto &b) { return a.token < b.token; });
}

/// Tokens come in ascending order.
void Adjustments::add(int32_t token, uint32_t count, float bias) {
  if (changed.empty() || changed.back() != token) {
    changed.push_back(token);
    changes.push_back({});
  }
  changes.back().count += count;
  changes.back().bias += bias;
}

void Adjustments::prepare() {
  bool penalizes =
      settings.repeat != 1 || settings.presence != 0 || settings.frequency != 0;
  size_t count = penalizes ? history.size() : 0;
  if (settings.last >= 0)
    count = std::min<size_t>(count, settings.last);
  std::vector<int32_t> recent(history.end() - count, history.end());
  std::sort(recent.begin(), recent.end());
  changed.clear();
  changes.clear();
  auto said = recent.begin();
  for (const LogitBias &each : settings.biases) {
    for (; said != recent.end() && *said <= each.token; ++said)
      add(*said, 1, 0);
    add(each.token, 0, each.bias);
  }
  for (; said != recent.end(); ++said)
    add(*said, 1, 0);
}

float Adjustments::adjust(int32_t token, float logit) const {
  auto found = std::lower_bound(changed.begin(), changed.end(), token);
  if (found == changed.end() || *found != token)
    return logit;
  auto [count, bias] = changes[found - changed.begin()];
  logit += bias;
  if (count == 0)
    return logit;
  float repeat = static_cast<float>(settings.repeat);
  logit = logit <= 0 ? logit * repeat : logit / repeat;
  return logit -
         static_cast<float>(count * settings.frequency + settings.presence);
}

} // namespace setun::runtime
