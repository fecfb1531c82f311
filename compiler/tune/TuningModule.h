//===- TuningModule.h - Candidates side by side in one step -----*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_COMPILER_TUNE_TUNINGMODULE_H
#define SETUN_COMPILER_TUNE_TUNINGMODULE_H

#include "passes/tile/Candidates.h"

#include "mlir/IR/OwningOpRef.h"

#include <array>

namespace setun::compiler {

/// One linear of a tuning module: a packing, and a tile a batch class.
struct Trial {
  passes::LinearShape shape;
  lut::PackingInterface packing;
  std::array<lut::TileAttr, std::size(passes::kBatchClasses)> tiles;

  /// Of the packed weights.
  int64_t getBytes() const;
};

struct TuningModule {
  mlir::OwningOpRef<mlir::ModuleOp> module; ///< as the fuse stage leaves one
  std::vector<std::string> labels;          ///< of the trials, in profiles
};

/// A forward function with every trial as a linear that reads rows of an
/// embedding of its own width. It goes through the stages like any model, so
/// that what is measured is what is shipped; only weights lie in no file.
TuningModule buildTuningModule(lut::TargetAttr target,
                               llvm::ArrayRef<Trial> trials);

} // namespace setun::compiler

#endif // SETUN_COMPILER_TUNE_TUNINGMODULE_H
