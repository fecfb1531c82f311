//===- Passes.td - simplify: canonical form, no dead weight -*- tablegen -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "mlir/Pass/PassBase.td"

def DropUnusedWeights : Pass<"simplify-drop-unused-weights", "::mlir::ModuleOp"> {
  let summary = "remove weights that no op names";
  let description = [{
    Example: `tests/passes/simplify/drop-unused-weights.mlir`.
  }];
}
