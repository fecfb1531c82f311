//===- Compile.h - From a checkpoint to an executable -----------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_COMPILER_COMPILE_H
#define SETUN_COMPILER_COMPILE_H

#include "compiler/Pipeline.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace setun::compiler {

enum class Emit { Executable, Object, Assembly, LLVM, Mlir };

/// What is compiled, and what for.
struct Subject {
  std::string input;
  std::string target, cpu, features;
};

/// What the user asked for; see `setun compile --help`.
struct CompileOptions : Subject {
  std::string output;
  std::string dumpDirectory;
  std::string report, reportProfile;  ///< files
  int64_t context = 0;                ///< 0: the model's own
  std::string cache;                  ///< f32, bf16, f16 or i8; "": f32
  std::string embed;                  ///< q8, q6 or q4; "": as the file
  std::vector<std::string> overrides; ///< "key=value pattern"
  std::vector<std::string> tuning;    ///< files
  std::string schedule;               ///< a file
  std::optional<Stage> from, stopAfter;
  Emit emit = Emit::Executable;
  bool tokenizer = true;
  bool skips = true; ///< where zeros make it pay
  bool verbose = false;
  bool silent = false; ///< not even on a terminal
  bool passStatistics = false;
};

/// The last stage that the options ask for.
Stage getLastStage(const CompileOptions &options);

/// Dialects, and diagnostics as users read them.
void prepare(mlir::MLIRContext &context);

/// The module after the lower stage, or after `stopAfter`.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
lower(const CompileOptions &options, mlir::MLIRContext &context);

/// Goes on with a module that stage `from` left, instead of the input.
llvm::Error compile(const CompileOptions &options,
                    mlir::OwningOpRef<mlir::ModuleOp> module);

/// Compiles as asked. Errors are printed; nothing half-written stays.
mlir::LogicalResult compile(const CompileOptions &options);

} // namespace setun::compiler

#endif // SETUN_COMPILER_COMPILE_H
