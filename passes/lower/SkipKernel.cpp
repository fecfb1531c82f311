//===- SkipKernel.cpp - Read what zeros leave of a matrix -----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One token. By rows, those whose gate is positive:
//   list the rows; out = 0
//   for each: for groups of 256 columns: sums += codes · q
//     out = (Σ sums − Σq) · alpha / scale
// By columns, those whose activation is not zero, 16 at a time:
//   list the columns with their activations; sums = 0
//   for groups of 256 rows:
//     interleave the bytes of four columns;  sums[row] += codes · q[column]
//   out = (sums − Σq) · alpha / scale [+ residual]
//
// Sums are the same integers that other kernels have: what is left out adds 0.
// Codes stay where they lie in their bytes, times a scale: below 64, for one
// sum has all columns of a row. Lines further down the list are asked for
// early: no core foresees where they lie.
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Kernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <numeric>

using namespace mlir;

namespace setun::passes {

static constexpr int64_t kLanes = lut::kBlockRows;
/// Lines that are read at once, or asked for ahead of that.
static constexpr int64_t kRowsAhead = 16;
static constexpr int64_t kColumns = 16, kColumnsAhead = 32;
/// Behind the list of columns: what is read of it beyond its end.
static constexpr int64_t kSlack = kColumns + kColumnsAhead;
static constexpr int64_t kFields = 4;

namespace {
struct SkipTile : KernelBuilder {
  SkipTile(func::FuncOp function, lut::KernelAttr kernel)
      : KernelBuilder(function, kernel),
        portable(function->hasAttr(lut::kPortableAttr)),
        scales(kernel.getPacking(), lut::Form::InPlace),
        lanes(vector(kLanes, b.getI32Type())),
        group(vector(lut::kGroupBytes, b.getI8Type())) {}

protected:
  Value scratchView(int64_t offset, int64_t count) {
    return memref::ViewOp::create(b, loc,
                                  MemRefType::get(count, b.getI32Type()),
                                  args.scratch, index(offset), ValueRange());
  }
  Value splat(int64_t value) {
    return arith::ConstantOp::create(
        b, loc, DenseElementsAttr::get(lanes, static_cast<int32_t>(value)));
  }
  /// first, first + 1, … first + 15
  Value count(Value first) {
    SmallVector<int32_t> steps(kLanes);
    std::iota(steps.begin(), steps.end(), 0);
    Value start = arith::IndexCastOp::create(b, loc, b.getI32Type(), first);
    start = vector::BroadcastOp::create(b, loc, lanes, start);
    Value step = arith::ConstantOp::create(
        b, loc, DenseElementsAttr::get(lanes, ArrayRef(steps)));
    return arith::AddIOp::create(b, loc, start, step);
  }
  SmallVector<Value> append(Value values, Value mask, Value at) {
    return {lut::AppendOp::create(b, loc, b.getIndexType(), values, mask, list,
                                  at)};
  }
  Value toIndex(Value i32) {
    return arith::IndexCastUIOp::create(b, loc, b.getIndexType(), i32);
  }
  Value loadGroup(Value offset) {
    return vector::LoadOp::create(b, loc, group, args.weights, offset,
                                  /*nontemporal=*/false, kGroupAlignment);
  }
  SmallVector<Value> unpack(Value bytes) {
    auto op =
        lut::UnpackOp::create(b, loc, SmallVector<Type>(kFields, group), bytes,
                              kernel.getPacking(), lut::Form::InPlace);
    return SmallVector<Value>(op.getCodes());
  }
  void prefetch(Value offset) {
    memref::PrefetchOp::create(b, loc, args.weights, offset, /*isWrite=*/false,
                               /*localityHint=*/2, /*isDataCache=*/true);
  }

  bool portable;
  CodeScales scales;
  VectorType lanes, group;
  Value list;
};

struct SkipRows : SkipTile {
  using SkipTile::SkipTile;
  void build();

private:
  Value listRows();
  Value rowOf(Value position);
  void prefetchRow(Value position);
  void multiply(Value position);
  SmallVector<Value> addGroup(Value line, Value g, ValueRange sums);
  void storeRow(Value row, ArrayRef<Value> sums);
};

struct SkipColumns : SkipTile {
  using SkipTile::SkipTile;
  void build();

private:
  Value listColumns();
  void multiply(Value position, Value groups);
  void addGroup(Value g, ArrayRef<Value> lines, ArrayRef<Value> q);
  SmallVector<Value> interleave(ArrayRef<Value> lines, Value offset);
  void finish(Value g);

  Value sums; // [row]
};
} // namespace

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

/// Writes the rows whose gate is positive into the list, and 0 into the output.
Value SkipRows::listRows() {
  auto floats = vector(kLanes, b.getF32Type());
  auto body = [&](Value block, ValueRange carried) {
    Value first = mul(block, kLanes);
    SmallVector<Value> at{index(0), first};
    Value gate = vector::LoadOp::create(b, loc, floats, args.residual, at);
    Value positive = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT,
                                           gate, zeros(floats));
    vector::StoreOp::create(b, loc, zeros(floats), args.out, at);
    return append(count(first), positive, carried[0]);
  };
  return loop(index(0), args.blocks, 1, index(0), body)[0];
}

Value SkipRows::rowOf(Value position) {
  return toIndex(memref::LoadOp::create(b, loc, list, position));
}

/// sums: [scale]
SmallVector<Value> SkipRows::addGroup(Value line, Value g, ValueRange sums) {
  SmallVector<Value> next(sums);
  SmallVector<Value> codes =
      unpack(loadGroup(add(line, mul(g, lut::kGroupBytes))));
  Value column = mul(g, lut::kLineTrits);
  for (int64_t field = 0; field < kFields; ++field) {
    Value q = vector::LoadOp::create(
        b, loc, group, args.q,
        ValueRange{index(0), add(column, field * lut::kGroupBytes)});
    Value &sum = next[scales.sumOf[field]];
    sum = lut::DotLanesOp::create(b, loc, lanes, sum, codes[field], q);
  }
  return next;
}

void SkipRows::storeRow(Value row, ArrayRef<Value> sums) {
  Value sum = vector::ReductionOp::create(b, loc, vector::CombiningKind::ADD,
                                          scales.combine(*this, sums));
  Value codeSum = memref::LoadOp::create(b, loc, args.sums, index(0));
  sum = arith::SubIOp::create(b, loc, sum, codeSum);
  Value y = arith::SIToFPOp::create(b, loc, b.getF32Type(), sum);
  y = arith::MulFOp::create(b, loc, y, loadFactor(index(0)));
  memref::StoreOp::create(b, loc, y, args.out, ValueRange{index(0), row});
}

void SkipRows::prefetchRow(Value position) {
  int64_t lineBytes = lut::getLineBytes(kernel.getColumns());
  Value line = mul(rowOf(position), lineBytes);
  for (int64_t byte = 0; byte < lineBytes; byte += lut::kGroupBytes)
    prefetch(add(line, byte));
}

/// The one at `position` of the list.
void SkipRows::multiply(Value position) {
  prefetchRow(add(position, kRowsAhead));
  Value row = rowOf(position);
  Value line = mul(row, lut::getLineBytes(kernel.getColumns()));
  SmallVector<Value> none(scales.values.size(), zeros(lanes));
  storeRow(row, loop(index(0), index(shape.groups), 1, none,
                     [&](Value g, ValueRange sums) {
                       return addGroup(line, g, sums);
                     }));
}

void SkipRows::build() {
  list = scratchView(0, shape.scratchBytes / 4);
  Value count = listRows();
  // Rows beyond the list are asked for, but not multiplied.
  for (int64_t i = 0; i < kRowsAhead; i += kLanes)
    vector::StoreOp::create(b, loc, zeros(lanes), list, add(count, i));
  forEach(index(0), index(kRowsAhead), 1, [&](Value i) { prefetchRow(i); });
  forEach(index(0), count, 1, [&](Value i) { multiply(i); });
}

//===----------------------------------------------------------------------===//
// Columns
//===----------------------------------------------------------------------===//

/// Writes 256·column + q into the list; the twin takes all columns.
Value SkipColumns::listColumns() {
  auto bytes = vector(kLanes, b.getI8Type());
  int64_t end = lut::roundUp(kernel.getColumns(), kLanes);
  auto body = [&](Value column, ValueRange carried) {
    Value q = vector::LoadOp::create(b, loc, bytes, args.q,
                                     ValueRange{index(0), column});
    Value entries = arith::ShLIOp::create(b, loc, count(column), splat(8));
    entries = arith::OrIOp::create(b, loc, entries,
                                   arith::ExtUIOp::create(b, loc, lanes, q));
    Value chosen =
        portable
            ? arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult,
                                    count(column), splat(kernel.getColumns()))
            : arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, q,
                                    zeros(bytes));
    return append(entries, chosen, carried[0]);
  };
  Value ends = loop(index(0), index(end), kLanes, index(0), body)[0];
  for (int64_t i = 0; i < kSlack; i += kLanes)
    vector::StoreOp::create(b, loc, zeros(lanes), list, add(ends, i));
  return ends;
}

/// Bytes `offset` of four columns, in turn: [quarter], 4 bytes a row.
SmallVector<Value> SkipColumns::interleave(ArrayRef<Value> lines,
                                           Value offset) {
  SmallVector<Value> bytes;
  for (Value line : lines)
    bytes.push_back(loadGroup(add(line, offset)));
  auto zip = [&](Value x, Value y, int64_t half) -> Value {
    // Within 16 bytes: what vector units of all sizes do.
    int64_t size = cast<VectorType>(x.getType()).getNumElements(),
            run = size / 4;
    SmallVector<int64_t> from;
    for (int64_t i = 0; i < size; ++i)
      from.push_back(i / run * run + half * run / 2 + i % run / 2 +
                     i % 2 * size);
    return vector::ShuffleOp::create(b, loc, x, y, from);
  };
  auto pairs = vector(lut::kGroupBytes / 2, b.getI16Type());
  SmallVector<Value> quarters;
  for (int64_t half : {0, 1}) {
    Value low =
        vector::BitCastOp::create(b, loc, pairs, zip(bytes[0], bytes[1], half));
    Value high =
        vector::BitCastOp::create(b, loc, pairs, zip(bytes[2], bytes[3], half));
    for (int64_t part : {0, 1})
      quarters.push_back(
          vector::BitCastOp::create(b, loc, group, zip(low, high, part)));
  }
  return quarters;
}

/// 256 rows of some columns. q: [four columns]
void SkipColumns::addGroup(Value g, ArrayRef<Value> lines, ArrayRef<Value> q) {
  Value offset = mul(g, lut::kGroupBytes), row = mul(g, lut::kLineTrits);
  SmallVector<SmallVector<Value>> quarters;
  for (size_t i = 0; i < q.size(); ++i)
    quarters.push_back(interleave(lines.slice(4 * i, 4), offset));
  for (int64_t quarter = 0; quarter < 4; ++quarter) {
    SmallVector<SmallVector<Value>> codes;
    for (const auto &four : quarters)
      codes.push_back(unpack(four[quarter]));
    for (int64_t field = 0; field < kFields; ++field) {
      Value at = add(row, field * lut::kGroupBytes + quarter * kLanes);
      Value sum = vector::LoadOp::create(b, loc, lanes, sums, at);
      for (size_t i = 0; i < q.size(); ++i)
        sum = lut::DotOp::create(b, loc, lanes, sum, codes[i][field], q[i]);
      vector::StoreOp::create(b, loc, sum, sums, at);
    }
  }
}

/// The columns of the list from `position` on.
void SkipColumns::multiply(Value position, Value groups) {
  int64_t lineBytes = lut::getLineBytes(kernel.getRows());
  auto lineAt = [&](Value position) {
    Value entry = memref::LoadOp::create(b, loc, list, position);
    Value bits = arith::ConstantIntOp::create(b, loc, b.getI32Type(), 8);
    return mul(toIndex(arith::ShRUIOp::create(b, loc, entry, bits)), lineBytes);
  };
  SmallVector<Value> lines, ahead, q;
  for (int64_t i = 0; i < kColumns; ++i) {
    lines.push_back(lineAt(add(position, i)));
    ahead.push_back(lineAt(add(position, i + kColumnsAhead)));
  }
  for (int64_t i = 0; i < kColumns; i += 4) {
    Value entries = vector::LoadOp::create(b, loc, vector(4, b.getI32Type()),
                                           list, add(position, i));
    q.push_back(
        arith::TruncIOp::create(b, loc, vector(4, b.getI8Type()), entries));
  }
  forEach(index(0), groups, 1, [&](Value g) {
    for (Value line : ahead)
      prefetch(add(line, mul(g, lut::kGroupBytes)));
    addGroup(g, lines, q);
  });
}

/// The four blocks of each field share a scale.
void SkipColumns::finish(Value g) {
  Value codeSum = memref::LoadOp::create(b, loc, args.sums, index(0));
  Value offset = vector::BroadcastOp::create(b, loc, lanes, codeSum);
  int64_t blocks = lut::kGroupBytes / kLanes;
  for (int64_t field = 0; field < kFields; ++field) {
    Value first = add(mul(g, kFields * blocks), field * blocks);
    Value end = min(add(first, blocks), args.blocks);
    int64_t scale = scales.values[scales.sumOf[field]];
    forEach(first, end, 1, [&](Value block) {
      Value sum =
          vector::LoadOp::create(b, loc, lanes, sums, mul(block, kLanes));
      sum = arith::ShRSIOp::create(b, loc, sum, splat(llvm::Log2_64(scale)));
      store(arith::SubIOp::create(b, loc, sum, offset), index(0), block);
    });
  }
}

void SkipColumns::build() {
  int64_t rows = lut::roundUp(kernel.getRows(), lut::kLineTrits);
  sums = scratchView(0, rows);
  list = scratchView(4 * rows, shape.scratchBytes / 4 - rows);
  Value ends = listColumns();
  Value groups = arith::CeilDivUIOp::create(
      b, loc, args.blocks, index(lut::kLineTrits / lut::kBlockRows));
  forEach(index(0), mul(groups, lut::kLineTrits), kLanes, [&](Value row) {
    vector::StoreOp::create(b, loc, zeros(lanes), sums, row);
  });
  forEach(index(0), ends, kColumns, [&](Value i) { multiply(i, groups); });
  forEach(index(0), groups, 1, [&](Value g) { finish(g); });
}

int64_t getSkipBytes(lut::KernelAttr kernel) {
  if (kernel.getPacking().getOrder() == lut::Order::Rows)
    return 4 * (kernel.getTile().getBlocks() * kLanes + kRowsAhead + kLanes);
  return 4 * (lut::roundUp(kernel.getRows(), lut::kLineTrits) +
              lut::roundUp(kernel.getColumns(), kLanes) + kSlack + kLanes);
}

void buildSkipKernel(func::FuncOp function, lut::KernelAttr kernel) {
  if (kernel.getPacking().getOrder() == lut::Order::Rows)
    SkipRows(function, kernel).build();
  else
    SkipColumns(function, kernel).build();
}

} // namespace setun::passes
