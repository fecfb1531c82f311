//===- LowerSkip.cpp - Decoding chooses whether to skip -------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Both ways write the same bits, so each tile may choose its own. Of columns a
// worker takes all of the rows it will ever take at once: lines are read in
// pieces as long as the number of workers allows.
//
//===----------------------------------------------------------------------===//

#include "passes/lower/StepLowering.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace setun::passes {

using spmd::Field;
using spmd::Region;

lut::SkipAttr StepLowering::getSkip(tern::FusedLinearOp op) {
  if (maxRows != 1)
    return {};
  return op->getAttrOfType<lut::SkipAttr>(lut::kSkipAttr);
}

static lut::TileAttr getSkipTile(MLIRContext *context, int64_t blocks) {
  return lut::TileAttr::get(context, /*rows=*/1, lut::Strategy::Skip, blocks,
                            /*unroll=*/1, /*tokens=*/1);
}

/// How many of 16·`count` conditions hold, sixteen of which `test` gives.
Value StepLowering::countTrue(Value count,
                              llvm::function_ref<Value(Value first)> test) {
  auto lanes = VectorType::get(lut::kBlockRows, s.b.getI32Type());
  Value none = arith::ConstantOp::create(s.b, s.loc, s.b.getZeroAttr(lanes));
  auto loop =
      scf::ForOp::create(s.b, s.loc, s.index(0), count, s.index(1), none);
  {
    OpBuilder::InsertionGuard guard(s.b);
    s.b.setInsertionPointToStart(loop.getBody());
    Value holds = test(s.mul(loop.getInductionVar(), lut::kBlockRows));
    holds = arith::ExtUIOp::create(s.b, s.loc, lanes, holds);
    holds = arith::AddIOp::create(s.b, s.loc, loop.getRegionIterArg(0), holds);
    scf::YieldOp::create(s.b, s.loc, holds);
  }
  Value sum = vector::ReductionOp::create(
      s.b, s.loc, vector::CombiningKind::ADD, loop.getResult(0));
  return arith::IndexCastUIOp::create(s.b, s.loc, s.b.getIndexType(), sum);
}

/// `sparse` if so few of `inputs` are active that skipping the others pays.
void StepLowering::chooseSkip(tern::FusedLinearOp op, Value active,
                              Value inputs, StepBuilder::Branch sparse,
                              StepBuilder::Branch dense) {
  lut::SkipAttr skip = getSkip(op);
  auto weight = cast<FlatSymbolRefAttr>(op.getWeights().getValue().back());
  Value alone = s.isEqual(s.get(Field::Workers), s.index(1));
  Value most = arith::SelectOp::create(s.b, s.loc, alone,
                                       s.index(1000 - skip.getAlone()),
                                       s.index(1000 - skip.getShared()));
  Value pays = arith::CmpIOp::create(s.b, s.loc, arith::CmpIPredicate::ule,
                                     s.mul(active, 1000), s.mul(inputs, most));
  Value wanted = arith::CmpIOp::create(s.b, s.loc, arith::CmpIPredicate::ne,
                                       s.get(Field::Skips), s.index(0));
  pays = arith::AndIOp::create(s.b, s.loc, pays, wanted);
  auto tallied = [&](StepBuilder::Branch branch, bool skipped) {
    s.tally(weight, active, inputs, skipped);
    branch();
  };
  s.choose(
      pays, [&] { tallied(sparse, true); }, [&] { tallied(dense, false); });
}

/// Tile `tileIndex` of `up`, of which the gate is done.
void StepLowering::multiplyUp(tern::FusedLinearOp op, tern::WeightOp weight,
                              lut::TileAttr tile, const Activation &in,
                              int64_t stride, Value tileIndex, int64_t gate,
                              int64_t up) {
  auto dense = [&] {
    multiplyTile(weight, tile, in, stride, tileIndex, std::nullopt, up);
  };
  if (!getSkip(op))
    return dense();
  Blocks blocks = getBlocks(weight, tile, tileIndex);
  auto floats = VectorType::get(lut::kBlockRows, f32);
  Value zero = arith::ConstantOp::create(s.b, s.loc, s.b.getZeroAttr(floats));
  Value values = s.view(Region::Arena,
                        s.add(s.mul(blocks.first, lut::kBlockRows * 4), gate),
                        tile.getBlocks() * lut::kBlockRows, f32);
  Value active = countTrue(blocks.count, [&](Value first) -> Value {
    Value some = vector::LoadOp::create(s.b, s.loc, floats, values, first);
    return arith::CmpFOp::create(s.b, s.loc, arith::CmpFPredicate::OGT, some,
                                 zero);
  });
  auto sparse = [&] {
    multiplyBlocks(weight, getSkipTile(s.b.getContext(), tile.getBlocks()), in,
                   stride, blocks, gate, up);
  };
  // Without the padding of the last block.
  Value rows = s.sub(s.index(weight.getType().getShape()[0]),
                     s.mul(blocks.first, lut::kBlockRows));
  rows = s.min(rows, s.mul(blocks.count, lut::kBlockRows));
  chooseSkip(op, active, rows, sparse, dense);
}

/// All rows, by the columns that the activation's zeros leave.
void StepLowering::multiplyColumns(tern::WeightOp weight, const Activation &in,
                                   int64_t stride,
                                   std::optional<int64_t> residual,
                                   int64_t out) {
  int64_t rows = weight.getType().getShape()[0], count = lut::getBlocks(rows);
  int64_t perGroup = lut::kLineTrits / lut::kBlockRows;
  int64_t groups = llvm::divideCeil(count, perGroup);
  Value workers = s.get(Field::Workers);
  Value share = s.ceilDiv(s.index(groups), workers);
  lut::TileAttr tile = getSkipTile(s.b.getContext(), count);
  s.parallelFor(s.ceilDiv(s.index(groups), share), [&](Value index) {
    Value first = s.mul(s.mul(index, share), perGroup);
    Value some = s.min(s.mul(share, perGroup), s.sub(s.index(count), first));
    multiplyBlocks(weight, tile, in, stride, {first, some}, residual, out);
  });
}

/// How much of the activation is not zero.
Value StepLowering::countActive(tern::FusedLinearOp op, const Activation &in) {
  int64_t width = tern::getWidth(op.getInput());
  auto bytes = VectorType::get(lut::kBlockRows, i8);
  Value zero = arith::ConstantOp::create(s.b, s.loc, s.b.getZeroAttr(bytes));
  return countTrue(s.index(lut::getBlocks(width)), [&](Value first) -> Value {
    Value some = vector::LoadOp::create(s.b, s.loc, bytes, in.q,
                                        ValueRange{s.index(0), first});
    return arith::CmpIOp::create(s.b, s.loc, arith::CmpIPredicate::ne, some,
                                 zero);
  });
}

} // namespace setun::passes
