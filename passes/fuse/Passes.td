//===- Passes.td - fuse: from ops to units of work -*- tablegen -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "mlir/Pass/PassBase.td"

def FuseLinear : Pass<"fuse-linear", "::mlir::func::FuncOp"> {
  let summary = "quantize + every matmul that reads it → tern.fused_linear";
  let description = [{
    The weights that read one quantized activation (q, k and v; gate and up)
    come together: the row is quantized once.
    Example: `tests/passes/fuse/fuse-linear.mlir`.
  }];
}

def FuseNorm : Pass<"fuse-norm", "::mlir::func::FuncOp"> {
  let summary = "norm → fused_linear becomes part of it";
  let description = [{
    Only where nobody else reads the norm: the row then goes from f32 to int8
    without a pass through memory.
    Example: `tests/passes/fuse/fuse-norm.mlir`.
  }];
}

def FuseGate : Pass<"fuse-gate", "::mlir::func::FuncOp"> {
  let summary = "gate and up of one fused_linear take the activation along";
  let description = "Example: `tests/passes/fuse/fuse-gate.mlir`.";
}

def FuseResidual : Pass<"fuse-residual", "::mlir::func::FuncOp"> {
  let summary = "fused_linear + residual becomes one store";
  let description = "Example: `tests/passes/fuse/fuse-residual.mlir`.";
}
