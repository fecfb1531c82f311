//===- Passes.td - tile: a kernel for each op and batch class -*- tablegen -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "mlir/Pass/PassBase.td"

def SplitLevels : Pass<"tile-split-levels", "::mlir::ModuleOp"> {
  let summary = "a forward function for each CPU level";
  let description = [{
    `lut.levels` of the module becomes clones of `@forward`, `@forward.<level>`
    with its `lut.target` on it. What is made for a single machine stays as it
    is.
    Example: `tests/passes/tile/split-levels.mlir`.
  }];
}

def TuneTiles : Pass<"tile-tune", "::mlir::ModuleOp"> {
  let summary = "tiles that were measured to be best";
  let description = [{
    The module's `lut.tuning`, for linears of that shape and packing that have
    no tiles yet; batch classes that it leaves out get what `tile-choose` takes.
    Example: `tests/passes/tile/tune.mlir`.
  }];
}

def ChooseTiles : Pass<"tile-choose", "::mlir::func::FuncOp"> {
  let summary = "pick strategy and tile of every linear and batch class";
  let description = [{
    Three classes: decode (1 row), small (up to 32, as long as multiplying is
    faster than looking up), prefill (up to 256). Of the legal tiles of a class
    the one with the fewest predicted cycles is taken, see `tile/Cost.h`. An op
    that has tiles keeps them.
    Example: `tests/passes/tile/choose.mlir`.
  }];
}

def OverrideTiles : Pass<"tile-override", "::mlir::ModuleOp"> {
  let summary = "fields of tiles that the user chose for some linears";
  let description = [{
    `tile.…=…` of the module's `lut.overrides`, for linears with a weight of a
    matching name. What they make of a tile is verified when all are set.
    Example: `tests/passes/tile/override.mlir`.
  }];
}

def ChooseSkips : Pass<"tile-choose-skips", "::mlir::func::FuncOp"> {
  let summary = "from how many zeros on decoding skips";
  let description = [{
    What the target says, for linears that have a copy to skip in. An op that
    has a `lut.skip` keeps it; without one decoding reads all.
    Example: `tests/passes/tile/choose-skips.mlir`.
  }];
}
