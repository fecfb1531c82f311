//===- Overrides.h - The user's choices for some weights --------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_PASSES_OVERRIDES_H
#define SETUN_PASSES_OVERRIDES_H

#include "passes/Linear.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

#include <string>

namespace setun::passes {

/// A pattern is for a whole name; `model.` and `.weight` may be left out.
llvm::Error verifyPattern(llvm::StringRef pattern);
/// Whether it names a weight of the linear, all of which are added to `names`.
bool matchesLinear(llvm::StringRef pattern, tern::FusedLinearOp linear,
                   llvm::SmallVectorImpl<llvm::StringRef> *names = nullptr);
/// What was found and expected where none of the names matches.
std::string explainNoMatch(llvm::StringRef pattern,
                           llvm::ArrayRef<llvm::StringRef> names);

/// What one `--set` says, "tile.decode.blocks=8 layers.*.down_proj".
struct Override {
  /// The keys are `packing` and `tile.<field>` for all batch classes or
  /// `tile.<class>.<field>` for one.
  static llvm::Expected<Override> parse(llvm::StringRef text,
                                        mlir::MLIRContext *context);

  bool isPacking() const { return bool(packing); }

  std::string text;
  lut::PackingInterface packing;        ///< null: it is about tiles
  std::optional<BatchClass> batchClass; ///< none: all
  TileChange change;
  std::string pattern;
  bool used = false;
};

/// Takes those for packings, or those for tiles, off `lut.overrides` of the
/// module and calls `apply` for every linear with those that name a weight of
/// it. Fails with diagnostics about all that is wrong: what is no override,
/// what `apply` says, each message once, and what names no weight, with the
/// most similar names.
mlir::LogicalResult
applyOverrides(mlir::ModuleOp module, bool packings,
               llvm::function_ref<llvm::Error(llvm::ArrayRef<Override>,
                                              tern::FusedLinearOp)>
                   apply);

} // namespace setun::passes

#endif // SETUN_PASSES_OVERRIDES_H
