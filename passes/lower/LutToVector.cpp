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
/// Vector arithmetic at one place.
struct Lanes {
  PatternRewriter &b;
  Location loc;

  Value strided(Value v, int64_t first, int64_t step) {
    SmallVector<int64_t> lanes;
    for (int64_t i = first; i < getSize(v); i += step)
      lanes.push_back(i);
    return vector::ShuffleOp::create(b, loc, v, v, lanes);
  }
  static int64_t getSize(Value v) {
    return cast<VectorType>(v.getType()).getNumElements();
  }
  Value splat(Type type, uint64_t value) {
    APInt bits(cast<VectorType>(type).getElementTypeBitWidth(), value,
               /*isSigned=*/false, /*implicitTrunc=*/true);
    return arith::ConstantOp::create(
        b, loc, DenseElementsAttr::get(cast<ShapedType>(type), bits));
  }
  Value add(Value x, Value y) { return arith::AddIOp::create(b, loc, x, y); }
  Value mul(Value x, Value y) { return arith::MulIOp::create(b, loc, x, y); }
  Value bitAnd(Value x, uint64_t mask) {
    return arith::AndIOp::create(b, loc, x, splat(x.getType(), mask));
  }
  Value shiftRight(Value x, int64_t by) {
    return arith::ShRUIOp::create(b, loc, x, splat(x.getType(), by));
  }
  Value zeroExtend(Type type, Value v) {
    return arith::ExtUIOp::create(b, loc, type, v);
  }
  Value signExtend(Type type, Value v) {
    return arith::ExtSIOp::create(b, loc, type, v);
  }

  /// acc[i] + Σ_j u8(codes[step·i + j]) · s8(values[step·i + j])
  Value addProducts(Value acc, Value codes, Value values) {
    Type type = acc.getType();
    int64_t step = getSize(codes) / getSize(acc);
    for (int64_t j = 0; j < step; ++j)
      acc = add(acc, mul(zeroExtend(type, strided(codes, j, step)),
                         signExtend(type, strided(values, j, step))));
    return acc;
  }
};

/// See `lut.dot`: what the sums' type says.
struct LowerDot : OpRewritePattern<lut::DotOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(lut::DotOp op,
                                PatternRewriter &rewriter) const override {
    Lanes lanes{rewriter, op.getLoc()};
    auto type = cast<VectorType>(op.getCodes().getType());
    if (type.isScalable())
      return rewriter.notifyMatchFailure(op, "lanes cannot be counted");
    if (cast<VectorType>(op.getAcc().getType()).getElementTypeBitWidth() == 64)
      rewriter.replaceOp(op, addWords(lanes, op));
    else
      rewriter.replaceOp(
          op, lanes.addProducts(op.getAcc(), op.getCodes(),
                                lut::buildSpread(rewriter, op.getLoc(),
                                                 op.getValues(), type)));
    return success();
  }

  /// q[first] + q[second]·2¹⁶, all lanes.
  static Value pairOf(Lanes lanes, lut::DotOp op, int64_t first,
                      int64_t second) {
    Type i64 = lanes.b.getI64Type();
    auto extend = [&](int64_t i) -> Value {
      Value q =
          vector::ExtractOp::create(lanes.b, lanes.loc, op.getValues(), i);
      return arith::ExtSIOp::create(lanes.b, lanes.loc, i64, q);
    };
    Value shift = arith::ConstantIntOp::create(lanes.b, lanes.loc, i64, 16);
    Value high =
        arith::ShLIOp::create(lanes.b, lanes.loc, extend(second), shift);
    return vector::BroadcastOp::create(lanes.b, lanes.loc,
                                       op.getAcc().getType(),
                                       lanes.add(extend(first), high));
  }

  static Value addWords(Lanes lanes, lut::DotOp op) {
    Value words = vector::BitCastOp::create(
        lanes.b, lanes.loc, op.getAcc().getType(), op.getCodes());
    constexpr uint64_t even = 0x00ff00ff00ff00ff;
    Value acc = lanes.add(op.getAcc(), lanes.mul(lanes.bitAnd(words, even),
                                                 pairOf(lanes, op, 2, 0)));
    Value odd = lanes.bitAnd(lanes.shiftRight(words, 8), even);
    return lanes.add(acc, lanes.mul(odd, pairOf(lanes, op, 3, 1)));
  }
};

struct LowerDotLanes : OpRewritePattern<lut::DotLanesOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(lut::DotLanesOp op,
                                PatternRewriter &rewriter) const override {
    Lanes lanes{rewriter, op.getLoc()};
    rewriter.replaceOp(
        op, lanes.addProducts(op.getAcc(), op.getCodes(), op.getValues()));
    return success();
  }
};

/// Without branches: every value is written, and the next one over it unless it
/// was chosen.
struct LowerAppend : OpRewritePattern<lut::AppendOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(lut::AppendOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Value at = op.getAt();
    for (int64_t i = 0; i < Lanes::getSize(op.getValues()); ++i) {
      Value value = vector::ExtractOp::create(rewriter, loc, op.getValues(), i);
      memref::StoreOp::create(rewriter, loc, value, op.getList(), at);
      Value chosen = vector::ExtractOp::create(rewriter, loc, op.getMask(), i);
      Value step = arith::IndexCastUIOp::create(
          rewriter, loc, rewriter.getIndexType(), chosen);
      at = arith::AddIOp::create(rewriter, loc, at, step);
    }
    rewriter.replaceOp(op, at);
    return success();
  }
};

struct LowerDotTile : OpRewritePattern<lut::DotTileOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(lut::DotTileOp op,
                                PatternRewriter &rewriter) const override {
    Lanes lanes{rewriter, op.getLoc()};
    Value acc = op.getAcc();
    Value halves[] = {op.getLow(), op.getHigh()};
    for (auto [half, codes] : llvm::enumerate(halves))
      for (int64_t j = 0; j < 4; ++j) {
        // Lane 4p+2a+t: byte 8p+4a+j of the codes, byte 8t+4·half+j of q.
        SmallVector<int64_t> rows, tokens;
        for (int64_t lane = 0; lane < 32; ++lane) {
          rows.push_back(lane / 2 * 4 + j);
          tokens.push_back(lane % 2 * 8 + 4 * half + j);
        }
        Value c = vector::ShuffleOp::create(rewriter, op.getLoc(), codes, codes,
                                            rows);
        Value q = vector::ShuffleOp::create(
            rewriter, op.getLoc(), op.getValues(), op.getValues(), tokens);
        Type type = acc.getType();
        acc = lanes.add(acc, lanes.mul(lanes.zeroExtend(type, c),
                                       lanes.signExtend(type, q)));
      }
    rewriter.replaceOp(op, acc);
    return success();
  }
};

struct LowerWiden : OpRewritePattern<lut::WidenOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(lut::WidenOp op,
                                PatternRewriter &rewriter) const override {
    Lanes lanes{rewriter, op.getLoc()};
    Value narrow = op.getNarrow(), acc = op.getAcc();
    auto type = cast<VectorType>(narrow.getType());
    if (type.getElementTypeBitWidth() == 64)
      narrow = pickRows(lanes, narrow);
    int64_t step = Lanes::getSize(narrow) / Lanes::getSize(acc);
    for (int64_t j = 0; j < step; ++j)
      acc = lanes.add(
          acc, lanes.signExtend(acc.getType(), lanes.strided(narrow, j, step)));
    rewriter.replaceOp(op, acc);
    return success();
  }

  /// Lanes 1 and 3 of 64 bits as i16, interleaved. A bias makes all lanes
  /// positive first: those below no longer borrow.
  static Value pickRows(Lanes lanes, Value words) {
    Value biased = lanes.add(
        words, lanes.splat(words.getType(), uint64_t(0x0000800080008000)));
    auto rows = VectorType::get(Lanes::getSize(words), lanes.b.getI16Type());
    auto pick = [&](int64_t shift) -> Value {
      return arith::TruncIOp::create(lanes.b, lanes.loc, rows,
                                     lanes.shiftRight(biased, shift));
    };
    Value even = lanes.add(pick(16), lanes.splat(rows, 0x8000));
    return vector::InterleaveOp::create(lanes.b, lanes.loc, even, pick(48));
  }
};

/// Byte by byte: no target that asks for a permute comes here, but the op
/// means something everywhere.
struct LowerPermute : OpRewritePattern<lut::PermuteOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(lut::PermuteOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Value result = arith::ConstantOp::create(
        rewriter, loc, rewriter.getZeroAttr(op.getType()));
    for (int64_t i = 0; i < Lanes::getSize(result); ++i) {
      Value at = vector::ExtractOp::create(rewriter, loc, op.getIndex(), i);
      Value lane = arith::IndexCastUIOp::create(rewriter, loc,
                                                rewriter.getIndexType(), at);
      Value entry =
          vector::ExtractOp::create(rewriter, loc, op.getTable(), lane);
      result = vector::InsertOp::create(rewriter, loc, entry, result, i);
    }
    rewriter.replaceOp(op, result);
    return success();
  }
};

/// Trits as floats: any vector unit has what that takes.
struct LowerPick : OpRewritePattern<lut::PickOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(lut::PickOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Lanes lanes{rewriter, loc};
    Type floats = op.getType();
    auto product = [&](int64_t shift, int64_t entry) -> Value {
      Value codes = op.getCodes();
      if (shift)
        codes = lanes.shiftRight(codes, shift);
      Value trits = lanes.add(lanes.bitAnd(codes, 3),
                              lanes.splat(codes.getType(), uint64_t(-1)));
      Value x = vector::ExtractOp::create(rewriter, loc, op.getTable(), entry);
      return arith::MulFOp::create(
          rewriter, loc, arith::SIToFPOp::create(rewriter, loc, floats, trits),
          vector::BroadcastOp::create(rewriter, loc, floats, x));
    };
    Value pair =
        arith::AddFOp::create(rewriter, loc, product(0, 6), product(2, 9));
    rewriter.replaceOpWithNewOp<arith::AddFOp>(op, op.getAcc(), pair);
    return success();
  }
};

struct LowerDotTokens : OpRewritePattern<lut::DotTokensOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(lut::DotTokensOp op,
                                PatternRewriter &rewriter) const override {
    Lanes lanes{rewriter, op.getLoc()};
    Value codes = lut::buildSpread(rewriter, op.getLoc(), op.getCodes(),
                                   op.getValues().getType());
    rewriter.replaceOp(op,
                       lanes.addProducts(op.getAcc(), codes, op.getValues()));
    return success();
  }
};

/// Walks the numbers so that each sum is one addition away from another: the
/// sums of the digits above the lowest are shared by its three values.
struct LowerBuildTable : OpRewritePattern<lut::BuildTableOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(lut::BuildTableOp op,
                                PatternRewriter &rewriter) const override {
    Lanes lanes{rewriter, op.getLoc()};
    int64_t place = 0;
    auto walk = [&](auto &self, ValueRange values, Value sum) -> void {
      if (values.empty()) {
        Value at = arith::ConstantIndexOp::create(rewriter, op.getLoc(), place);
        vector::StoreOp::create(rewriter, op.getLoc(), sum, op.getTable(), at);
        place += Lanes::getSize(sum);
        return;
      }
      for (int code = 0; code < 3; ++code) {
        self(self, values.drop_back(), sum);
        sum = lanes.add(sum, values.back());
      }
    };
    walk(walk, op.getValues(),
         lanes.splat(op.getValues().front().getType(), 0));
    rewriter.eraseOp(op);
    return success();
  }
};

struct LutToVector : impl::LutToVectorBase<LutToVector> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<LowerDot, LowerDotLanes, LowerAppend, LowerDotTile, LowerWiden,
                 LowerPermute, LowerPick, LowerDotTokens, LowerBuildTable>(
        &getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
    // People edit modules: this one is the target's or nobody's.
    getOperation()->walk([&](lut::DotOp op) {
      op.emitError("found scalable codes, which the target has no "
                   "instruction for; expected scalable = false in its "
                   "'lut.target'");
      signalPassFailure();
    });
  }
};
} // namespace
} // namespace setun::passes
