//===- LutToVector.cpp - The portable lowering ----------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Plain vector and memory operations that every CPU has. What a target's
// instruction selection does instead must give the same bits.
//
//===----------------------------------------------------------------------===//

#include "dialects/lut/Lut.h"
#include "passes/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace setun::passes {
#define GEN_PASS_DEF_LUTTOVECTOR
#include "passes/Passes.h.inc"

namespace {
/// u8 and s8 of the bytes j, j + step, …, as i32 (or i16).
struct Products {
  PatternRewriter &rewriter;
  Location loc;

  Value strided(Value bytes, int64_t first, int64_t step) {
    SmallVector<int64_t> lanes;
    for (int64_t i = first; i < 64; i += step)
      lanes.push_back(i);
    return vector::ShuffleOp::create(rewriter, loc, bytes, bytes, lanes);
  }

  /// Σ_j u8(codes[step·i + j]) · s8(values[step·i + j]) + acc[i]
  Value add(Value acc, Value codes, Value values, int64_t step) {
    Type type = acc.getType();
    for (int64_t j = 0; j < step; ++j) {
      Value code =
          arith::ExtUIOp::create(rewriter, loc, type, strided(codes, j, step));
      Value value =
          arith::ExtSIOp::create(rewriter, loc, type, strided(values, j, step));
      Value product = arith::MulIOp::create(rewriter, loc, code, value);
      acc = arith::AddIOp::create(rewriter, loc, acc, product);
    }
    return acc;
  }
};

/// Dot products that sum `step` products a lane.
template <typename Op, int64_t step> struct LowerDot : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;
  LogicalResult matchAndRewrite(Op op,
                                PatternRewriter &rewriter) const override {
    Products products{rewriter, op.getLoc()};
    rewriter.replaceOp(
        op, products.add(op.getAcc(), op.getCodes(), op.getValues(), step));
    return success();
  }
};

struct LowerWiden : OpRewritePattern<lut::WidenOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(lut::WidenOp op,
                                PatternRewriter &rewriter) const override {
    Value acc = op.getAcc();
    for (int64_t j = 0; j < 2; ++j) {
      SmallVector<int64_t> lanes;
      for (int64_t i = j; i < 32; i += 2)
        lanes.push_back(i);
      Value half = vector::ShuffleOp::create(
          rewriter, op.getLoc(), op.getPairs(), op.getPairs(), lanes);
      half = arith::ExtSIOp::create(rewriter, op.getLoc(), acc.getType(), half);
      acc = arith::AddIOp::create(rewriter, op.getLoc(), acc, half);
    }
    rewriter.replaceOp(op, acc);
    return success();
  }
};

/// Byte by byte: no target that asks for a permute comes here, but the op
/// means something everywhere.
struct LowerPermute : OpRewritePattern<lut::PermuteOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(lut::PermuteOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto size = static_cast<int64_t>(op.getTable().size());
    auto type = VectorType::get(size, rewriter.getI8Type());
    Value table = arith::ConstantOp::create(
        rewriter, loc, DenseElementsAttr::get(type, op.getTable()));
    Value result = arith::ConstantOp::create(
        rewriter, loc, rewriter.getZeroAttr(op.getType()));
    for (int64_t i = 0; i < 64; ++i) {
      Value at = vector::ExtractOp::create(rewriter, loc, op.getIndex(), i);
      Value lane = arith::IndexCastUIOp::create(rewriter, loc,
                                                rewriter.getIndexType(), at);
      Value entry = vector::ExtractOp::create(rewriter, loc, table, lane);
      result = vector::InsertOp::create(rewriter, loc, entry, result, i);
    }
    rewriter.replaceOp(op, result);
    return success();
  }
};

struct LowerLookup : OpRewritePattern<lut::LookupOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(lut::LookupOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Value row = arith::IndexCastUIOp::create(
        rewriter, loc, rewriter.getIndexType(), op.getByte());
    Value zero = arith::ConstantIndexOp::create(rewriter, loc, 0);
    rewriter.replaceOpWithNewOp<vector::LoadOp>(op, op.getType(), op.getTable(),
                                                ValueRange{row, zero});
    return success();
  }
};

/// Walks the bytes so that each sum is one addition away from another: the
/// sums of the trits behind the first are shared by its three values.
struct LowerBuildTable : OpRewritePattern<lut::BuildTableOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(lut::BuildTableOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto constant = [&](int64_t value) -> Value {
      return arith::ConstantIndexOp::create(rewriter, loc, value);
    };
    auto narrow = VectorType::get(lut::kLookupTokens, rewriter.getI8Type());
    auto type = VectorType::get(lut::kLookupTokens, rewriter.getI16Type());
    lut::PackingInterface packing = op.getPacking();
    SmallVector<Value> values;
    for (unsigned i = 0; i < packing.getTritsPerByte(); ++i) {
      Value column =
          arith::AddIOp::create(rewriter, loc, op.getBase(), constant(4 * i));
      Value q = vector::LoadOp::create(rewriter, loc, narrow, op.getValues(),
                                       ValueRange{column, constant(0)});
      values.push_back(arith::ExtSIOp::create(rewriter, loc, type, q));
    }
    Value sum =
        arith::ConstantOp::create(rewriter, loc, rewriter.getZeroAttr(type));
    SmallVector<int8_t> trits(values.size(), 0);
    auto walk = [&](auto &self, unsigned i, Value partial) -> void {
      if (i == values.size()) {
        Value row = constant(packing.packByte(trits));
        vector::StoreOp::create(rewriter, loc, partial, op.getTable(),
                                ValueRange{row, constant(0)});
        return;
      }
      for (int8_t trit : {-1, 0, 1}) {
        trits[i] = trit;
        Value next = partial;
        if (trit < 0)
          next = arith::SubIOp::create(rewriter, loc, partial, values[i]);
        if (trit > 0)
          next = arith::AddIOp::create(rewriter, loc, partial, values[i]);
        self(self, i + 1, next);
      }
    };
    walk(walk, 0, sum);
    rewriter.eraseOp(op);
    return success();
  }
};

struct LutToVector : impl::LutToVectorBase<LutToVector> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<LowerDot<lut::DotOp, 4>, LowerDot<lut::DotPairsOp, 2>,
                 LowerWiden, LowerPermute, LowerLookup, LowerBuildTable>(
        &getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
} // namespace setun::passes
