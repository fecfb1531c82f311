//===- LookupKernel.cpp - Fetch rows of partial sums ----------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The "four Russians" product: a packed byte names 4 or 5 trits, so for 32
// tokens its contribution is one row of a table with 3⁴ or 3⁵ rows. One load
// and one 16-bit add then do 128 or 160 multiply-adds, on any vector unit.
//
// for 32 tokens:
//   for groups, as many as i16 provably holds:
//     build 4 tables, one a byte position j of the group
//     for rows: acc16[row] += Σ_j table[j][byte j of the row]
//   acc32 += acc16
//   out = acc32 · alpha / scale
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Kernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace setun::passes {

static constexpr int64_t kTokens = lut::kLookupTokens;
static constexpr int64_t kTableBytes = 256 * kTokens * 2;

namespace {
struct LookupTile : KernelBuilder {
  LookupTile(func::FuncOp function, lut::KernelAttr kernel)
      : KernelBuilder(function, kernel) {}

  void build();

private:
  void carveScratch();
  Value table(Value position);
  Value scratchView(int64_t &offset, ArrayRef<int64_t> dims, Type element);
  void clear(Value sums);
  void addGroup(Value tokenBlock, Value g);
  void addRow(Value g, Value row);
  void widen();
  void storeBlock(Value tokenBlock, Value block);

  Value narrow, wide; // [rows of the tile][32] i16, i32
  Value tileRows;
};
} // namespace

Value LookupTile::scratchView(int64_t &offset, ArrayRef<int64_t> dims,
                              Type element) {
  auto type = MemRefType::get(dims, element);
  Value view = memref::ViewOp::create(b, loc, type, args.scratch, index(offset),
                                      ValueRange());
  offset += type.getNumElements() * element.getIntOrFloatBitWidth() / 8;
  return view;
}

/// [256][32] i16, the partial sums of the bytes at one position.
Value LookupTile::table(Value position) {
  return memref::ViewOp::create(
      b, loc, MemRefType::get({256, kTokens}, b.getI16Type()), args.scratch,
      mul(position, kTableBytes), ValueRange());
}

/// Tables, then int16 and int32 sums.
int64_t getLookupBytes(int64_t blocks) {
  return lut::kPositions * kTableBytes +
         blocks * lut::kBlockRows * kTokens * (2 + 4);
}

void LookupTile::carveScratch() {
  int64_t offset = 0;
  int64_t rows = kernel.getTile().getBlocks() * lut::kBlockRows;
  offset += lut::kPositions * kTableBytes;
  narrow = scratchView(offset, {rows, kTokens}, b.getI16Type());
  wide = scratchView(offset, {rows, kTokens}, b.getI32Type());
}

void LookupTile::clear(Value sums) {
  Type element = cast<MemRefType>(sums.getType()).getElementType();
  Value zero = zeros(vector(kTokens, element));
  forEach(index(0), tileRows, 1, [&](Value row) {
    vector::StoreOp::create(b, loc, zero, sums, ValueRange{row, index(0)});
  });
}

void LookupTile::addGroup(Value tokenBlock, Value g) {
  // q is [rows / 32][stride][32]: the slice of this token block.
  auto whole = cast<MemRefType>(args.q.getType());
  Value flat = memref::CollapseShapeOp::create(
      b, loc, args.q, ArrayRef<ReassociationIndices>{{0, 1}, {2}});
  Value base = mul(tokenBlock, whole.getDimSize(1));
  forEach(index(0), index(lut::kPositions), 1, [&](Value j) {
    Value column = add(add(base, mul(g, shape.groupColumns)), j);
    lut::BuildTableOp::create(b, loc, flat, column, table(j),
                              kernel.getPacking());
  });
  forEach(index(0), tileRows, 1, [&](Value row) { addRow(g, row); });
}

void LookupTile::addRow(Value g, Value row) {
  Value block = arith::DivUIOp::create(b, loc, row, index(lut::kBlockRows));
  Value inside = arith::RemUIOp::create(b, loc, row, index(lut::kBlockRows));
  Value offset =
      add(add(mul(block, shape.blockBytes), mul(g, lut::kGroupBytes)),
          mul(inside, lut::kPositions));
  auto type = vector(kTokens, b.getI16Type());
  SmallVector<Value> at{row, index(0)};
  Value sum = vector::LoadOp::create(b, loc, type, narrow, at);
  for (int64_t j = 0; j < lut::kPositions; ++j) {
    Value byte = memref::LoadOp::create(b, loc, args.weights, add(offset, j));
    Value part = lut::LookupOp::create(b, loc, type, table(index(j)), byte);
    sum = arith::AddIOp::create(b, loc, sum, part);
  }
  vector::StoreOp::create(b, loc, sum, narrow, at);
}

void LookupTile::widen() {
  auto type = vector(kTokens, b.getI32Type());
  forEach(index(0), tileRows, 1, [&](Value row) {
    SmallVector<Value> at{row, index(0)};
    Value part = vector::LoadOp::create(b, loc, vector(kTokens, b.getI16Type()),
                                        narrow, at);
    Value sum = vector::LoadOp::create(b, loc, type, wide, at);
    part = arith::ExtSIOp::create(b, loc, type, part);
    sum = arith::AddIOp::create(b, loc, sum, part);
    vector::StoreOp::create(b, loc, sum, wide, at);
  });
}

/// Turns [16 rows][32 tokens] around and stores it.
void LookupTile::storeBlock(Value tokenBlock, Value block) {
  auto tile =
      VectorType::get({lut::kBlockRows, lut::kBlockRows}, b.getI32Type());
  for (int64_t half = 0; half < kTokens; half += lut::kBlockRows) {
    Value rows = zeros(tile);
    for (int64_t r = 0; r < lut::kBlockRows; ++r) {
      Value part = vector::LoadOp::create(
          b, loc, vector(lut::kBlockRows, b.getI32Type()), wide,
          ValueRange{add(mul(block, lut::kBlockRows), r), index(half)});
      rows = vector::InsertOp::create(b, loc, part, rows, r);
    }
    Value turned =
        vector::TransposeOp::create(b, loc, rows, ArrayRef<int64_t>{1, 0});
    for (int64_t t = 0; t < lut::kBlockRows; ++t)
      store(vector::ExtractOp::create(b, loc, turned, t),
            add(mul(tokenBlock, kTokens), half + t), block);
  }
}

void LookupTile::build() {
  carveScratch();
  tileRows = mul(args.blocks, lut::kBlockRows);
  // Each group adds one sum of `trits` terms ≤ 127 a position.
  int64_t period = lut::getGroupsBeforeWrap(lut::kPositions * shape.trits, 127);
  Value tokenBlocks =
      arith::CeilDivUIOp::create(b, loc, args.rows, index(kTokens));
  forEach(index(0), tokenBlocks, 1, [&](Value tokenBlock) {
    clear(wide);
    forEach(index(0), index(shape.groups), period, [&](Value first) {
      clear(narrow);
      Value last = min(add(first, period), index(shape.groups));
      forEach(first, last, 1, [&](Value g) { addGroup(tokenBlock, g); });
      widen();
    });
    forEach(index(0), args.blocks, 1,
            [&](Value block) { storeBlock(tokenBlock, block); });
  });
}

void buildLookupKernel(func::FuncOp function, lut::KernelAttr kernel) {
  LookupTile(function, kernel).build();
}

} // namespace setun::passes
