//===- Report.h - One page about a compilation ------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_COMPILER_REPORT_REPORT_H
#define SETUN_COMPILER_REPORT_REPORT_H

#include "compiler/report/Code.h"
#include "compiler/report/Operations.h"
#include "compiler/report/Steps.h"
#include "compiler/report/Trace.h"

namespace setun::compiler {

/// Collects, while a module is compiled, what the page of --report shows. It
/// changes neither module nor output.
class Report {
public:
  /// What a stage leaves; stages come in their order.
  void addStage(llvm::StringRef name, mlir::ModuleOp module);

  /// Which tiles a tuning file chose: TuningFiles::getTaken.
  void addTuned(llvm::json::Object taken) { tuned = std::move(taken); }

  /// LLVM IR and assembly of the kernels of a lowered module from `code`, and
  /// where they come from, for which it is compiled once more.
  llvm::Error addCode(mlir::ModuleOp lowered, uint64_t tokenizerBytes,
                      llvm::Module &code);

  /// Times from a trace that an executable wrote with --profile.
  llvm::Error addTrace(llvm::StringRef path);
  /// Whether the trace is of this model.
  llvm::Error check() const;

  /// What the page reads. A function of module and trace: no time, no path.
  llvm::json::Object getData() const;

  /// One HTML file that needs no other.
  void write(llvm::raw_ostream &out) const;

private:
  report::Operations operations;
  report::Steps steps;
  report::Code code;
  report::Trace trace;
  llvm::json::Object model, tuned;
  uint64_t tokenizerBytes = 0;
};

} // namespace setun::compiler

#endif // SETUN_COMPILER_REPORT_REPORT_H
