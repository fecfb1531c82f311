//===- Tune.h - Measure candidates, write a tuning file ---------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_COMPILER_TUNE_TUNE_H
#define SETUN_COMPILER_TUNE_TUNE_H

#include "compiler/Compile.h"

namespace setun::compiler {

/// See `setun tune --help`.
struct TuneOptions : Subject {
  std::string output;
  std::string runner;         ///< "": here
  std::string budget = "60s"; ///< or minutes, 5m, or hours, 1h
  unsigned threads = 0;       ///< 0: one a CPU of the runner's
  unsigned timeout = 120;     ///< seconds that one run may take
};

/// Returns the exit code. What was measured lies in the file, whatever ends it.
int tune(const TuneOptions &options);

} // namespace setun::compiler

#endif // SETUN_COMPILER_TUNE_TUNE_H
