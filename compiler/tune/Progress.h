//===- Progress.h - How far tuning has come ---------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_COMPILER_TUNE_PROGRESS_H
#define SETUN_COMPILER_TUNE_PROGRESS_H

#include "llvm/ADT/Twine.h"

#include <chrono>

namespace setun::compiler {

/// On a terminal a bar that is drawn again, elsewhere a line for each round.
class TuneProgress {
public:
  explicit TuneProgress(double budget) : budget(budget), start(Clock::now()) {}
  ~TuneProgress() { clear(); }

  double getSeconds() const {
    return std::chrono::duration<double>(Clock::now() - start).count();
  }
  /// What is being done, while it is.
  void show(const llvm::Twine &what);
  /// What a round brought.
  void finishRound(const llvm::Twine &what);
  void clear();

private:
  using Clock = std::chrono::steady_clock;
  double budget; ///< seconds
  Clock::time_point start;
  bool drawn = false;
};

} // namespace setun::compiler

#endif // SETUN_COMPILER_TUNE_PROGRESS_H
