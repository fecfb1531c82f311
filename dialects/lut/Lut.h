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

#include "dialects/lut/Enums.h.inc"

namespace setun::lut {

/// How a packing takes its bytes apart.
struct UnpackOptions {
  Form form = Form::Codes;
  unsigned permuteBytes = 0; ///< entries of a byte table that can be indexed
  unsigned laneBits = 8;     ///< of the registers: bytes of a vector, or 64
};

} // namespace setun::lut

#include "dialects/lut/Dialect.h.inc"
#include "dialects/lut/Interfaces.h.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/lut/Attrs.h.inc"
#define GET_OP_CLASSES
#include "dialects/lut/Ops.h.inc"

namespace setun::lut {

/// On the module or a function: the machine; on the module: the machines of an
/// executable for several, the plainest first.
inline constexpr llvm::StringLiteral kTargetAttr = "lut.target";
inline constexpr llvm::StringLiteral kLevelsAttr = "lut.levels";
/// On the module: choices of the user's that passes have not applied yet, each
/// "key=value pattern".
inline constexpr llvm::StringLiteral kOverridesAttr = "lut.overrides";
/// On the module: what tuning files choose, the first that fits holds.
inline constexpr llvm::StringLiteral kTuningAttr = "lut.tuning";
/// On the module: bytes of the weights segment, and how many of them a decoded
/// token reads.
inline constexpr llvm::StringLiteral kWeightsBytesAttr = "lut.weights_bytes";
inline constexpr llvm::StringLiteral kTokenBytesAttr = "lut.token_bytes";
/// On the module: bytes of the KV cache a position.
inline constexpr llvm::StringLiteral kCacheBytesAttr = "lut.cache_bytes";
inline constexpr llvm::StringLiteral kCacheChunkAttr = "lut.cache_chunk";
/// On a weight: its packing, its place in the weights segment, its size there.
inline constexpr llvm::StringLiteral kPackingAttr = "lut.packing";
inline constexpr llvm::StringLiteral kOffsetAttr = "lut.offset";
inline constexpr llvm::StringLiteral kBytesAttr = "lut.bytes";
/// The same of the copy that skipping reads, if there is one.
inline constexpr llvm::StringLiteral kSkipPackingAttr = "lut.skip_packing";
inline constexpr llvm::StringLiteral kSkipOffsetAttr = "lut.skip_offset";
inline constexpr llvm::StringLiteral kSkipBytesAttr = "lut.skip_bytes";
/// On a fused linear: when decoding skips.
inline constexpr llvm::StringLiteral kSkipAttr = "lut.skip";
/// On a head: the low-bit copy of its weight. On a step: where in the arena it
/// leaves the rows that the head reads.
inline constexpr llvm::StringLiteral kScreenAttr = "lut.screen";
inline constexpr llvm::StringLiteral kHeadRowsAttr = "lut.head_rows";
/// On a fused linear: its tiles, one a batch class, ascending rows.
inline constexpr llvm::StringLiteral kTilesAttr = "lut.tiles";
/// On a declaration: what to generate for it.
inline constexpr llvm::StringLiteral kKernelAttr = "lut.kernel";
inline constexpr llvm::StringLiteral kStageAttr = "lut.stage";
inline constexpr llvm::StringLiteral kScreenKernelAttr = "lut.screen_kernel";
/// On a function: keep the portable lowering, it judges the others.
inline constexpr llvm::StringLiteral kPortableAttr = "lut.portable";

/// Rows of a block; bytes of a group.
inline constexpr int64_t kBlockRows = 16;
inline constexpr int64_t kGroupBytes = 64;
/// Bytes of a row in a group.
inline constexpr int64_t kPositions = kGroupBytes / kBlockRows;
/// Tokens that share a row of partial sums; trits that name the row.
inline constexpr int64_t kLookupTokens = 16;
inline constexpr int64_t kLookupTrits = 4;
/// Numbers that so many trits can be, and elements of a table of two columns'
/// sums.
inline constexpr int64_t kLookupEntries = 81;
inline constexpr int64_t kLookupTable = kLookupEntries * 2 * kLookupTokens;

/// Columns whose sum of trits times |q| ≤ 127 is an integer that fp32 holds.
inline constexpr int64_t kMostPicked = (1 << 24) / 127;

inline int64_t ceilDiv(int64_t value, int64_t divisor) {
  return (value + divisor - 1) / divisor;
}
inline int64_t roundUp(int64_t value, int64_t multiple) {
  return ceilDiv(value, multiple) * multiple;
}

/// Width of a row of floats in memory: whole groups of 16, the rest zeros.
inline int64_t padded(int64_t width) { return roundUp(width, kBlockRows); }

/// Columns of a group, groups of a row; 16-row blocks, and panels, of a matrix.
int64_t getGroupColumns(PackingInterface packing);
int64_t getGroups(PackingInterface packing, int64_t columns);
int64_t getBlocks(int64_t rows);
int64_t getPanels(PackingInterface packing, int64_t rows);

/// Whether #lut.kernel takes the tile for a matrix of this shape.
llvm::LogicalResult
verifyTile(llvm::function_ref<mlir::InFlightDiagnostic()> emitError,
           PackingInterface packing, llvm::ArrayRef<int64_t> shape,
           TileAttr tile, bool floats = false);

/// Trits of a group in packings by rows or columns; bytes of a line of `trits`.
inline constexpr int64_t kLineTrits = 4 * kGroupBytes;
int64_t getLineBytes(int64_t trits);
/// Where the trit of `field` in byte `byte` of a group lies in the line.
int64_t getLinePosition(Order order, int64_t byte, int64_t field);
/// From one panel of a matrix to the next.
int64_t getPanelBytes(PackingInterface packing, int64_t columns);

/// Bytes of a weight of `shape` in the segment, 0 if the packing does not hold
/// it.
int64_t getPackedBytes(llvm::ArrayRef<int64_t> shape, mlir::Attribute packing);

/// `#lut.screen`: what codes are above, and the largest.
inline constexpr int64_t kScreenOffset = 32, kScreenCodes = 64;
/// Columns and bytes of a group, and the bytes before the first.
inline constexpr int64_t kScreenColumns = 16, kScreenGroupBytes = 192;
inline constexpr int64_t kScreenHeadBytes = 192;

/// The bytes of a block: 16 rows of `columns` codes.
int64_t getScreenBlockBytes(int64_t columns);

/// Packs a group: codes[i][4r+j] is row r, column 4i+j.
void packScreenGroup(const uint8_t (*codes)[kGroupBytes], uint8_t *out);

/// The same codes from the packed thirds of a group, or from equal parts of
/// them; `laneBits` is that of `UnpackOptions`.
llvm::SmallVector<mlir::Value> buildScreenUnpack(mlir::OpBuilder &builder,
                                                 mlir::Location loc,
                                                 mlir::ValueRange thirds,
                                                 unsigned laneBits);

/// The sums that `lut.dot` adds to where a core is good at `dot`.
mlir::VectorType getSumsType(Dot dot, mlir::MLIRContext *context);

/// Groups that a sum of 16 bits takes before it must be widened: `products` of
/// at most `largest` each a group.
int64_t getGroupsBeforeWrap(int64_t products, int64_t largest);

/// The same for sums of `lut.dot`, one for every scale of the form.
int64_t getGroupsBeforeWrap(mlir::VectorType sums, PackingInterface packing,
                            Form form);

/// Four or eight bytes, repeated to a vector of bytes of this type.
mlir::Value buildSpread(mlir::OpBuilder &builder, mlir::Location loc,
                        mlir::Value bytes, mlir::VectorType type);

/// The machine that `op` is made for, or null with a diagnostic.
TargetAttr getTarget(mlir::Operation *op);

/// The machines of a module, empty with a diagnostic if it names none.
llvm::SmallVector<TargetAttr> getLevels(mlir::ModuleOp module);

/// All byte values that `packing` produces, with their trits.
llvm::SmallVector<std::pair<uint8_t, llvm::SmallVector<int8_t>>>
enumerateBytes(PackingInterface packing);

} // namespace setun::lut

#endif // SETUN_DIALECTS_LUT_LUT_H
