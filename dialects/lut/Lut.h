//===- Lut.h - The lut dialect ----------------------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_DIALECTS_LUT_LUT_H
#define SETUN_DIALECTS_LUT_LUT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/lut/Dialect.h.inc"
#include "dialects/lut/Enums.h.inc"
#include "dialects/lut/Interfaces.h.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/lut/Attrs.h.inc"
#define GET_OP_CLASSES
#include "dialects/lut/Ops.h.inc"

namespace setun::lut {

/// On the module: the machine; bytes of the weights segment, and how many of
/// them a decoded token reads.
inline constexpr llvm::StringLiteral kTargetAttr = "lut.target";
inline constexpr llvm::StringLiteral kWeightsBytesAttr = "lut.weights_bytes";
inline constexpr llvm::StringLiteral kTokenBytesAttr = "lut.token_bytes";
/// On the module: bytes of the KV cache a position.
inline constexpr llvm::StringLiteral kCacheBytesAttr = "lut.cache_bytes";
/// On a weight: its packing, its place in the weights segment, its size there.
inline constexpr llvm::StringLiteral kPackingAttr = "lut.packing";
inline constexpr llvm::StringLiteral kOffsetAttr = "lut.offset";
inline constexpr llvm::StringLiteral kBytesAttr = "lut.bytes";
/// On a fused linear: its tiles, one a batch class, ascending rows.
inline constexpr llvm::StringLiteral kTilesAttr = "lut.tiles";
/// On a declaration: what to generate for it.
inline constexpr llvm::StringLiteral kKernelAttr = "lut.kernel";
inline constexpr llvm::StringLiteral kStageAttr = "lut.stage";
/// On a function: keep the portable lowering, it judges the others.
inline constexpr llvm::StringLiteral kPortableAttr = "lut.portable";

/// Rows of a block; bytes of a group.
inline constexpr int64_t kBlockRows = 16;
inline constexpr int64_t kGroupBytes = 64;
/// Tokens that share a row of partial sums.
inline constexpr int64_t kLookupTokens = 32;

inline int64_t roundUp(int64_t value, int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

/// Width of a row of floats in memory: whole groups of 16, the rest zeros.
inline int64_t padded(int64_t width) { return roundUp(width, kBlockRows); }

/// Columns of a group, groups of a row, 16-row blocks of a matrix.
int64_t getGroupColumns(PackingInterface packing);
int64_t getGroups(PackingInterface packing, int64_t columns);
int64_t getBlocks(int64_t rows);

/// Bytes of a weight of `shape` in the segment, 0 if the packing does not hold
/// it.
int64_t getPackedBytes(llvm::ArrayRef<int64_t> shape, mlir::Attribute packing);

/// Groups that an i16 accumulator takes before it must be widened: `terms`
/// products of at most `largest` each a group.
int64_t getGroupsBeforeWrap(int64_t terms, int64_t largest);

/// The target of a module, or null with a diagnostic.
TargetAttr getTarget(mlir::ModuleOp module);

/// All byte values that `packing` produces, with their trits.
llvm::SmallVector<std::pair<uint8_t, llvm::SmallVector<int8_t>>>
enumerateBytes(PackingInterface packing);

} // namespace setun::lut

#endif // SETUN_DIALECTS_LUT_LUT_H
