//===- ScalableKernel.cpp - Multiply and add, at any vector length --------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// MadKernel's product where a vector has 16·vscale bytes, and only the machine
// knows vscale. A group's 64 bytes are cut into as many parts as that takes; a
// part's rows are summed over all groups before the next part's turn:
//
// for 16-row blocks, `unroll` at a time:
//   for parts of a group:
//     for tokens, `tokens` at a time:
//       for groups:
//         codes = unpack(bytes of the part);  sums[block][token] += codes · q
//       out = (sums − Σq) · alpha / scale
//
// The lanes of a vector that reach beyond the group are masked.
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Kernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace setun::passes {

static constexpr int64_t kGranule = 16; ///< bytes of a vector at vscale 1

namespace {
/// A part of a group: where it begins, how many lanes of a vector it fills.
struct Part {
  Value byte, row;
  Value bytesMask, rowsMask;
};

struct ScalableTile : KernelBuilder {
  ScalableTile(func::FuncOp function, lut::KernelAttr kernel);

  void build();

private:
  static VectorType scalable(Type element) {
    int64_t lanes = 8 * kGranule / element.getIntOrFloatBitWidth();
    return VectorType::get(lanes, element, /*scalableDims=*/true);
  }
  Value mask(Value count, VectorType lanes);
  Part cut(Value index, Value length);
  SmallVector<Value> group(Value block, const Part &part, Value row, Value g,
                           ValueRange sums);
  SmallVector<Value> accumulate(Value block, const Part &part, Value row);
  void storePart(Value sum, Value token, Value block, const Part &part);

  int64_t unroll, tokens;
  VectorType bytes, sums, floats;
  lut::Form form;
  CodeScales scales;
};
} // namespace

ScalableTile::ScalableTile(func::FuncOp function, lut::KernelAttr kernel)
    : KernelBuilder(function, kernel), unroll(kernel.getTile().getUnroll()),
      tokens(kernel.getTile().getTokens()), bytes(scalable(b.getI8Type())),
      sums(scalable(b.getI32Type())), floats(scalable(b.getF32Type())),
      form(tokens == 1 ? lut::Form::InPlace : lut::Form::Codes),
      scales(kernel.getPacking(), form) {}

Value ScalableTile::mask(Value count, VectorType lanes) {
  return vector::CreateMaskOp::create(
      b, loc,
      VectorType::get(lanes.getShape(), b.getI1Type(), lanes.getScalableDims()),
      count);
}

/// Part `index` of a group, in vectors of `length` bytes.
Part ScalableTile::cut(Value index, Value length) {
  Value byte = arith::MulIOp::create(b, loc, index, length);
  Value left = sub(this->index(lut::kGroupBytes), byte);
  Value count = min(left, length);
  return {byte, div(byte, 4), mask(count, bytes), mask(div(count, 4), sums)};
}

/// Group `g` of all blocks and tokens; sums: [block][token][scale].
SmallVector<Value> ScalableTile::group(Value block, const Part &part, Value row,
                                       Value g, ValueRange sums) {
  SmallVector<Value> next(sums);
  Value zero = zeros(bytes);
  for (int64_t u = 0; u < unroll; ++u) {
    Value offset = add(groupPlace(add(block, u), g), part.byte);
    Value packed = vector::MaskedLoadOp::create(b, loc, bytes, args.weights,
                                                offset, part.bytesMask, zero);
    auto unpack =
        lut::UnpackOp::create(b, loc, SmallVector<Type>(shape.trits, bytes),
                              packed, kernel.getPacking(), form);
    for (int64_t t = 0; t < tokens; ++t)
      for (auto [i, code] : llvm::enumerate(unpack.getCodes())) {
        Value q = loadFour(add(row, t), add(mul(g, shape.groupColumns), 4 * i));
        Value &sum =
            next[(u * tokens + t) * scales.values.size() + scales.sumOf[i]];
        sum = lut::DotOp::create(b, loc, sum.getType(), sum, code, q);
      }
  }
  return next;
}

SmallVector<Value> ScalableTile::accumulate(Value block, const Part &part,
                                            Value row) {
  SmallVector<Value> start(unroll * tokens * scales.values.size(), zeros(sums));
  return loop(index(0), index(shape.groups), 1, start,
              [&](Value g, ValueRange sums) {
                return group(block, part, row, g, sums);
              });
}

void ScalableTile::storePart(Value sum, Value token, Value block,
                             const Part &part) {
  auto all = [&](VectorType type, Value x) -> Value {
    return vector::BroadcastOp::create(b, loc, type, x);
  };
  Value codes = memref::LoadOp::create(b, loc, args.sums, token);
  sum = arith::SubIOp::create(b, loc, sum, all(sums, codes));
  Value y = arith::SIToFPOp::create(b, loc, floats, sum);
  y = arith::MulFOp::create(b, loc, y, all(floats, loadFactor(token)));
  SmallVector<Value> at{token, add(mul(block, lut::kBlockRows), part.row)};
  if (kernel.getResidual()) {
    Value added = vector::MaskedLoadOp::create(
        b, loc, floats, args.residual, at, part.rowsMask, zeros(floats));
    y = arith::AddFOp::create(b, loc, y, added);
  }
  vector::MaskedStoreOp::create(b, loc, args.out, at, part.rowsMask, y);
}

void ScalableTile::build() {
  Value vscale = vector::VectorScaleOp::create(b, loc, b.getIndexType());
  Value length = mul(vscale, kGranule);
  Value parts = div(add(length, lut::kGroupBytes - 1), length);
  forEach(index(0), args.blocks, unroll, [&](Value block) {
    forEach(index(0), parts, 1, [&](Value p) {
      Part part = cut(p, length);
      forEach(index(0), args.rows, tokens, [&](Value row) {
        SmallVector<Value> all = accumulate(block, part, row);
        for (int64_t u = 0; u < unroll; ++u)
          for (int64_t t = 0; t < tokens; ++t) {
            size_t count = scales.values.size();
            auto some = ArrayRef(all).slice((u * tokens + t) * count, count);
            storePart(scales.combine(*this, some), add(row, t), add(block, u),
                      part);
          }
      });
    });
  });
}

void buildScalableKernel(func::FuncOp function, lut::KernelAttr kernel) {
  ScalableTile(function, kernel).build();
}

} // namespace setun::passes
