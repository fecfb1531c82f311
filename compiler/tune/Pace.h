//===- Pace.h - How long a round will take ----------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_COMPILER_TUNE_PACE_H
#define SETUN_COMPILER_TUNE_PACE_H

#include <algorithm>
#include <cstddef>

namespace setun::compiler {

/// The next round is judged by the last one.
class Pace {
public:
  bool isKnown() const { return linears; }
  /// What a round of `count` linears took, with the seconds that measuring was
  /// given of them.
  void record(size_t count, double taken, double measuring) {
    linears = count;
    seconds = std::max(taken - measuring, 0.0);
  }
  /// Besides measuring, a part does not depend on the size.
  double predict(size_t count, double measuring) const {
    constexpr double fixed = 0.3;
    return measuring + seconds * (fixed + (1 - fixed) * count / linears);
  }

private:
  size_t linears = 0;
  double seconds = 0;
};

} // namespace setun::compiler

#endif // SETUN_COMPILER_TUNE_PACE_H
