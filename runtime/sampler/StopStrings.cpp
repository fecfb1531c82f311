//===- StopStrings.cpp - Texts that end a generation ----------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/sampler/StopStrings.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace setun::runtime {

StopStrings::StopStrings(std::vector<std::string> list)
    : strings(std::move(list)) {
  std::erase(strings, ""); // would stop before the first token
}

/// The longest end of `held` that begins a stop string.
size_t StopStrings::heldLength() const {
  size_t most = 0;
  for (std::string_view stop : strings)
    for (size_t n = std::min(stop.size(), held.size()); n > most; --n)
      if (held.ends_with(stop.substr(0, n)))
        most = n;
  return most;
}

std::string StopStrings::add(const std::string &text) {
  if (stopped)
    return {};
  held += text;
  size_t first = held.npos;
  for (const std::string &stop : strings)
    first = std::min(first, held.find(stop));
  stopped = first != held.npos;
  size_t shown = stopped ? first : held.size() - heldLength();
  std::string show = held.substr(0, shown);
  held.erase(0, stopped ? held.npos : shown);
  return show;
}

std::string StopStrings::finish() { return std::exchange(held, {}); }

} // namespace setun::runtime
