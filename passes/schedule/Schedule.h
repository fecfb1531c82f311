//===- Schedule.h - Packings and tiles by transform ops ---------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_PASSES_SCHEDULE_SCHEDULE_H
#define SETUN_PASSES_SCHEDULE_SCHEDULE_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Transform/IR/TransformDialect.h"
#include "mlir/Dialect/Transform/IR/TransformOps.h"
#include "mlir/Dialect/Transform/Interfaces/TransformInterfaces.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#define GET_OP_CLASSES
#include "passes/schedule/Schedule.h.inc"

namespace setun::passes {

/// The transform dialect, with the ops of schedules.
void registerSchedules(mlir::DialectRegistry &registry);

/// The schedule in a module, or null; what it does at a stage, or null.
mlir::ModuleOp getSchedule(mlir::ModuleOp module);
mlir::transform::NamedSequenceOp getSequence(mlir::ModuleOp schedule,
                                             llvm::StringRef stage);

} // namespace setun::passes

#endif // SETUN_PASSES_SCHEDULE_SCHEDULE_H
