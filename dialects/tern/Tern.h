//===- Tern.h - The tern dialect --------------------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_DIALECTS_TERN_TERN_H
#define SETUN_DIALECTS_TERN_TERN_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/tern/Dialect.h.inc"
#include "dialects/tern/Enums.h.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/tern/Attrs.h.inc"
#define GET_TYPEDEF_CLASSES
#include "dialects/tern/Types.h.inc"
#define GET_OP_CLASSES
#include "dialects/tern/Ops.h.inc"

#include <optional>

namespace setun::tern {

/// Module attributes: the model's numbers, the files that the weights' sources
/// index, and the folder with the tokenizer (absent: none).
inline constexpr llvm::StringLiteral kModelAttr = "tern.model";
inline constexpr llvm::StringLiteral kFilesAttr = "tern.files";
inline constexpr llvm::StringLiteral kTokenizerAttr = "tern.tokenizer";
/// Module attribute: how the KV cache holds numbers, f32 (also if absent),
/// bf16, f16, or i8 with a scale a head and position.
inline constexpr llvm::StringLiteral kCacheAttr = "tern.cache";
/// Module attribute: which tokens an embedding is made of, "mean", "cls" or
/// "last" (also if absent).
inline constexpr llvm::StringLiteral kPoolingAttr = "tern.pooling";
/// Module attribute: how embedding and head are stored where not as the
/// checkpoint does, "q8", "q6" or "q4".
inline constexpr llvm::StringLiteral kEmbedAttr = "tern.embed";
/// Module attribute: what that changes, measured, in words.
inline constexpr llvm::StringLiteral kEmbedErrorAttr = "tern.embed_error";
/// Module attribute, a unit: no file holds the weights. The executable makes
/// them up and can do one thing, measure its kernels.
inline constexpr llvm::StringLiteral kSyntheticAttr = "tern.synthetic";

/// The model of a module, or null with a diagnostic.
ModelAttr getModel(mlir::ModuleOp module);

/// Columns of activations.
int64_t getWidth(mlir::Value rows);

/// The weight a symbol names, or null with a diagnostic at `user`.
WeightOp getWeight(mlir::Operation *user, mlir::FlatSymbolRefAttr name);

/// How many weights share a scale; nothing of dense weights.
std::optional<ScaleOf> getScaleOf(WeightOp weight);

/// Columns that share a scale of `scales`; 0 where there are none.
int64_t getScaleColumns(WeightOp weight);

/// What profiles and reports call an op: by its weights, as the user's file
/// does.
std::string getLabel(mlir::Operation *op);

} // namespace setun::tern

#endif // SETUN_DIALECTS_TERN_TERN_H
