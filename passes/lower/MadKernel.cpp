//===- MadKernel.cpp - Multiply and add -----------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// for 16-row blocks, `unroll` at a time:
//   for tokens, `tokens` at a time:
//     for groups of 64 bytes a block:
//       codes = unpack(bytes);  acc[block][token] = dot(acc, codes, q[token])
//     out = (acc − Σq) · alpha / scale
//
// The codes are trit + 1, hence the Σq. Each q is 4 activations, broadcast to
// all 16 rows. Where the target multiplies pairs into i16, an inner loop runs
// for as many groups as i16 provably holds, then the pairs are widened.
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Kernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace setun::passes {

/// Largest code · |q|: codes are 0, 1, 2 and |q| ≤ 127.
static constexpr int64_t kLargestProduct = 2 * 127;

namespace {
/// One call of the inner loop: `unroll` blocks times `tokens` rows.
struct MadTile : KernelBuilder {
  MadTile(func::FuncOp function, lut::KernelAttr kernel, lut::Dot dot)
      : KernelBuilder(function, kernel), dot(dot),
        unroll(kernel.getTile().getUnroll()),
        tokens(kernel.getTile().getTokens()) {}

  void build();

private:
  Value loadActivations(Value row, Value column);
  SmallVector<Value> group(Value block, Value row, Value g, ValueRange acc);
  SmallVector<Value> accumulate(Value block, Value row);
  SmallVector<Value> accumulatePairs(Value block, Value row);

  lut::Dot dot;
  int64_t unroll, tokens;
};
} // namespace

/// q[row][column .. column + 3], 16 times.
Value MadTile::loadActivations(Value row, Value column) {
  Value four = vector::LoadOp::create(b, loc, vector(4, b.getI8Type()), args.q,
                                      ValueRange{row, column});
  Value word =
      vector::BitCastOp::create(b, loc, vector(1, b.getI32Type()), four);
  Value words = vector::BroadcastOp::create(
      b, loc, vector(16, b.getI32Type()),
      vector::ExtractOp::create(b, loc, word, ArrayRef<int64_t>{0}));
  return vector::BitCastOp::create(b, loc, vector(64, b.getI8Type()), words);
}

/// Group `g` of all blocks and tokens; acc is [unroll][tokens].
SmallVector<Value> MadTile::group(Value block, Value row, Value g,
                                  ValueRange acc) {
  SmallVector<SmallVector<Value>> codes;
  for (int64_t u = 0; u < unroll; ++u) {
    Value offset =
        add(mul(add(block, u), shape.blockBytes), mul(g, lut::kGroupBytes));
    Value bytes = vector::LoadOp::create(b, loc, vector(64, b.getI8Type()),
                                         args.weights, offset);
    SmallVector<Type> types(shape.trits, bytes.getType());
    auto unpack =
        lut::UnpackOp::create(b, loc, types, bytes, kernel.getPacking());
    codes.emplace_back(unpack.getResults());
  }
  SmallVector<Value> next(acc);
  for (int64_t t = 0; t < tokens; ++t)
    for (int64_t i = 0; i < shape.trits; ++i) {
      Value column = add(mul(g, shape.groupColumns), 4 * i);
      Value q = loadActivations(add(row, t), column);
      for (int64_t u = 0; u < unroll; ++u) {
        Value &sum = next[u * tokens + t];
        if (dot == lut::Dot::Pairs)
          sum = lut::DotPairsOp::create(b, loc, sum.getType(), sum, codes[u][i],
                                        q);
        else
          sum = lut::DotOp::create(b, loc, sum.getType(), sum, codes[u][i], q);
      }
    }
  return next;
}

SmallVector<Value> MadTile::accumulate(Value block, Value row) {
  SmallVector<Value> start(unroll * tokens, zeros(vector(16, b.getI32Type())));
  return loop(
      index(0), index(shape.groups), 1, start,
      [&](Value g, ValueRange acc) { return group(block, row, g, acc); });
}

SmallVector<Value> MadTile::accumulatePairs(Value block, Value row) {
  int64_t period = lut::getGroupsBeforeWrap(2 * shape.trits, kLargestProduct);
  SmallVector<Value> start(unroll * tokens, zeros(vector(16, b.getI32Type())));
  return loop(index(0), index(shape.groups), period, start,
              [&](Value first, ValueRange wide) {
                SmallVector<Value> narrow(unroll * tokens,
                                          zeros(vector(32, b.getI16Type())));
                Value last = min(add(first, period), index(shape.groups));
                narrow =
                    loop(first, last, 1, narrow, [&](Value g, ValueRange acc) {
                      return group(block, row, g, acc);
                    });
                SmallVector<Value> next;
                for (auto [sum, pairs] : llvm::zip(wide, narrow))
                  next.push_back(
                      lut::WidenOp::create(b, loc, sum.getType(), sum, pairs));
                return next;
              });
}

void MadTile::build() {
  forEach(index(0), args.blocks, unroll, [&](Value block) {
    forEach(index(0), args.rows, tokens, [&](Value row) {
      SmallVector<Value> acc = dot == lut::Dot::Pairs
                                   ? accumulatePairs(block, row)
                                   : accumulate(block, row);
      for (int64_t t = 0; t < tokens; ++t) {
        Value token = add(row, t);
        Value sum = memref::LoadOp::create(b, loc, args.sums, token);
        Value offset = vector::BroadcastOp::create(
            b, loc, vector(16, b.getI32Type()), sum);
        for (int64_t u = 0; u < unroll; ++u)
          store(arith::SubIOp::create(b, loc, acc[u * tokens + t], offset),
                token, add(block, u));
      }
    });
  });
}

void buildMadKernel(func::FuncOp function, lut::KernelAttr kernel,
                    lut::Dot dot) {
  MadTile(function, kernel, dot).build();
}

} // namespace setun::passes
