//===- Passes.td - encode: a packing for each weight -*- tablegen -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "mlir/Pass/PassBase.td"

def OverridePackings : Pass<"encode-override-packings", "::mlir::ModuleOp"> {
  let summary = "packings that the user chose for some weights";
  let description = [{
    `packing=…` of the module's `lut.overrides`, for linears with a weight of a
    matching name: their weights share tiles. The last one that matches holds.
    Example: `tests/passes/encode/override-packings.mlir`.
  }];
}

def TunePackings : Pass<"encode-tune-packings", "::mlir::ModuleOp"> {
  let summary = "packings that were measured to be best";
  let description = [{
    The module's `lut.tuning`, for linears of that shape whose weights have no
    packing yet.
    Example: `tests/passes/encode/tune-packings.mlir`.
  }];
}

def PackWeights : Pass<"encode-pack-weights", "::mlir::ModuleOp"> {
  let summary = "choose the packing of every weight";
  let description = [{
    Base 3 where unpacking keeps up with reading at all levels, else 2 bits. A
    weight that has a packing keeps it. The weight of a large head gets a
    low-bit copy, `#lut.screen`, and the head names it.
    Example: `tests/passes/encode/pack-weights.mlir`.
  }];
}

def PackLines : Pass<"encode-pack-lines", "::mlir::ModuleOp"> {
  let summary = "copies by rows and columns of what decoding may skip";
  let description = [{
    Of `up` behind a rectified gate by rows, of what reads the product by
    columns, where a level of the machine skips them. The packing stays: prefill
    and dense activations read it.
    Example: `tests/passes/encode/pack-lines.mlir`.
  }];
}
