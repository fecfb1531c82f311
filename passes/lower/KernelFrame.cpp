//===- KernelFrame.cpp - What all kernels share ---------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Kernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace setun::passes {

static int64_t scratchFor(const KernelShape &shape, lut::KernelAttr kernel) {
  lut::TileAttr tile = kernel.getTile();
  switch (tile.getStrategy()) {
  case lut::Strategy::Lookup:
    return getLookupBytes(shape, tile);
  case lut::Strategy::Table:
    return getTableBytes(shape);
  case lut::Strategy::Skip:
    return getSkipBytes(kernel);
  case lut::Strategy::Pick:
    return getPickBytes(shape);
  case lut::Strategy::MultiplyAdd:
    return 1;
  }
  llvm_unreachable("no such strategy");
}

KernelShape::KernelShape(lut::KernelAttr kernel) {
  lut::TileAttr tile = kernel.getTile();
  lut::PackingInterface packing = kernel.getPacking();
  trits = packing.getTritsPerByte();
  groupColumns = lut::getGroupColumns(packing);
  groups = lut::getGroups(packing, kernel.getColumns());
  panelBlocks = packing.getPanelBlocks();
  quads = trits / panelBlocks;
  panelBytes = lut::getPanelBytes(packing, kernel.getColumns());
  // A tile of columns reaches into all of them.
  tileBytes = packing.getOrder() == lut::Order::Columns
                  ? kernel.getColumns() * lut::getLineBytes(kernel.getRows())
                  : tile.getBlocks() / panelBlocks * panelBytes;
  rowsPadded = lut::roundUp(tile.getRows(), tile.getTokens());
  scratchBytes = scratchFor(*this, kernel);
  name = (lut::stringifyStrategy(tile.getStrategy()) + "_" + packing.getWord() +
          "_" + Twine(kernel.getRows()) + "x" + Twine(kernel.getColumns()) +
          "_" + Twine(tile.getRows()) + (kernel.getResidual() ? "_r" : "") +
          (kernel.getFloats() ? "_f" : "") +
          (kernel.getGroup() ? "_g" + Twine(kernel.getGroup()) : Twine()))
             .str();
}

KernelArguments::KernelArguments(func::FuncOp function) {
  Value *fields[] = {&weights,  &q,   &sums,    &scales, &alpha,
                     &residual, &out, &scratch, &rows,   &blocks};
  for (auto [field, argument] :
       llvm::zip_equal(fields, function.getArguments()))
    *field = argument;
}

static func::FuncOp withEntry(func::FuncOp function) {
  function.addEntryBlock();
  return function;
}

KernelBuilder::KernelBuilder(func::FuncOp function, lut::KernelAttr kernel)
    : IndexBuilder{OpBuilder(function.getContext()), function.getLoc()},
      kernel(kernel), shape(kernel), args(withEntry(function)) {
  b.setInsertionPointToEnd(&function.front());
  func::ReturnOp::create(b, loc);
  b.setInsertionPointToStart(&function.front());
}

Value KernelBuilder::zeros(VectorType type) {
  return arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
}
VectorType KernelBuilder::vector(int64_t size, Type element) {
  return VectorType::get(size, element);
}

SmallVector<Value> KernelBuilder::loop(Value begin, Value end, int64_t step,
                                       ValueRange carried, Body body) {
  auto op = scf::ForOp::create(
      b, loc, begin, end, index(step), carried,
      [&](OpBuilder &inner, Location, Value i, ValueRange values) {
        OpBuilder outer = std::exchange(b, inner);
        SmallVector<Value> next = body(i, values);
        scf::YieldOp::create(b, loc, next);
        b = outer;
      });
  return SmallVector<Value>(op.getResults());
}

void KernelBuilder::forEach(Value begin, Value end, int64_t step,
                            llvm::function_ref<void(Value)> body) {
  loop(begin, end, step, {}, [&](Value i, ValueRange) {
    body(i);
    return SmallVector<Value>();
  });
}

Value KernelBuilder::groupPlace(Value panel, Value group) {
  return add(mul(panel, shape.panelBytes), mul(group, lut::kGroupBytes));
}

SmallVector<Value> KernelBuilder::unpack(Value panel, Value group,
                                         lut::Form form, int64_t first,
                                         int64_t count) {
  auto type = vector(count, b.getI8Type());
  Value bytes = vector::LoadOp::create(
      b, loc, type, args.weights, add(groupPlace(panel, group), first),
      /*nontemporal=*/false, std::min(kGroupAlignment, llvm::Align(count)));
  auto op = lut::UnpackOp::create(b, loc, SmallVector<Type>(shape.trits, type),
                                  bytes, kernel.getPacking(), form);
  return SmallVector<Value>(op.getCodes());
}

void KernelBuilder::ifBlock(Value block, llvm::function_ref<void()> body) {
  if (shape.panelBlocks == 1)
    return body();
  Value is = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, block,
                                   args.blocks);
  auto then = scf::IfOp::create(b, loc, is, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(then.thenBlock());
  body();
}

Value KernelBuilder::loadFour(Value row, Value column) {
  return vector::LoadOp::create(b, loc, vector(4, b.getI8Type()), args.q,
                                ValueRange{row, column},
                                /*nontemporal=*/false, kFourAlignment);
}

Value KernelBuilder::loadFactor(Value row) {
  Value scale = memref::LoadOp::create(b, loc, args.scales, row);
  return arith::DivFOp::create(b, loc, args.alpha, scale);
}

void KernelBuilder::store(Value acc, Value row, Value block) {
  Value factor = loadFactor(row);
  auto type = vector(lut::kBlockRows, b.getF32Type());
  Value y = arith::SIToFPOp::create(b, loc, type, acc);
  y = arith::MulFOp::create(b, loc, y,
                            vector::BroadcastOp::create(b, loc, type, factor));
  storeFloats(y, row, block);
}

void KernelBuilder::storeFloats(Value y, Value row, Value block) {
  SmallVector<Value> at{row, mul(block, lut::kBlockRows)};
  if (kernel.getResidual()) {
    Value added = vector::LoadOp::create(b, loc, cast<VectorType>(y.getType()),
                                         args.residual, at);
    y = arith::AddFOp::create(b, loc, y, added);
  }
  vector::StoreOp::create(b, loc, y, args.out, at);
}

CodeScales::CodeScales(lut::PackingInterface packing, lut::Form form)
    : values{1} {
  SmallVector<int64_t> all = packing.getScales(form); // alike in all blocks
  for (int64_t scale : ArrayRef(all).drop_back(
           all.size() - all.size() / packing.getPanelBlocks())) {
    if (!llvm::is_contained(values, scale))
      values.push_back(scale);
    sumOf.push_back(llvm::find(values, scale) - values.begin());
  }
}

Value CodeScales::combine(IndexBuilder &b, ArrayRef<Value> sums) const {
  Value total = sums[0];
  auto splat = [&](const APInt &value) -> Value {
    return arith::ConstantOp::create(
        b.b, b.loc,
        DenseElementsAttr::get(cast<ShapedType>(total.getType()), value));
  };
  for (auto [sum, scale] : llvm::drop_begin(llvm::zip(sums, values))) {
    APInt odd(32, scale);
    unsigned shift = odd.countr_zero();
    odd.lshrInPlace(shift);
    Value part = sum;
    if (shift)
      part = arith::ShRSIOp::create(b.b, b.loc, part, splat(APInt(32, shift)));
    // A multiple of an odd number is divided by its inverse modulo 2³².
    if (!odd.isOne())
      part = arith::MulIOp::create(b.b, b.loc, part,
                                   splat(odd.multiplicativeInverse()));
    total = arith::AddIOp::create(b.b, b.loc, total, part);
  }
  return total;
}

} // namespace setun::passes
