//===- Pipeline.h - The stages and their passes -----------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_COMPILER_PIPELINE_H
#define SETUN_COMPILER_PIPELINE_H

#include "mlir/IR/Dialect.h"
#include "mlir/Pass/PassManager.h"

#include <optional>

namespace setun::compiler {

/// The words of rooms, flags and dumps, in order.
enum class Stage { Import, Simplify, Fuse, Encode, Tile, Lower, LLVM, Link };

llvm::StringRef getName(Stage stage);
std::optional<Stage> parseStage(llvm::StringRef name);

/// Adds the passes of a stage from Simplify to Lower.
void buildStage(Stage stage, mlir::OpPassManager &pm);

/// All dialects and translations that setun and setun-opt know.
void registerDialects(mlir::DialectRegistry &registry);
/// All passes, and a pipeline `setun-<stage>` a stage.
void registerPasses();

} // namespace setun::compiler

#endif // SETUN_COMPILER_PIPELINE_H
