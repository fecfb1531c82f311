//===- LowerPick.cpp - Floats times weights, scales of rows and groups ----===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/StepLowering.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace setun::passes {

using spmd::Field;
using spmd::Region;

static int64_t getOffset(tern::WeightOp weight) {
  return weight->getAttrOfType<IntegerAttr>(lut::kOffsetAttr).getInt();
}

/// Rows as they are, or normed: by each worker for itself if there is one row.
Activation StepLowering::readFloats(tern::FusedLinearOp op, int64_t stride) {
  bool own = maxRows == 1 && op.getNorm();
  int64_t bytes = lut::roundUp(rowsPadded * stride * 4, 64);
  Region region = own ? Region::Scratch : Region::Arena;
  int64_t base = !op.getNorm() ? offsets.at(op.getInput())
                 : own         ? 0
                               : temporary(bytes);
  auto normRow = [&](Value row) {
    int64_t width = tern::getWidth(op.getInput());
    Value y = s.view(region, s.add(s.mul(row, stride * 4), base), stride, f32);
    s.stage("norm", width,
            {rowView(op.getInput(), row, s.index(0), stride),
             vectorWeight(op, op.getNormAttr()), y},
            f32, op.getEps()->convertToDouble());
  };
  if (own) {
    s.needScratch(bytes);
    normRow(s.index(0));
  } else if (op.getNorm()) {
    s.parallelFor(s.get(Field::Rows), normRow);
    s.barrier();
  }
  Value none = s.index(0);
  return {s.view(region, s.index(base), {rowsPadded, stride}, f32),
          s.view(Region::Arena, none, rowsPadded, s.b.getI32Type()),
          s.view(Region::Arena, none, rowsPadded, f32),
          /*floats=*/true,
          own ? bytes : 0,
          region,
          base};
}

/// What scales 16 rows from `block` on: [group][row].
Value StepLowering::scalesView(tern::WeightOp weight, Value block) {
  tern::WeightOp scales = tern::getWeight(weight, weight.getScalesAttr());
  ArrayRef<int64_t> shape = scales.getType().getShape();
  return s.view(Region::Weights,
                s.add(s.mul(block, lut::kBlockRows * 4), getOffset(scales)),
                {shape.size() == 2 ? shape[1] : 1, lut::padded(shape[0])}, f32);
}

/// Of all rows, 16 floats at a time: `change(y, row, column)` of those in
/// `blocks` of a tensor at `offset`, and what they become.
void StepLowering::forEachSixteen(
    Blocks blocks, int64_t width, int64_t offset,
    llvm::function_ref<Value(Value, Value, Value)> change) {
  auto floats = VectorType::get(lut::kBlockRows, f32);
  Value y = viewBlocks(blocks, width, offset);
  s.forEach(s.index(0), s.get(Field::Rows), [&](Value row) {
    s.forEach(s.index(0), blocks.count, [&](Value block) {
      SmallVector<Value> at{row, s.mul(block, lut::kBlockRows)};
      Value some = vector::LoadOp::create(s.b, s.loc, floats, y, at);
      some = change(some, at[0], at[1]);
      vector::StoreOp::create(s.b, s.loc, some, y, at);
    });
  });
}

/// All rows from the first of the blocks on.
Value StepLowering::viewBlocks(Blocks blocks, int64_t width, int64_t offset) {
  return s.view(Region::Arena,
                s.add(s.mul(blocks.first, lut::kBlockRows * 4), offset),
                {rowsPadded, width}, f32);
}

void StepLowering::addRows(Blocks blocks, int64_t width, int64_t residual,
                           int64_t out) {
  Value added = viewBlocks(blocks, width, residual);
  forEachSixteen(blocks, width, out, [&](Value y, Value row, Value column) {
    Value some =
        vector::LoadOp::create(s.b, s.loc, cast<VectorType>(y.getType()), added,
                               ValueRange{row, column});
    return arith::AddFOp::create(s.b, s.loc, y, some).getResult();
  });
}

/// Each row of outputs times its own scale [+ residual].
void StepLowering::scaleRows(tern::WeightOp weight, Blocks blocks,
                             std::optional<int64_t> residual, int64_t out) {
  int64_t width = lut::padded(weight.getType().getShape()[0]);
  Value scales = scalesView(weight, blocks.first), zero = s.index(0);
  forEachSixteen(blocks, width, out, [&](Value y, Value, Value column) {
    Value some =
        vector::LoadOp::create(s.b, s.loc, cast<VectorType>(y.getType()),
                               scales, ValueRange{zero, column});
    return arith::MulFOp::create(s.b, s.loc, y, some).getResult();
  });
  if (residual)
    addRows(blocks, width, *residual, out);
}

/// To all rows of these blocks, while they are in the cache.
void StepLowering::addBias(tern::WeightOp weight, FlatSymbolRefAttr bias,
                           Blocks blocks, int64_t out) {
  int64_t width = lut::padded(weight.getType().getShape()[0]);
  Value numbers = vectorWeight(weight, bias);
  Value first = s.mul(blocks.first, lut::kBlockRows);
  forEachSixteen(blocks, width, out, [&](Value y, Value, Value column) {
    Value some =
        vector::LoadOp::create(s.b, s.loc, cast<VectorType>(y.getType()),
                               numbers, s.add(first, column));
    return arith::AddFOp::create(s.b, s.loc, y, some).getResult();
  });
}

/// The head's arithmetic. Behind the last row of the matrix there are zeros, as
/// packings of trits leave them.
void StepLowering::multiplyDense(tern::WeightOp weight, lut::TileAttr tile,
                                 const Activation &in, int64_t stride,
                                 Blocks blocks, std::optional<int64_t> residual,
                                 int64_t out) {
  ArrayRef<int64_t> shape = weight.getType().getShape();
  auto packing = weight->getAttrOfType<lut::RowsAttr>(lut::kPackingAttr);
  FloatType element = packing.getElement();
  int64_t width = lut::padded(shape[0]), tall = tile.getBlocks() * 16;
  Value first = s.mul(blocks.first, lut::kBlockRows);
  Value count = s.min(s.mul(blocks.count, lut::kBlockRows),
                      s.sub(s.index(shape[0]), first));
  if (shape[0] != width) {
    int64_t last = lut::getBlocks(shape[0]) - 1;
    Value end = s.add(blocks.first, blocks.count);
    s.ifThen(s.isEqual(end, s.index(last + 1)), [&] {
      forEachSixteen({s.index(last), s.index(1)}, width, out,
                     [&](Value y, Value, Value) -> Value {
                       return arith::ConstantOp::create(
                           s.b, s.loc, s.b.getZeroAttr(y.getType()));
                     });
    });
  }
  Value rows = s.view(
      Region::Weights,
      s.add(s.mul(first, stride * element.getWidth() / 8), getOffset(weight)),
      {tall, stride}, element);
  s.forEach(s.index(0), s.get(Field::Rows), [&](Value row) {
    Value x =
        s.view(in.region, s.add(s.mul(row, stride * 4), in.base), stride, f32);
    Value place = s.add(s.mul(s.add(s.mul(row, width), first), 4), out);
    s.stage("head", {stride, tall},
            {rows, x, s.view(Region::Arena, place, tall, f32), count}, element);
  });
  if (residual)
    addRows(blocks, width, *residual, out);
}

} // namespace setun::passes
