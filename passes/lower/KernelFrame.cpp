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

/// Tables, int16 and int32 sums of a look-up tile; see LookupKernel.cpp.
static int64_t lookupScratch(int64_t blocks) {
  return 4 * 256 * lut::kLookupTokens * 2 +
         blocks * lut::kBlockRows * lut::kLookupTokens * (2 + 4);
}

KernelShape::KernelShape(lut::KernelAttr kernel) {
  lut::TileAttr tile = kernel.getTile();
  lut::PackingInterface packing = kernel.getPacking();
  bool lookup = tile.getStrategy() == lut::Strategy::Lookup;
  trits = packing.getTritsPerByte();
  groupColumns = lut::getGroupColumns(packing);
  groups = lut::getGroups(packing, kernel.getColumns());
  blockBytes = groups * lut::kGroupBytes;
  tileBytes = tile.getBlocks() * blockBytes;
  scratchBytes = lookup ? lookupScratch(tile.getBlocks()) : 1;
  rowsPadded = lut::roundUp(tile.getRows(), tile.getTokens());
  name = (lut::stringifyStrategy(tile.getStrategy()) + "_" + packing.getWord() +
          "_" + Twine(kernel.getRows()) + "x" + Twine(kernel.getColumns()) +
          "_" + Twine(tile.getRows()) + (kernel.getResidual() ? "_r" : ""))
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

void KernelBuilder::store(Value acc, Value row, Value block) {
  Value scale = memref::LoadOp::create(b, loc, args.scales, row);
  scale = arith::DivFOp::create(b, loc, args.alpha, scale);
  auto type = vector(lut::kBlockRows, b.getF32Type());
  Value y = arith::SIToFPOp::create(b, loc, type, acc);
  y = arith::MulFOp::create(b, loc, y,
                            vector::BroadcastOp::create(b, loc, type, scale));
  SmallVector<Value> at{row, mul(block, lut::kBlockRows)};
  if (kernel.getResidual()) {
    Value added = vector::LoadOp::create(b, loc, type, args.residual, at);
    y = arith::AddFOp::create(b, loc, y, added);
  }
  vector::StoreOp::create(b, loc, y, args.out, at);
}

} // namespace setun::passes
