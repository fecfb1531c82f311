//===- StopStrings.h - Texts that end a generation ------------ -*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_SAMPLER_STOPSTRINGS_H
#define SETUN_RUNTIME_SAMPLER_STOPSTRINGS_H

#include <string>
#include <vector>

namespace setun::runtime {

/// Holds back what may be the beginning of a stop string, so that nothing of
/// one is ever shown.
class StopStrings {
public:
  explicit StopStrings(std::vector<std::string> strings);

  /// Appends text; returns what can be shown now. Behind a stop string: "".
  std::string add(const std::string &text);
  /// What was held back and is no stop string after all.
  std::string finish();

  bool found() const { return stopped; }

private:
  size_t heldLength() const;

  std::vector<std::string> strings;
  std::string held;
  bool stopped = false;
};

} // namespace setun::runtime

#endif // SETUN_RUNTIME_SAMPLER_STOPSTRINGS_H
