//===- ScreenKernel.cpp - What the logits of a head cannot exceed ---------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// for 16-row blocks:
//   for groups of 16 columns:
//     codes = unpack(bytes);  high += codes · q.high;  low += codes · q.low
//   t = 128·high + low − offset, which int32 holds whatever wraps on the way
//   upper = t·(step·scale) + (rest·norm + (row·slack + 2⁻¹⁰⁰))
//
// runtime/abi/Screen.h proves the bound. Sums of 16 bits are widened inside a
// group: codes are large.
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Kernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace setun::passes {

/// Codes of a group that one row meets one after the other.
static constexpr int64_t kCodes = lut::kScreenColumns / lut::kPositions;
static constexpr int64_t kLargestHigh = 127, kLargestLow = 64;

SmallVector<Type> getScreenTypes(OpBuilder &b, int64_t columns, int64_t rows) {
  auto buffer = [](int64_t size, Type type) -> Type {
    return MemRefType::get(size, type);
  };
  Type f32 = b.getF32Type(), q = buffer(lut::padded(columns), b.getI8Type());
  int64_t bytes = lut::getBlocks(rows) * lut::getScreenBlockBytes(columns);
  return {buffer(bytes, b.getI8Type()),
          q,
          q,
          b.getI32Type(),
          f32,
          f32,
          f32,
          buffer(lut::padded(rows), f32),
          b.getIndexType()};
}

namespace {
/// The sums of a group: [high, low][piece][chain].
struct ScreenKernel : IndexBuilder {
  ScreenKernel(func::FuncOp function, lut::Dot dot);

  void build();

private:
  enum Part { High, Low, kParts };
  using Body =
      llvm::function_ref<SmallVector<Value>(Value, MutableArrayRef<Value>)>;

  SmallVector<Value> loop(Value end, ArrayRef<Value> carried, Body body);
  Value zeros(Type type) {
    return arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
  }
  Value load(Value at, int64_t size) {
    return vector::LoadOp::create(
        b, loc, VectorType::get(size, b.getI8Type()), args[0], at,
        /*nontemporal=*/false, std::min(kGroupAlignment, llvm::Align(size)));
  }
  Value &sumOf(MutableArrayRef<Value> sums, int64_t part, int64_t piece,
               int64_t chain) {
    return sums[(part * pieces + piece) * chains + chain];
  }
  SmallVector<Value> group(Value at, Value column, MutableArrayRef<Value> sums);
  void addWide(MutableArrayRef<Value> sums, int64_t part, int64_t piece,
               ArrayRef<Value> codes, ArrayRef<Value> q);
  void addNarrow(Value &sum, int64_t part, ArrayRef<Value> codes,
                 ArrayRef<Value> q);
  Value total(MutableArrayRef<Value> sums, int64_t part);
  Value floats(Value block, int64_t line);
  Value spread(Value scalar, Type type) {
    return vector::BroadcastOp::create(b, loc, type, scalar);
  }
  void finish(Value block, Value at, MutableArrayRef<Value> sums);

  func::FuncOp function;
  Block::BlockArgListType args;
  lut::Dot dot;
  VectorType type; ///< that `lut.dot` adds to
  bool narrow;
  int64_t pieces; ///< of a group: `words` take two rows at a time
  int64_t chains; ///< sums side by side, which need not wait for each other
  int64_t columns;
  VectorType wide;
};
} // namespace

static Block::BlockArgListType addEntry(func::FuncOp function) {
  return function.addEntryBlock()->getArguments();
}

ScreenKernel::ScreenKernel(func::FuncOp function, lut::Dot dot)
    : IndexBuilder{OpBuilder(function.getContext()), function.getLoc()},
      function(function), args(addEntry(function)), dot(dot),
      type(lut::getSumsType(dot, function.getContext())),
      narrow(type.getElementTypeBitWidth() != 32),
      pieces(dot == lut::Dot::Words ? 8 : 1), chains(narrow ? 1 : 2),
      columns(cast<MemRefType>(args[1].getType()).getNumElements()),
      wide(VectorType::get(lut::kBlockRows / pieces, b.getI32Type())) {}

SmallVector<Value> ScreenKernel::loop(Value end, ArrayRef<Value> carried,
                                      Body body) {
  auto op = scf::ForOp::create(
      b, loc, index(0), end, index(1), carried,
      [&](OpBuilder &inner, Location, Value i, ValueRange values) {
        OpBuilder outer = std::exchange(b, inner);
        SmallVector<Value> now(values);
        scf::YieldOp::create(b, loc, body(i, now));
        b = outer;
      });
  return SmallVector<Value>(op.getResults());
}

void ScreenKernel::addWide(MutableArrayRef<Value> sums, int64_t part,
                           int64_t piece, ArrayRef<Value> codes,
                           ArrayRef<Value> q) {
  for (int64_t i = 0; i < kCodes; ++i) {
    Value &sum = sumOf(sums, part, piece, i % chains);
    sum = lut::DotOp::create(b, loc, type, sum, codes[i], q[i]);
  }
}

void ScreenKernel::addNarrow(Value &sum, int64_t part, ArrayRef<Value> codes,
                             ArrayRef<Value> q) {
  int64_t lanes =
      dot == lut::Dot::Words ? lut::kBlockRows : type.getNumElements();
  int64_t largest =
      (lut::kScreenCodes - 1) * (part == High ? kLargestHigh : kLargestLow);
  int64_t period = lut::getGroupsBeforeWrap(lut::kGroupBytes / lanes, largest);
  assert(period > 0 && "a narrow sum holds the products of one code");
  for (int64_t first = 0; first < kCodes; first += period) {
    Value some = zeros(type);
    for (int64_t i = first; i < std::min(first + period, kCodes); ++i)
      some = lut::DotOp::create(b, loc, type, some, codes[i], q[i]);
    sum = lut::WidenOp::create(b, loc, wide, sum, some);
  }
}

SmallVector<Value> ScreenKernel::group(Value at, Value column,
                                       MutableArrayRef<Value> sums) {
  SmallVector<Value> q[kParts];
  for (int64_t part : {High, Low})
    for (int64_t i = 0; i < kCodes; ++i)
      q[part].push_back(vector::LoadOp::create(
          b, loc, VectorType::get(lut::kPositions, b.getI8Type()),
          args[1 + part], add(column, i * lut::kPositions),
          /*nontemporal=*/false, kFourAlignment));
  int64_t size = lut::kGroupBytes / pieces;
  for (int64_t piece = 0; piece < pieces; ++piece) {
    SmallVector<Value> thirds;
    for (int64_t third = 0; third < 3; ++third)
      thirds.push_back(
          load(add(at, third * lut::kGroupBytes + piece * size), size));
    SmallVector<Value> codes =
        lut::buildScreenUnpack(b, loc, thirds, dot == lut::Dot::Words ? 64 : 8);
    for (int64_t part : {High, Low}) {
      if (narrow)
        addNarrow(sumOf(sums, part, piece, 0), part, codes, q[part]);
      else
        addWide(sums, part, piece, codes, q[part]);
    }
  }
  return SmallVector<Value>(sums);
}

/// The sums of the 16 rows.
Value ScreenKernel::total(MutableArrayRef<Value> sums, int64_t part) {
  Value all = zeros(VectorType::get(lut::kBlockRows, b.getI32Type()));
  for (int64_t piece = 0; piece < pieces; ++piece) {
    Value sum = sumOf(sums, part, piece, 0);
    for (int64_t chain = 1; chain < chains; ++chain)
      sum = arith::AddIOp::create(b, loc, sum, sumOf(sums, part, piece, chain));
    all = vector::InsertStridedSliceOp::create(
        b, loc, sum, all, ArrayRef<int64_t>{piece * wide.getNumElements()},
        ArrayRef<int64_t>{1});
  }
  return all;
}

/// A number of each row, from the head of the block.
Value ScreenKernel::floats(Value at, int64_t line) {
  auto type = VectorType::get(lut::kBlockRows, b.getF32Type());
  Value bytes = load(add(at, line * lut::kGroupBytes), lut::kGroupBytes);
  return vector::BitCastOp::create(b, loc, type, bytes);
}

void ScreenKernel::finish(Value block, Value at, MutableArrayRef<Value> sums) {
  Value high = total(sums, High), low = total(sums, Low);
  auto integers = cast<VectorType>(high.getType());
  auto type = VectorType::get(lut::kBlockRows, b.getF32Type());
  auto mul = [&](Value x, Value y) -> Value {
    return arith::MulFOp::create(b, loc, x, y);
  };
  auto plus = [&](Value x, Value y) -> Value {
    return arith::AddFOp::create(b, loc, x, y);
  };
  Value seven = arith::ConstantOp::create(
      b, loc, DenseElementsAttr::get(integers, int32_t(7)));
  Value t = arith::AddIOp::create(
      b, loc, arith::ShLIOp::create(b, loc, high, seven), low);
  t = arith::SubIOp::create(b, loc, t, spread(args[3], integers));
  Value estimate = mul(arith::SIToFPOp::create(b, loc, type, t),
                       mul(floats(at, 0), spread(args[4], type)));
  Value tiny = arith::ConstantOp::create(
      b, loc, DenseElementsAttr::get(type, 0x1p-100f));
  Value error = plus(mul(floats(at, 1), spread(args[5], type)),
                     plus(mul(floats(at, 2), spread(args[6], type)), tiny));
  vector::StoreOp::create(b, loc, plus(estimate, error), args[7],
                          IndexBuilder::mul(block, lut::kBlockRows));
}

void ScreenKernel::build() {
  b.setInsertionPointToEnd(&function.front());
  auto end = func::ReturnOp::create(b, loc);
  b.setInsertionPoint(end);
  int64_t groups = columns / lut::kScreenColumns;
  Value zero = zeros(narrow ? wide : type);
  SmallVector<Value> none(kParts * pieces * chains, zero);
  loop(args[8], {}, [&](Value block, MutableArrayRef<Value>) {
    Value at = mul(block, lut::getScreenBlockBytes(columns));
    Value first = add(at, lut::kScreenHeadBytes);
    SmallVector<Value> sums =
        loop(index(groups), none, [&](Value g, MutableArrayRef<Value> sums) {
          return group(add(first, mul(g, lut::kScreenGroupBytes)),
                       mul(g, lut::kScreenColumns), sums);
        });
    finish(block, at, sums);
    return SmallVector<Value>();
  });
}

void buildScreenKernel(func::FuncOp function, lut::Dot dot) {
  ScreenKernel(function, dot).build();
}

} // namespace setun::passes
