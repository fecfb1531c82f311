//===- Passes.td - schedule: what the user writes in transform ops --------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "mlir/Pass/PassBase.td"

def ApplySchedule : Pass<"schedule-apply", "::mlir::ModuleOp"> {
  let summary = "what the module's schedule does at a stage";
  let description = [{
    The schedule is a module inside of the module; its ops are in
    `passes/schedule/Schedule.td`.
    Example: `tests/passes/schedule/apply.mlir`.
  }];
  let options = [
    Option<"stage", "stage", "std::string", "",
           "the sequence to run: encode or tile">,
    Option<"last", "last", "bool", "false",
           "the schedule goes away with it">];
}
