//===- MadKernel.cpp - Multiply and add -----------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// for 16-row blocks, `unroll` at a time:
//   for tokens, `tokens` at a time:
//     for groups of 64 bytes a block:
//       codes = unpack(bytes);  sums[block][token] += codes · q[token]
//     out = (sums − Σq) · alpha / scale
//
// The codes are trit + 1, hence the Σq. How sums look depends on what products
// the target is good at, see `lut.dot`:
//   - sums of 16 bits are widened after as many groups as they provably hold;
//   - decoding into sums of 32 bits, codes stay where they lie in their bytes,
//     with sums of their own for each scale: a mask a code and no shift;
//     decoding with `pairs`, in their halves of bytes: a shift for two codes;
//   - `tiles` take two tokens at once;
//   - `words` take a group in pieces of 8 bytes, which are two rows.
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Kernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace setun::passes {

namespace {
/// One call of the inner loop: `unroll` blocks times `tokens` rows.
struct MadTile : KernelBuilder {
  MadTile(func::FuncOp function, lut::KernelAttr kernel, lut::Dot dot,
          bool u8Codes);

  void build();

private:
  SmallVector<SmallVector<Value>> unpack(Value block, Value g);
  Value loadPair(Value row, Value column, bool whole);
  SmallVector<Value> group(Value block, Value row, Value g, ValueRange sums);
  void addRow(MutableArrayRef<Value> sums, Value row, Value column,
              ArrayRef<SmallVector<Value>> codes);
  void addRowPair(MutableArrayRef<Value> sums, Value row, Value column,
                  ArrayRef<SmallVector<Value>> codes);
  SmallVector<Value> accumulate(Value block, Value row);
  SmallVector<Value> accumulateNarrow(Value block, Value row);
  SmallVector<Value> zeroSums(VectorType type) {
    return SmallVector<Value>(unroll * pieces * stride, zeros(type));
  }
  Value finish(ArrayRef<Value> sums, int64_t token);

  int64_t unroll, tokens;
  int64_t pieces;   ///< of a group
  int64_t together; ///< tokens that share a sum
  VectorType type;  ///< of a sum
  VectorType wide;  ///< of the sums of a piece's rows
  lut::Form form;
  CodeScales scales;
  int64_t stride; ///< sums of a piece: [token or pair][scale]
};
} // namespace

static lut::Form formFor(lut::KernelAttr kernel, lut::Dot dot, bool u8Codes) {
  if (kernel.getTile().getTokens() != 1)
    return lut::Form::Codes;
  if (dot < lut::Dot::Quads)
    return dot == lut::Dot::Pairs ? lut::Form::InNibbles : lut::Form::Codes;
  return u8Codes ? lut::Form::InPlaceU8 : lut::Form::InPlace;
}

MadTile::MadTile(func::FuncOp function, lut::KernelAttr kernel, lut::Dot dot,
                 bool u8Codes)
    : KernelBuilder(function, kernel), unroll(kernel.getTile().getUnroll()),
      tokens(kernel.getTile().getTokens()),
      pieces(dot == lut::Dot::Words ? 8 : 1),
      together(dot == lut::Dot::Tiles && tokens % 2 == 0 ? 2 : 1),
      type(lut::getSumsType(dot, function.getContext())),
      wide(vector(lut::kBlockRows / pieces, b.getI32Type())),
      form(formFor(kernel, dot, u8Codes)), scales(kernel.getPacking(), form),
      stride(tokens / together * scales.values.size()) {
  if (together == 2)
    type = vector(2 * lut::kBlockRows, b.getI32Type());
}

/// The codes of group `g`: [block][piece], [trit of a byte].
SmallVector<SmallVector<Value>> MadTile::unpack(Value block, Value g) {
  auto type = vector(lut::kGroupBytes / pieces, b.getI8Type());
  SmallVector<SmallVector<Value>> codes;
  for (int64_t part = 0; part < unroll * pieces; ++part) {
    Value first =
        add(mul(g, lut::kGroupBytes), part % pieces * type.getNumElements());
    Value offset = add(mul(add(block, part / pieces), shape.blockBytes), first);
    Value bytes = vector::LoadOp::create(
        b, loc, type, args.weights, offset, /*nontemporal=*/false,
        std::min(kGroupAlignment, llvm::Align(type.getNumElements())));
    auto unpack =
        lut::UnpackOp::create(b, loc, SmallVector<Type>(shape.trits, type),
                              bytes, kernel.getPacking(), form);
    codes.emplace_back(unpack.getCodes());
  }
  return codes;
}

/// Eight activations each of `row` and `row + 1`; if not `whole`, four and
/// zeros.
Value MadTile::loadPair(Value row, Value column, bool whole) {
  auto eight = vector(8, b.getI8Type());
  auto load = [&](Value row) -> Value {
    if (whole)
      return vector::LoadOp::create(b, loc, eight, args.q,
                                    ValueRange{row, column});
    return vector::InsertStridedSliceOp::create(
        b, loc, loadFour(row, column), zeros(eight), ArrayRef<int64_t>{0},
        ArrayRef<int64_t>{1});
  };
  return vector::ShuffleOp::create(b, loc, load(row), load(add(row, 1)),
                                   llvm::to_vector(llvm::seq<int64_t>(0, 16)));
}

/// One token: every code meets four activations. sums: [part][scale].
void MadTile::addRow(MutableArrayRef<Value> sums, Value row, Value column,
                     ArrayRef<SmallVector<Value>> codes) {
  SmallVector<Value> q;
  for (int64_t i = 0; i < shape.trits; ++i)
    q.push_back(loadFour(row, add(column, 4 * i)));
  for (auto [part, trits] : llvm::enumerate(codes))
    for (int64_t i = 0; i < shape.trits; ++i) {
      Value &sum = sums[part * stride + scales.sumOf[i]];
      sum = lut::DotOp::create(b, loc, type, sum, trits[i], q[i]);
    }
}

/// Two tokens: two codes meet eight activations of both. sums: [part].
void MadTile::addRowPair(MutableArrayRef<Value> sums, Value row, Value column,
                         ArrayRef<SmallVector<Value>> codes) {
  for (int64_t i = 0; i < shape.trits; i += 2) {
    bool whole = i + 1 < shape.trits;
    Value q = loadPair(row, add(column, 4 * i), whole);
    for (auto [part, trits] : llvm::enumerate(codes)) {
      Value high =
          whole ? trits[i + 1] : zeros(cast<VectorType>(trits[i].getType()));
      Value &sum = sums[part * stride];
      sum = lut::DotTileOp::create(b, loc, type, sum, trits[i], high, q);
    }
  }
}

/// Group `g` of all blocks and tokens; sums: [block][piece], [token or pair],
/// [scale].
SmallVector<Value> MadTile::group(Value block, Value row, Value g,
                                  ValueRange sums) {
  SmallVector<SmallVector<Value>> codes = unpack(block, g);
  SmallVector<Value> next(sums);
  Value column = mul(g, shape.groupColumns);
  for (int64_t t = 0; t < tokens; t += together) {
    auto some =
        MutableArrayRef(next).drop_front(t / together * scales.values.size());
    if (together == 2)
      addRowPair(some, add(row, t), column, codes);
    else
      addRow(some, add(row, t), column, codes);
  }
  return next;
}

SmallVector<Value> MadTile::accumulate(Value block, Value row) {
  return loop(
      index(0), index(shape.groups), 1, zeroSums(type),
      [&](Value g, ValueRange sums) { return group(block, row, g, sums); });
}

SmallVector<Value> MadTile::accumulateNarrow(Value block, Value row) {
  int64_t period = lut::getGroupsBeforeWrap(type, kernel.getPacking(), form);
  return loop(index(0), index(shape.groups), period, zeroSums(wide),
              [&](Value first, ValueRange sums) {
                Value last = min(add(first, period), index(shape.groups));
                auto narrow = loop(first, last, 1, zeroSums(type),
                                   [&](Value g, ValueRange sums) {
                                     return group(block, row, g, sums);
                                   });
                SmallVector<Value> next;
                for (auto [sum, part] : llvm::zip(sums, narrow))
                  next.push_back(lut::WidenOp::create(b, loc, wide, sum, part));
                return next;
              });
}

/// The sums of a block's rows for one token; sums: [piece][token or pair],
/// [scale].
Value MadTile::finish(ArrayRef<Value> sums, int64_t token) {
  auto rows = vector(lut::kBlockRows, b.getI32Type());
  if (together == 2) {
    SmallVector<int64_t> lanes;
    for (int64_t r = 0; r < lut::kBlockRows; ++r)
      lanes.push_back(2 * r + token % 2);
    Value pair = sums[token / 2];
    return vector::ShuffleOp::create(b, loc, pair, pair, lanes);
  }
  Value all = zeros(rows);
  for (int64_t piece = 0; piece < pieces; ++piece) {
    size_t count = scales.values.size();
    auto some = sums.slice(piece * stride + token * count, count);
    all = vector::InsertStridedSliceOp::create(
        b, loc, scales.combine(*this, some), all,
        ArrayRef<int64_t>{piece * wide.getNumElements()}, ArrayRef<int64_t>{1});
  }
  return all;
}

void MadTile::build() {
  bool narrow = type.getElementTypeBitWidth() != 32;
  Value rows = kernel.getTile().getRows() == 1 ? index(1) : args.rows;
  forEach(index(0), args.blocks, unroll, [&](Value block) {
    forEach(index(0), rows, tokens, [&](Value row) {
      SmallVector<Value> sums =
          narrow ? accumulateNarrow(block, row) : accumulate(block, row);
      for (int64_t t = 0; t < tokens; ++t) {
        Value token = add(row, t);
        Value codeSum = memref::LoadOp::create(b, loc, args.sums, token);
        Value offset = vector::BroadcastOp::create(
            b, loc, vector(lut::kBlockRows, b.getI32Type()), codeSum);
        for (int64_t u = 0; u < unroll; ++u) {
          Value sum = finish(ArrayRef(sums).drop_front(u * pieces * stride), t);
          store(arith::SubIOp::create(b, loc, sum, offset), token,
                add(block, u));
        }
      }
    });
  });
}

void buildMadKernel(func::FuncOp function, lut::KernelAttr kernel, lut::Dot dot,
                    bool u8Codes) {
  MadTile(function, kernel, dot, u8Codes).build();
}

} // namespace setun::passes
