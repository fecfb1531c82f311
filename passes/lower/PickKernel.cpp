//===- PickKernel.cpp - Add the floats that trits choose ------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The order of the sums is that of `tern.matmul`. Of a block, a group of 64
// bytes is 16 lanes of 32 bits, the codes of a row's 16 columns: bits 8j+2i are
// column 4i+j. So a nibble is two codes, and chooses one of nine sums.
//
//   for tokens:
//     table[8 a group] = t·x[a] + t'·x[b]      of all codes t, t'
//     for blocks, `unroll` at a time:
//       for scales of the row:
//         for groups of 64 bytes, for nibbles n = 0 … 7:
//           sums[n mod 2] += table[codes >> 4n]
//         y += (sums[0] + sums[1]) · scale
//       out = y [+ residual]
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Kernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace setun::passes {

static constexpr int64_t kNibbles = 8;
/// Elements of a nibble's table, one a number of four bits.
static constexpr int64_t kEntries = 16;
static constexpr int64_t kSums = 2;

int64_t getPickBytes(const KernelShape &shape) {
  return shape.groups * kNibbles * kEntries * 4;
}

namespace {
struct PickTile : KernelBuilder {
  PickTile(func::FuncOp function, lut::KernelAttr kernel);

  void build();

private:
  Value splat(Value x) {
    return vector::BroadcastOp::create(b, loc, floats, x);
  }
  Value digits(int64_t divisor);
  Value loadColumns(Value token, Value group);
  void buildTables(Value token);
  SmallVector<Value> addGroup(Value block, Value group, ValueRange sums);
  SmallVector<Value> sumGroups(Value block, Value begin, Value end);
  Value loadScale(Value scale, Value block, int64_t u);
  SmallVector<Value> sumBlocks(Value block, Value inverse);
  void addToken(Value token);

  int64_t unroll;
  VectorType floats, words;
  Value tables; ///< [groups · 8 · 16] f32
};
} // namespace

PickTile::PickTile(func::FuncOp function, lut::KernelAttr kernel)
    : KernelBuilder(function, kernel), unroll(kernel.getTile().getUnroll()),
      floats(vector(lut::kBlockRows, b.getF32Type())),
      words(vector(lut::kBlockRows, b.getI32Type())) {
  tables = memref::ViewOp::create(
      b, loc, MemRefType::get(shape.scratchBytes / 4, b.getF32Type()),
      args.scratch, index(0), ValueRange());
}

/// Of each number of four bits, the trit whose code is number / divisor mod 4;
/// there is no code 3.
Value PickTile::digits(int64_t divisor) {
  SmallVector<float> trits;
  for (int64_t n = 0; n < kEntries; ++n)
    trits.push_back(static_cast<float>(n / divisor % 4 % 3) - 1);
  return arith::ConstantOp::create(
      b, loc, DenseElementsAttr::get(floats, ArrayRef(trits)));
}

/// The activations of 16 columns.
Value PickTile::loadColumns(Value token, Value group) {
  SmallVector<Value> at{token, mul(group, lut::kBlockRows)};
  if (kernel.getFloats())
    return vector::LoadOp::create(b, loc, floats, args.q, at);
  Value q = vector::LoadOp::create(
      b, loc, vector(lut::kBlockRows, b.getI8Type()), args.q, at);
  return arith::SIToFPOp::create(b, loc, floats, q);
}

void PickTile::buildTables(Value token) {
  Value first = digits(1), second = digits(4);
  forEach(index(0), index(shape.groups), 1, [&](Value group) {
    Value x = loadColumns(token, group);
    for (int64_t n = 0; n < kNibbles; ++n) {
      int64_t column = n % 2 * 8 + n / 2;
      auto product = [&](Value trits, int64_t i) -> Value {
        Value one = vector::ExtractOp::create(b, loc, x, i);
        return arith::MulFOp::create(b, loc, trits, splat(one));
      };
      Value table = arith::AddFOp::create(b, loc, product(first, column),
                                          product(second, column + 4));
      vector::StoreOp::create(
          b, loc, table, tables,
          add(mul(group, kNibbles * kEntries), n * kEntries));
    }
  });
}

/// sums[block][n mod 2] of `unroll` blocks.
SmallVector<Value> PickTile::addGroup(Value block, Value group,
                                      ValueRange sums) {
  SmallVector<Value> next(sums), codes;
  for (int64_t u = 0; u < unroll; ++u) {
    Value bytes =
        vector::LoadOp::create(b, loc, vector(lut::kGroupBytes, b.getI8Type()),
                               args.weights, groupPlace(add(block, u), group),
                               /*nontemporal=*/false, kGroupAlignment);
    codes.push_back(vector::BitCastOp::create(b, loc, words, bytes));
  }
  for (int64_t n = 0; n < kNibbles; ++n) {
    Value table = vector::LoadOp::create(
        b, loc, floats, tables,
        add(mul(group, kNibbles * kEntries), n * kEntries));
    Value by = arith::ConstantOp::create(
        b, loc,
        DenseElementsAttr::get(words, b.getI32IntegerAttr(int32_t(4 * n))));
    for (int64_t u = 0; u < unroll; ++u) {
      Value shifted =
          n ? arith::ShRUIOp::create(b, loc, codes[u], by).getResult()
            : codes[u];
      Value &sum = next[u * kSums + n % kSums];
      sum = lut::PickOp::create(b, loc, floats, sum, shifted, table);
    }
  }
  return next;
}

SmallVector<Value> PickTile::sumGroups(Value block, Value begin, Value end) {
  SmallVector<Value> zero(unroll * kSums, zeros(floats));
  SmallVector<Value> sums =
      loop(begin, end, 1, zero, [&](Value group, ValueRange carried) {
        return addGroup(block, group, carried);
      });
  SmallVector<Value> totals;
  for (int64_t u = 0; u < unroll; ++u)
    totals.push_back(
        arith::AddFOp::create(b, loc, sums[u * kSums], sums[u * kSums + 1]));
  return totals;
}

/// The factors of 16 rows.
Value PickTile::loadScale(Value scale, Value block, int64_t u) {
  return vector::LoadOp::create(
      b, loc, floats, args.sums,
      ValueRange{scale, mul(add(block, u), lut::kBlockRows)});
}

/// Of `unroll` blocks; `inverse` is 1 / the activations' scale, or null.
SmallVector<Value> PickTile::sumBlocks(Value block, Value inverse) {
  int64_t group = kernel.getGroup();
  Value all = index(shape.groups);
  if (group == 0) {
    SmallVector<Value> sums = sumGroups(block, index(0), all);
    for (Value &sum : sums)
      sum = arith::MulFOp::create(b, loc, sum,
                                  splat(inverse ? inverse : args.alpha));
    return sums;
  }
  int64_t count = kernel.getColumns() / group;
  int64_t groups = count == 1 ? shape.groups : group / lut::kBlockRows;
  SmallVector<Value> zero(unroll, zeros(floats));
  return loop(index(0), index(count), 1, zero, [&](Value i, ValueRange y) {
    Value begin = mul(i, groups);
    SmallVector<Value> sums = sumGroups(block, begin, add(begin, groups));
    for (auto [u, sum] : llvm::enumerate(sums)) {
      if (inverse)
        sum = arith::MulFOp::create(b, loc, sum, splat(inverse));
      sum = arith::MulFOp::create(b, loc, sum, loadScale(i, block, u));
      sum = arith::AddFOp::create(b, loc, y[u], sum);
    }
    return sums;
  });
}

void PickTile::addToken(Value token) {
  buildTables(token);
  Value inverse;
  if (!kernel.getFloats())
    inverse = loadFactor(token); // alpha is 1 beside other scales
  forEach(index(0), args.blocks, unroll, [&](Value block) {
    for (auto [u, y] : llvm::enumerate(sumBlocks(block, inverse)))
      storeFloats(y, token, add(block, u));
  });
}

void PickTile::build() {
  forEach(index(0), args.rows, 1, [&](Value token) { addToken(token); });
}

void buildPickKernel(func::FuncOp function, lut::KernelAttr kernel) {
  PickTile(function, kernel).build();
}

} // namespace setun::passes
