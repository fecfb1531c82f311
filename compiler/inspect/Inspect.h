//===- Inspect.h - What is in a checkpoint or executable --------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_COMPILER_INSPECT_INSPECT_H
#define SETUN_COMPILER_INSPECT_INSPECT_H

#include "compiler/Compile.h"

namespace setun::compiler {

/// What the user asked for; see `setun inspect --help`.
struct InspectOptions : Subject { ///< an executable, too; it says what for
  bool json = false;
  bool tensors = false; ///< a line each
  double bandwidth = 0; ///< GB/s of all cores together; 0: unknown
  double clock = 3;     ///< GHz
  unsigned cores = 1;
};

/// Prints what is in it. Nothing is run.
llvm::LogicalResult inspect(const InspectOptions &options);

} // namespace setun::compiler

#endif // SETUN_COMPILER_INSPECT_INSPECT_H
