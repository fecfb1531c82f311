//===- Passes.td - lower: steps, kernels, vectors -*- tablegen -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "mlir/Pass/PassBase.td"

def LayOutWeights : Pass<"lower-lay-out-weights", "::mlir::ModuleOp"> {
  let summary = "give every weight its place in the weights segment";
  let description = [{
    Packed matrices start on a page, vectors on a cache line; order is the
    order of the module, a copy for skipping behind its weight.
    Example: `tests/passes/lower/lay-out-weights.mlir`.
  }];
}

def TernToSpmd : Pass<"lower-tern-to-spmd", "::mlir::ModuleOp"> {
  let summary = "a forward function → one spmd.step a batch class";
  let description = [{
    Buffers become slices of an arena, reused as soon as their last reader is
    done. Declares the kernels (`lut.kernel`) and float stages (`lut.stage`)
    that the steps call. What becomes of a level's function has its name behind
    a dot, and its `lut.target`.
    Example: `tests/passes/lower/tern-to-spmd.mlir`.
  }];
  let dependentDialects = ["::setun::lut::LutDialect",
      "::setun::spmd::SpmdDialect", "::mlir::arith::ArithDialect",
      "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"];
}

def BuildKernels : Pass<"lower-build-kernels", "::mlir::ModuleOp"> {
  let summary = "write the loop nest of every lut.kernel";
  let description = [{
    Each kernel comes with a twin, `<name>_portable`, that `verify` compares it
    with.
    Example: `tests/passes/lower/build-kernels.mlir`.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
      "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
      "::mlir::vector::VectorDialect", "::setun::lut::LutDialect"];
}

def ExpandUnpack : Pass<"lower-expand-unpack", "::mlir::ModuleOp"> {
  let summary = "lut.unpack → what the packing says for this target";
  let description = [{
    Portable twins are unpacked without tables.
    Example: `tests/passes/lower/expand-unpack.mlir`.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
      "::mlir::vector::VectorDialect"];
}

def LutToVector : Pass<"lower-lut-to-vector", "::mlir::ModuleOp"> {
  let summary = "the portable lowering: plain vector ops, any CPU";
  let description = [{
    Lowers what the target's instruction selection left; it defines what is
    right.
    Example: `tests/passes/lower/lut-to-vector.mlir`.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
      "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
      "::mlir::vector::VectorDialect"];
}
