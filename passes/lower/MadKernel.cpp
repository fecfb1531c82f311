//===- MadKernel.cpp - Multiply and add -----------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// for 16-row blocks, `unroll` at a time, which are whole panels:
//   for tokens, `tokens` at a time, and then the rest of them:
//     for groups of 64 bytes a block:
//       codes = unpack(bytes);  sums[block][token] += codes · q[token]
//     out = (sums − Σq) · alpha / scale
//
// The codes are trit + 1, hence the Σq. How sums look depends on what products
// the target is good at, see `lut.dot`:
//   - sums of 16 bits are widened after as many groups as they provably hold;
//   - where registers have room for sums of 32 bits of each scale, codes stay
//     where they lie in their bytes: a mask a code and no shift;
//   - where five rows share a byte, sums of what is made of it are separated
//     at the end;
//   - decoding with `pairs`, in their halves of bytes: a shift for two codes;
//   - `tiles` take two tokens at once;
//   - `words` take a group in pieces of 8 bytes, which are two rows.
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Kernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace setun::passes {

namespace {
/// One call of the inner loop: `unroll` blocks times `tokens` rows.
struct MadTile : KernelBuilder {
  MadTile(func::FuncOp function, lut::KernelAttr kernel,
          const MadMachine &machine);

  void build();

private:
  void setTokens(int64_t count);
  lut::Form chooseForm() const;
  void addRest(Value block, Value first, Value rows);
  void addTokens(Value block, Value row);
  void storeToken(ArrayRef<Value> sums, int64_t t, Value block, Value row);
  void prefetch(Value place);
  SmallVector<SmallVector<Value>> unpackPanels(Value block, Value g);
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

  MadMachine machine;
  int64_t unroll;
  int64_t pieces;  ///< of a group
  VectorType wide; ///< of the sums of a piece's rows
  // What follows from the number of tokens:
  int64_t tokens;
  int64_t together; ///< tokens that share a sum
  VectorType type;  ///< of a sum
  lut::Form form;
  CodeScales scales;
  int64_t stride; ///< sums of a piece: [token or pair][scale]
};
} // namespace

MadTile::MadTile(func::FuncOp function, lut::KernelAttr kernel,
                 const MadMachine &machine)
    : KernelBuilder(function, kernel), machine(machine),
      unroll(kernel.getTile().getUnroll()),
      pieces(machine.dot == lut::Dot::Words ? 8 : 1),
      wide(vector(lut::kBlockRows / pieces, b.getI32Type())),
      scales(kernel.getPacking(), lut::Form::Codes) {
  setTokens(kernel.getTile().getTokens());
}

void MadTile::setTokens(int64_t count) {
  tokens = count;
  together = machine.dot == lut::Dot::Tiles && tokens % 2 == 0 ? 2 : 1;
  type = together == 2 ? vector(2 * lut::kBlockRows, b.getI32Type())
                       : lut::getSumsType(machine.dot, b.getContext());
  form = chooseForm();
  scales = CodeScales(kernel.getPacking(), form);
  stride = tokens / together * scales.values.size();
}

/// The cheapest to make of those whose sums fit.
lut::Form MadTile::chooseForm() const {
  bool mixes = kernel.getPacking().knows(lut::Form::Mixed);
  if (mixes && machine.dot == lut::Dot::Quads && machine.u8Codes)
    return lut::Form::Mixed;
  if (shape.panelBlocks > 1)
    return lut::Form::Codes;
  if (machine.dot == lut::Dot::Pairs && tokens == 1)
    return lut::Form::InNibbles;
  if (machine.dot < lut::Dot::Quads || together == 2)
    return lut::Form::Codes;
  for (lut::Form form : {lut::Form::InPlaceU8, lut::Form::InPlace}) {
    int64_t sums =
        unroll * tokens * CodeScales(kernel.getPacking(), form).values.size();
    if ((form == lut::Form::InPlace || machine.u8Codes) &&
        (tokens == 1 || sums <= machine.sums))
      return form;
  }
  return lut::Form::Codes;
}

/// Activations in between would end what the machine fetches on its own.
void MadTile::prefetch(Value place) {
  constexpr int64_t ahead = 4096;
  constexpr unsigned everyLevel = 3;
  memref::PrefetchOp::create(b, loc, args.weights, add(place, ahead),
                             /*isWrite=*/false, everyLevel,
                             /*isDataCache=*/true);
}

/// Group `g` taken apart: [block][piece], [quad].
SmallVector<SmallVector<Value>> MadTile::unpackPanels(Value block, Value g) {
  int64_t bytes = lut::kGroupBytes / pieces;
  SmallVector<SmallVector<Value>> codes(unroll * pieces);
  for (int64_t u = 0; u < unroll; u += shape.panelBlocks) {
    Value panel = div(add(block, u), shape.panelBlocks);
    if (machine.streams == 1 && tokens > 1)
      prefetch(groupPlace(panel, g));
    for (int64_t piece = 0; piece < pieces; ++piece) {
      auto trits = unpack(panel, g, form, piece * bytes, bytes);
      for (int64_t b = 0; b < shape.panelBlocks; ++b)
        append_range(codes[(u + b) * pieces + piece],
                     ArrayRef(trits).slice(b * shape.quads, shape.quads));
    }
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
  for (int64_t i = 0; i < shape.quads; ++i)
    q.push_back(loadFour(row, add(column, 4 * i)));
  for (auto [part, trits] : llvm::enumerate(codes))
    for (int64_t i = 0; i < shape.quads; ++i) {
      Value &sum = sums[part * stride + scales.sumOf[i]];
      sum = lut::DotOp::create(b, loc, type, sum, trits[i], q[i]);
    }
}

/// Two tokens: two codes meet eight activations of both. sums: [part].
void MadTile::addRowPair(MutableArrayRef<Value> sums, Value row, Value column,
                         ArrayRef<SmallVector<Value>> codes) {
  for (int64_t i = 0; i < shape.quads; i += 2) {
    bool whole = i + 1 < shape.quads;
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
  SmallVector<SmallVector<Value>> codes = unpackPanels(block, g);
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

/// The sums of all blocks for token `t` become numbers of `row`.
void MadTile::storeToken(ArrayRef<Value> sums, int64_t t, Value block,
                         Value row) {
  Value codeSum = memref::LoadOp::create(b, loc, args.sums, row);
  Value offset = vector::BroadcastOp::create(
      b, loc, vector(lut::kBlockRows, b.getI32Type()), codeSum);
  for (int64_t first = 0; first < unroll; first += shape.panelBlocks) {
    SmallVector<Value> panel;
    for (int64_t u = first; u < first + shape.panelBlocks; ++u)
      panel.push_back(finish(sums.drop_front(u * pieces * stride), t));
    if (form == lut::Form::Mixed)
      panel = kernel.getPacking().buildSeparate(b, loc, panel);
    for (auto [i, sum] : llvm::enumerate(panel)) {
      Value at = add(block, first + i);
      Value difference = arith::SubIOp::create(b, loc, sum, offset);
      ifBlock(at, [&] { store(difference, row, at); });
    }
  }
}

void MadTile::addTokens(Value block, Value row) {
  bool narrow = type.getElementTypeBitWidth() != 32;
  SmallVector<Value> sums =
      narrow ? accumulateNarrow(block, row) : accumulate(block, row);
  for (int64_t t = 0; t < tokens; ++t)
    storeToken(sums, t, block, add(row, t));
}

/// The rows from `first` on, fewer than `tokens`; each number of them has loops
/// of its own, so that none is computed in vain.
void MadTile::addRest(Value block, Value first, Value rows) {
  int64_t most = tokens;
  SmallVector<int64_t> counts = llvm::to_vector(llvm::seq<int64_t>(1, most));
  auto rest = scf::IndexSwitchOp::create(b, loc, TypeRange(), sub(rows, first),
                                         counts, counts.size());
  auto fill = [&](Region &region, int64_t count) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(&region.emplaceBlock());
    if (count) {
      setTokens(machine.dot == lut::Dot::Tiles && count > 1
                    ? lut::roundUp(count, 2)
                    : count);
      addTokens(block, first);
    }
    scf::YieldOp::create(b, loc);
  };
  for (auto [region, count] : llvm::zip_equal(rest.getCaseRegions(), counts))
    fill(region, count);
  fill(rest.getDefaultRegion(), 0);
  setTokens(most);
}

void MadTile::build() {
  bool one = kernel.getTile().getRows() == 1;
  Value rows = one ? index(1) : args.rows;
  Value whole = sub(rows, rem(rows, tokens));
  forEach(index(0), args.blocks, unroll, [&](Value block) {
    forEach(index(0), whole, tokens, [&](Value row) { addTokens(block, row); });
    if (tokens > 1)
      addRest(block, whole, rows);
  });
}

void buildMadKernel(func::FuncOp function, lut::KernelAttr kernel,
                    const MadMachine &machine) {
  MadTile(function, kernel, machine).build();
}

} // namespace setun::passes
