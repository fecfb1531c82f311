//===- LowerLinear.cpp - Quantize, multiply, gate -------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Kernels.h"
#include "passes/lower/StepLowering.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace setun::passes {

using spmd::Field;
using spmd::Region;

/// Activations a row: what the widest packing of the weights reads.
int64_t StepLowering::getStride(tern::FusedLinearOp op) {
  if (!op.getQuantizer())
    return lut::padded(tern::getWidth(op.getInput()));
  int64_t stride = 0;
  for (Attribute name : op.getWeights()) {
    tern::WeightOp weight = tern::getWeight(op, cast<FlatSymbolRefAttr>(name));
    for (StringRef attr : {lut::kPackingAttr, lut::kSkipPackingAttr})
      if (auto packing = weight->getAttrOfType<lut::PackingInterface>(attr)) {
        int64_t groups =
            lut::getGroups(packing, weight.getType().getShape()[1]);
        stride = std::max(stride,
                          lut::padded(groups * lut::getGroupColumns(packing)));
      }
  }
  return stride;
}

/// The quantized rows, their scales and their sums, each on cache lines of its
/// own.
int64_t StepLowering::getActivationBytes(int64_t stride) {
  return lut::roundUp(rowsPadded * stride, 64) +
         2 * lut::roundUp(rowsPadded * 4, 64);
}

/// The tile of this class, no taller than the weight.
lut::TileAttr StepLowering::getTile(tern::FusedLinearOp op,
                                    tern::WeightOp weight) {
  auto tiles = op->getAttrOfType<ArrayAttr>(lut::kTilesAttr);
  auto tile = cast<lut::TileAttr>(tiles[batchClass]);
  auto packing =
      weight->getAttrOfType<lut::PackingInterface>(lut::kPackingAttr);
  int64_t rows = weight.getType().getShape()[0];
  int64_t blocks = lut::roundUp(packing ? lut::getPanels(packing, rows) *
                                              packing.getPanelBlocks()
                                        : lut::getBlocks(rows),
                                tile.getUnroll());
  return lut::TileAttr::get(op.getContext(), tile.getRows(), tile.getStrategy(),
                            std::min(tile.getBlocks(), blocks),
                            tile.getUnroll(), tile.getTokens());
}

void StepLowering::quantizeRow(tern::FusedLinearOp op, Value row, Value q,
                               Value scale, Value sum, int64_t stride) {
  int64_t width = tern::getWidth(op.getInput());
  Value x = rowView(op.getInput(), row, s.index(0), lut::padded(width));
  if (!op.getNorm())
    return s.stage("quantize", {width, stride}, {x, q, scale, sum});
  Value weight = vectorWeight(op, op.getNormAttr());
  s.stage("norm_quantize", {width, stride}, {x, weight, q, scale, sum}, f32,
          op.getEps()->convertToDouble());
}

/// 16 rows of `q` for look-ups: [stride / 4][16][4].
void StepLowering::turn(Value q, Value turned, Value block, int64_t stride) {
  Value first = s.mul(block, lut::kLookupTokens);
  auto type = VectorType::get(4, i8);
  s.forEach(s.index(0), s.index(stride / 4), [&](Value quad) {
    Value column = s.mul(quad, 4);
    s.forEach(s.index(0), s.index(lut::kLookupTokens), [&](Value token) {
      Value four = vector::LoadOp::create(
          s.b, s.loc, type, q, ValueRange{s.add(first, token), column},
          /*nontemporal=*/false, kFourAlignment);
      vector::StoreOp::create(s.b, s.loc, four, turned,
                              ValueRange{block, quad, s.mul(token, 4)},
                              /*nontemporal=*/false, kFourAlignment);
    });
  });
}

/// A worker takes as many rows as share a vector, and turns them around.
Value StepLowering::quantizeForLookups(Value q, int64_t stride,
                                       llvm::function_ref<void(Value)> one) {
  int64_t together = lut::kLookupTokens;
  Value turned = s.view(Region::Arena, s.index(temporary(rowsPadded * stride)),
                        {rowsPadded / together, stride / 4, together * 4}, i8);
  Value rows = s.get(Field::Rows);
  Value blocks = s.div(s.add(rows, together - 1), together);
  s.parallelFor(blocks, [&](Value block) {
    Value first = s.mul(block, together);
    s.forEach(first, s.min(s.add(first, together), rows), one);
    turn(q, turned, block, stride);
  });
  return turned;
}

/// Norm and quantizer of all rows.
Activation StepLowering::quantize(tern::FusedLinearOp op, int64_t stride,
                                  bool lookup) {
  if (!op.getQuantizer())
    return readFloats(op, stride);
  bool own = maxRows == 1;
  Region region = own ? Region::Scratch : Region::Arena;
  int64_t qBytes = lut::roundUp(rowsPadded * stride, 64);
  int64_t numbers = lut::roundUp(rowsPadded * 4, 64);
  int64_t base = own ? 0 : temporary(getActivationBytes(stride));
  if (own)
    s.needScratch(getActivationBytes(stride));
  Type i32 = s.b.getI32Type();
  auto at = [&](int64_t offset, Value row, int64_t rowBytes,
                ArrayRef<int64_t> shape, Type type) {
    return s.view(region, s.add(s.mul(row, rowBytes), base + offset), shape,
                  type);
  };
  auto one = [&](Value row) {
    quantizeRow(op, row, at(0, row, stride, stride, i8),
                at(qBytes, row, 4, 1, f32),
                at(qBytes + numbers, row, 4, 1, i32), stride);
  };
  Value zero = s.index(0);
  Value q = at(0, zero, 0, {rowsPadded, stride}, i8);
  if (own)
    one(zero);
  else if (lookup)
    q = quantizeForLookups(q, stride, one);
  else
    s.parallelFor(s.get(Field::Rows), one);
  if (!own)
    s.barrier();
  return {q, at(qBytes + numbers, zero, 0, rowsPadded, i32),
          at(qBytes, zero, 0, rowsPadded, f32), /*floats=*/false,
          own ? getActivationBytes(stride) : 0};
}

int64_t StepLowering::countTiles(tern::WeightOp weight, lut::TileAttr tile) {
  int64_t blocks = lut::getBlocks(weight.getType().getShape()[0]);
  return lut::ceilDiv(blocks, tile.getBlocks());
}

Blocks StepLowering::getBlocks(tern::WeightOp weight, lut::TileAttr tile,
                               Value tileIndex) {
  int64_t all = lut::getBlocks(weight.getType().getShape()[0]);
  Value first = s.mul(tileIndex, tile.getBlocks());
  return {first, s.min(s.index(tile.getBlocks()), s.sub(s.index(all), first))};
}

void StepLowering::multiplyTile(tern::WeightOp weight, lut::TileAttr tile,
                                const Activation &in, int64_t stride,
                                Value tileIndex,
                                std::optional<int64_t> residual, int64_t out) {
  multiplyBlocks(weight, tile, in, stride, getBlocks(weight, tile, tileIndex),
                 residual, out);
}

/// Blocks of `weight` times all rows, into the arena at `out`; what is added
/// lies there at `residual`.
void StepLowering::multiplyBlocks(tern::WeightOp weight, lut::TileAttr tile,
                                  const Activation &in, int64_t stride,
                                  Blocks blocks,
                                  std::optional<int64_t> residual,
                                  int64_t out) {
  if (isa<tern::DenseAttr>(weight.getType().getElement()))
    multiplyDense(weight, tile, in, stride, blocks, residual, out);
  else
    multiplyTrits(weight, tile, in, stride, blocks, residual, out);
  if (FlatSymbolRefAttr bias = biases.lookup(weight))
    addBias(weight, bias, blocks, out);
}

void StepLowering::multiplyTrits(tern::WeightOp weight, lut::TileAttr tile,
                                 const Activation &in, int64_t stride,
                                 Blocks blocks, std::optional<int64_t> residual,
                                 int64_t outOffset) {
  ArrayRef<int64_t> shape = weight.getType().getShape();
  bool pick = tile.getStrategy() == lut::Strategy::Pick;
  bool skip = tile.getStrategy() == lut::Strategy::Skip;
  auto packing = weight->getAttrOfType<lut::PackingInterface>(
      skip ? lut::kSkipPackingAttr : lut::kPackingAttr);
  int64_t group = pick ? tern::getScaleColumns(weight) : 0;
  bool scaled = weight.getScales() && !pick; // behind the kernel
  auto kernel = lut::KernelAttr::get(
      s.b.getContext(), packing, shape[0], shape[1], tile, stride,
      lut::padded(shape[0]), residual && !scaled, in.floats, group);
  KernelShape sizes(kernel);
  int64_t base = weight
                     ->getAttrOfType<IntegerAttr>(skip ? lut::kSkipOffsetAttr
                                                       : lut::kOffsetAttr)
                     .getInt();
  Value packed = s.view(
      Region::Weights,
      s.add(s.mul(s.div(blocks.first, sizes.panelBlocks), sizes.panelBytes),
            base),
      sizes.tileBytes, i8);
  Value column = s.mul(blocks.first, lut::kBlockRows * 4);
  auto tileOf = [&](int64_t offset) {
    return s.view(Region::Arena, s.add(column, offset),
                  {rowsPadded, kernel.getOut()}, f32);
  };
  Value out = tileOf(outOffset);
  Value added = residual && !scaled ? tileOf(*residual) : out;
  s.needScratch(in.scratch + sizes.scratchBytes);
  Value scratch =
      s.view(Region::Scratch, s.index(in.scratch), sizes.scratchBytes, i8);
  Value alpha =
      s.constant(weight.getAlpha() ? weight.getAlpha()->convertToFloat() : 1);
  Value sums = group ? scalesView(weight, blocks.first) : in.sums;
  SmallVector<Value> arguments{
      packed, in.q, sums,    in.scales,          alpha,
      added,  out,  scratch, s.get(Field::Rows), blocks.count};
  s.call(s.declare(sizes.name, lut::kKernelAttr, kernel,
                   ValueRange(arguments).getTypes()),
         arguments);
  if (scaled)
    scaleRows(weight, blocks, residual, outOffset);
}

/// The activation of the rows and columns that a tile of gate and up made.
void StepLowering::gateTile(tern::FusedLinearOp op, lut::TileAttr tile,
                            Value tileIndex, int64_t gate, int64_t up) {
  int64_t width = lut::padded(tern::getWidth(op.getOutputs()[0]));
  Value first = s.mul(tileIndex, tile.getBlocks());
  Value last =
      s.min(s.add(first, tile.getBlocks()), s.index(width / lut::kBlockRows));
  std::string kind = getGateStage(*op.getGate());
  s.forEach(s.index(0), s.get(Field::Rows), [&](Value row) {
    s.forEach(first, last, [&](Value block) {
      Value element = s.add(s.mul(row, width), s.mul(block, lut::kBlockRows));
      auto at = [&](int64_t offset) {
        return s.view(Region::Arena, s.add(s.mul(element, 4), offset),
                      lut::kBlockRows, f32);
      };
      s.stage(kind, lut::kBlockRows,
              {at(gate), at(up), at(offsets.at(op.getOutputs()[0]))});
    });
  });
}

/// Every weight, all tiles.
void StepLowering::multiplyAll(tern::FusedLinearOp op, const Activation &in,
                               int64_t stride) {
  std::optional<int64_t> residual;
  if (op.getResidual())
    residual = offsets.at(op.getResidual());
  for (auto [name, result] : llvm::zip(op.getWeights(), op.getOutputs())) {
    tern::WeightOp weight = tern::getWeight(op, cast<FlatSymbolRefAttr>(name));
    int64_t out = offsets.at(result);
    auto dense = [&] {
      lut::TileAttr tile = getTile(op, weight);
      int64_t tiles = countTiles(weight, tile);
      s.parallelFor(s.index(tiles), [&](Value index) {
        multiplyTile(weight, tile, in, stride, index, residual, out);
        if (handed)
          s.finish(handed->counters, s.index(0));
      });
      if (handed)
        handed->tiles += tiles;
    };
    auto sparse = [&] { multiplyColumns(weight, in, stride, residual, out); };
    if (getSkip(op))
      chooseSkip(op, countActive(op, in),
                 s.index(tern::getWidth(op.getInput())), sparse, dense);
    else
      dense();
  }
}

void StepLowering::multiply(tern::FusedLinearOp op, const Activation &in,
                            int64_t stride) {
  if (!op.getGate())
    return multiplyAll(op, in, stride);
  SmallVector<tern::WeightOp> weights;
  for (Attribute name : op.getWeights())
    weights.push_back(tern::getWeight(op, cast<FlatSymbolRefAttr>(name)));
  lut::TileAttr tile = getTile(op, weights[0]);
  int64_t width = lut::padded(tern::getWidth(op.getOutputs()[0]));
  int64_t gate = temporary(rowsPadded * width * 4);
  int64_t up = temporary(rowsPadded * width * 4);
  s.parallelFor(s.index(countTiles(weights[0], tile)), [&](Value index) {
    multiplyTile(weights[0], tile, in, stride, index, std::nullopt, gate);
    multiplyUp(op, weights[1], tile, in, stride, index, gate, up);
    gateTile(op, tile, index, gate, up);
  });
}

/// With one row, attention is all that reads q, k and v, and comes next: its
/// tiles wait for those of `op`.
bool StepLowering::isHanded(tern::FusedLinearOp op) {
  return maxRows == 1 && !op.getGate() &&
         isa_and_nonnull<tern::AttentionOp>(op->getNextNode()) &&
         llvm::all_of(op->getUsers(), [&](Operation *user) {
           return user == op->getNextNode();
         });
}

void StepLowering::lower(tern::FusedLinearOp op) {
  int64_t stride = getStride(op);
  if (op.getBiases())
    for (auto [name, bias] : llvm::zip(op.getWeights(), *op.getBiases()))
      biases[tern::getWeight(op, cast<FlatSymbolRefAttr>(name))] =
          cast<FlatSymbolRefAttr>(bias);
  for (Value result : op.getOutputs())
    define(result);
  auto tiles = op->getAttrOfType<ArrayAttr>(lut::kTilesAttr);
  auto tile = cast<lut::TileAttr>(tiles[batchClass]);
  bool lookup = tile.getStrategy() == lut::Strategy::Lookup;
  Activation in = quantize(op, stride, lookup);
  if (isHanded(op))
    handed = {s.counters(1), 0};
  multiply(op, in, stride);
  if (!handed)
    s.barrier();
}

} // namespace setun::passes
