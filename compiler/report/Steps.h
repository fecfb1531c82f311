//===- Steps.h - What a lowered module does op by op ------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_COMPILER_REPORT_STEPS_H
#define SETUN_COMPILER_REPORT_STEPS_H

#include "compiler/report/Text.h"
#include "dialects/spmd/Spmd.h"

namespace setun::compiler::report {

class Steps {
public:
  /// Reads what the lower stage leaves.
  void read(mlir::ModuleOp lowered);

  /// Steps with the lines and the kernels of every operation, by label.
  llvm::json::Array getSteps() const;
  /// Kernels with their lines.
  llvm::json::Array getKernels() const;
  /// Stretches of the module's text.
  llvm::json::Object getText() const;

  /// The functions that steps call.
  std::vector<std::string> getKernelNames() const;

private:
  struct Part {
    Lines lines;
    std::vector<std::string> kernels; ///< in the order of their calls
  };
  struct Step {
    std::string name, level;
    int64_t rows;
    std::map<std::string, Part> parts; ///< by label
  };
  struct Kernel {
    Lines lines;
    bool generated; ///< here, not by Halide
  };

  Step readStep(spmd::StepOp step);
  void addOp(mlir::Operation *op, Part &part);
  void addScreens(mlir::ModuleOp lowered);

  Text text;
  std::vector<Step> steps;
  std::map<std::string, Kernel> kernels;
};

} // namespace setun::compiler::report

#endif // SETUN_COMPILER_REPORT_STEPS_H
