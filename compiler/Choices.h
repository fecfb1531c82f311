//===- Choices.h - Who chooses packings and tiles ---------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_COMPILER_CHOICES_H
#define SETUN_COMPILER_CHOICES_H

#include "compiler/Compile.h"
#include "compiler/tuning/TuningFiles.h"

namespace setun::compiler {

/// Puts `--set`, `--schedule` and what `tuning` reads of `--tuning` on the
/// module, for the stages that apply them. Errors are about all of them.
llvm::Error setChoices(const CompileOptions &options, mlir::ModuleOp module,
                       tuning::TuningFiles &tuning);

} // namespace setun::compiler

#endif // SETUN_COMPILER_CHOICES_H
