//===- Overrides.h - The user's choices for some weights --------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_PASSES_OVERRIDES_H
#define SETUN_PASSES_OVERRIDES_H

#include "dialects/tern/Tern.h"
#include "passes/BatchClass.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

#include <string>

namespace setun::passes {

/// What one `--set` says, "tile.decode.blocks=8 layers.*.down_proj".
struct Override {
  /// The keys are `packing` and `tile.<field>` for all batch classes or
  /// `tile.<class>.<field>` for one.
  static llvm::Expected<Override> parse(llvm::StringRef text);

  bool isPacking() const { return field == "packing"; }
  /// The pattern is for a whole name; `model.` and `.weight` may be left out.
  bool matches(llvm::StringRef weight) const;
  /// One of these symbols: what a linear multiplies by.
  bool matches(mlir::ArrayAttr weights) const;

  std::string text;
  std::optional<BatchClass> batchClass; ///< none: all, or it is a packing
  std::string field;                    ///< of #lut.tile, or "packing"
  std::string value, pattern;
  bool used = false;
};

using Overrides = llvm::SmallVector<Override>;

/// Takes those for packings, or those for tiles, off `lut.overrides` of the
/// module and calls `apply` with them for every linear; it marks what it used.
/// Fails with diagnostics if one is wrong, `apply` fails, or no weight matches:
/// then they tell the most similar names.
mlir::LogicalResult applyOverrides(
    mlir::ModuleOp module, bool packings,
    llvm::function_ref<mlir::LogicalResult(Overrides &, tern::FusedLinearOp)>
        apply);

} // namespace setun::passes

#endif // SETUN_PASSES_OVERRIDES_H
