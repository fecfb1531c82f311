//===- TableKernel.cpp - Sums of two trits from a register ----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Decoding without dot products: two trits of a row name one of nine sums of
// two activations, and an instruction that indexes 16 bytes fetches those of 16
// rows. A sum v is fetched as 16·h + l, so that sums of eight fit a byte each:
// |h| ≤ 16 and l ≤ 15.
//
// for two columns: high, low = the sums' tables
// for 16-row blocks, `unroll` at a time:
//   for groups:
//     for bytes j of a row, for two of their trits:
//       h += high[pair];  l += low[pair]              bytes
//     H += h;  L += l                                 i16, widened in time
//   out = (16·H + L) · alpha / scale
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Kernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace setun::passes {

static constexpr int64_t kEntries = 16; ///< of a table, bytes
static constexpr int64_t kBytesBeforeWrap = 8;

namespace {
struct TableTile : KernelBuilder {
  TableTile(func::FuncOp function, lut::KernelAttr kernel);

  void build();

private:
  void buildTables(Value g);
  Value activation(Value column);
  Value pattern(llvm::function_ref<int16_t(int64_t)> entry);
  Value place(Value g, int64_t pair, int64_t position, int64_t half);
  SmallVector<SmallVector<Value>> unpack(Value block, Value g);
  SmallVector<Value> group(Value block, Value g, ValueRange sums);
  SmallVector<Value> accumulate(Value block);

  int64_t unroll;
  int64_t pairs; ///< of the trits of a byte
  VectorType bytes, narrow, wide;
};
} // namespace

TableTile::TableTile(func::FuncOp function, lut::KernelAttr kernel)
    : KernelBuilder(function, kernel), unroll(kernel.getTile().getUnroll()),
      pairs(llvm::divideCeil(shape.trits, 2)),
      bytes(vector(kEntries, b.getI8Type())),
      narrow(vector(kEntries, b.getI16Type())),
      wide(vector(lut::kBlockRows, b.getI32Type())) {}

/// Tables of a group lie in the scratch as [pair][position][high, low].
static int64_t groupBytes(int64_t trits) {
  return llvm::divideCeil(trits, 2) * lut::kPositions * 2 * kEntries;
}

int64_t getTableBytes(const KernelShape &shape) {
  return shape.groups * groupBytes(shape.trits);
}

Value TableTile::place(Value g, int64_t pair, int64_t position, int64_t half) {
  int64_t inside = ((pair * lut::kPositions + position) * 2 + half) * kEntries;
  return add(mul(g, groupBytes(shape.trits)), inside);
}

/// One activation in all lanes.
Value TableTile::activation(Value column) {
  Value q =
      memref::LoadOp::create(b, loc, args.q, ValueRange{index(0), column});
  q = arith::ExtSIOp::create(b, loc, b.getI16Type(), q);
  return vector::BroadcastOp::create(b, loc, narrow, q);
}

Value TableTile::pattern(llvm::function_ref<int16_t(int64_t)> entry) {
  SmallVector<int16_t> values;
  for (int64_t i = 0; i < kEntries; ++i)
    values.push_back(entry(i));
  return arith::ConstantOp::create(
      b, loc, DenseElementsAttr::get(narrow, ArrayRef<int16_t>(values)));
}

/// Entry i: trit i mod 4 of one column and i / 4 of the next one of its byte.
void TableTile::buildTables(Value g) {
  Value first = pattern([](int64_t i) { return i % 4 - 1; });
  Value second = pattern([](int64_t i) { return i / 4 - 1; });
  Value four = pattern([](int64_t) { return 4; });
  Value fifteen = pattern([](int64_t) { return 15; });
  for (int64_t pair = 0; pair < pairs; ++pair)
    for (int64_t j = 0; j < lut::kPositions; ++j) {
      Value column = add(mul(g, shape.groupColumns), 8 * pair + j);
      Value v = arith::MulIOp::create(b, loc, first, activation(column));
      if (2 * pair + 1 < shape.trits) {
        Value next =
            arith::MulIOp::create(b, loc, second, activation(add(column, 4)));
        v = arith::AddIOp::create(b, loc, v, next);
      }
      Value halves[] = {arith::ShRSIOp::create(b, loc, v, four),
                        arith::AndIOp::create(b, loc, v, fifteen)};
      for (int64_t half = 0; half < 2; ++half)
        vector::StoreOp::create(
            b, loc, arith::TruncIOp::create(b, loc, bytes, halves[half]),
            args.scratch, place(g, pair, j, half));
    }
}

/// Pairs of the rows' bytes: [position][pair].
SmallVector<SmallVector<Value>> TableTile::unpack(Value block, Value g) {
  Value offset = groupPlace(block, g);
  Value packed = vector::LoadOp::create(
      b, loc, vector(lut::kGroupBytes, b.getI8Type()), args.weights, offset,
      /*nontemporal=*/false, kGroupAlignment);
  SmallVector<SmallVector<Value>> all;
  for (int64_t j = 0; j < lut::kPositions; ++j) {
    SmallVector<int64_t> lanes;
    for (int64_t r = 0; r < lut::kBlockRows; ++r)
      lanes.push_back(lut::kPositions * r + j);
    Value rows = vector::ShuffleOp::create(b, loc, packed, packed, lanes);
    auto unpack =
        lut::UnpackOp::create(b, loc, SmallVector<Type>(pairs, bytes), rows,
                              kernel.getPacking(), lut::Form::Pairs);
    all.emplace_back(unpack.getCodes());
  }
  return all;
}

/// Group `g` of all blocks; sums: [block][high, low].
SmallVector<Value> TableTile::group(Value block, Value g, ValueRange sums) {
  SmallVector<SmallVector<SmallVector<Value>>> indices;
  for (int64_t u = 0; u < unroll; ++u)
    indices.push_back(unpack(add(block, u), g));
  SmallVector<Value> next(sums), parts;
  int64_t count = 0, total = pairs * lut::kPositions;
  for (int64_t j = 0; j < lut::kPositions; ++j)
    for (int64_t pair = 0; pair < pairs; ++pair) {
      if (count % kBytesBeforeWrap == 0)
        parts.assign(2 * unroll, zeros(bytes));
      for (int64_t half = 0; half < 2; ++half) {
        Value table = vector::LoadOp::create(b, loc, bytes, args.scratch,
                                             place(g, pair, j, half));
        for (int64_t u = 0; u < unroll; ++u) {
          Value &part = parts[2 * u + half];
          part = arith::AddIOp::create(
              b, loc, part,
              lut::PermuteOp::create(b, loc, bytes, indices[u][j][pair],
                                     table));
        }
      }
      if (++count % kBytesBeforeWrap && count != total)
        continue;
      for (auto [i, part] : llvm::enumerate(parts)) {
        Value more = arith::ExtSIOp::create(b, loc, narrow, part);
        next[i] = arith::AddIOp::create(b, loc, next[i], more);
      }
    }
  return next;
}

/// The sums of 16 rows, one a block.
SmallVector<Value> TableTile::accumulate(Value block) {
  int64_t products = pairs * lut::kPositions;
  int64_t period = lut::getGroupsBeforeWrap(products, /*largest=*/16);
  SmallVector<Value> start(unroll, zeros(wide));
  auto widen = [&](Value v) -> Value {
    return arith::ExtSIOp::create(b, loc, wide, v);
  };
  return loop(
      index(0), index(shape.groups), period, start,
      [&](Value first, ValueRange sums) {
        Value last = min(add(first, period), index(shape.groups));
        SmallVector<Value> zero(2 * unroll, zeros(narrow));
        auto parts = loop(first, last, 1, zero, [&](Value g, ValueRange sums) {
          return group(block, g, sums);
        });
        Value sixteen = arith::ConstantOp::create(
            b, loc, DenseElementsAttr::get(wide, int32_t(16)));
        SmallVector<Value> next;
        for (auto [u, sum] : llvm::enumerate(sums)) {
          Value high =
              arith::MulIOp::create(b, loc, widen(parts[2 * u]), sixteen);
          sum = arith::AddIOp::create(b, loc, sum, high);
          next.push_back(
              arith::AddIOp::create(b, loc, sum, widen(parts[2 * u + 1])));
        }
        return next;
      });
}

void TableTile::build() {
  forEach(index(0), index(shape.groups), 1, [&](Value g) { buildTables(g); });
  forEach(index(0), args.blocks, unroll, [&](Value block) {
    SmallVector<Value> sums = accumulate(block);
    for (int64_t u = 0; u < unroll; ++u)
      store(sums[u], index(0), add(block, u));
  });
}

void buildTableKernel(func::FuncOp function, lut::KernelAttr kernel) {
  TableTile(function, kernel).build();
}

} // namespace setun::passes
