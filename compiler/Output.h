//===- Output.h - Files, progress and errors --------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_COMPILER_OUTPUT_H
#define SETUN_COMPILER_OUTPUT_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <chrono>

namespace setun::compiler {

/// "error: text", a line a problem, on stderr.
void printError(llvm::Error error);
/// "warning: text" on stderr.
void printWarning(llvm::StringRef text);
void printDiagnostic(mlir::Diagnostic &diagnostic);

/// Writes beside `path`, then renames; "-" is stdout.
llvm::Error writeFile(llvm::StringRef path,
                      llvm::function_ref<void(llvm::raw_ostream &)> write);

/// The module as text that parses again, with the names of the tensors.
llvm::Error writeModule(mlir::ModuleOp module, llvm::StringRef path);

/// One line a stage: what it did and how long it took. Silent unless `shown`.
class Progress {
public:
  explicit Progress(bool shown) : shown(shown), start(Clock::now()) {}
  void finish(llvm::StringRef stage, const llvm::Twine &what);

private:
  using Clock = std::chrono::steady_clock;
  bool shown;
  Clock::time_point start;
};

} // namespace setun::compiler

#endif // SETUN_COMPILER_OUTPUT_H
