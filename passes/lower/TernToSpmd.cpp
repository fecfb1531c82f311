//===- TernToSpmd.cpp - The forward function becomes steps ----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// One step a batch class. Every op ends with a barrier, so that its readers
// find it whole and its dead inputs can be overwritten. With one row, norm and
// quantizer are cheaper done by every worker for itself than shared.
//
//===----------------------------------------------------------------------===//

#include "dialects/tern/Tern.h"
#include "passes/Passes.h"
#include "passes/lower/Kernels.h"
#include "passes/lower/StepBuilder.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace setun::passes {
#define GEN_PASS_DEF_TERNTOSPMD
#include "passes/Passes.h.inc"

using spmd::Field;
using spmd::Region;

/// Rows of the dense head that a worker claims at once.
static constexpr int64_t kHeadRows = 64;

static int64_t padded(int64_t width) {
  return lut::roundUp(width, lut::kBlockRows);
}

static int64_t widthOf(Value rows) {
  return cast<RankedTensorType>(rows.getType()).getShape().back();
}

namespace {
/// The quantized rows that a linear reads. `q` is [rows][stride], or for
/// look-ups [rows / 32][stride][32].
struct Activation {
  Value q, sums, scales;
};

/// Lowers the ops of `forward` into one step.
class StepLowering {
public:
  StepLowering(spmd::StepOp step, tern::ModelAttr model, unsigned batchClass,
               int64_t rows, int64_t rowsPadded, Location loc)
      : s(step, loc), model(model), batchClass(batchClass), maxRows(rows),
        rowsPadded(rowsPadded), f32(s.builder.getF32Type()),
        i8(s.builder.getI8Type()) {}

  LogicalResult run(func::FuncOp forward);

private:
  LogicalResult lower(Operation *op);
  void lower(tern::EmbeddingOp op);
  void lower(tern::NormOp op);
  void lower(tern::FusedLinearOp op);
  void lower(tern::AttentionOp op);
  void lower(tern::HeadOp op);

  // Linear.
  Activation quantize(tern::FusedLinearOp op, int64_t stride);
  void quantizeRow(tern::FusedLinearOp op, Value row, Value q, Value scale,
                   Value sum, int64_t stride);
  Value transpose(Value q, int64_t stride);
  void multiply(tern::FusedLinearOp op, const Activation &in, int64_t stride);
  void multiplyTile(tern::WeightOp weight, lut::TileAttr tile,
                    const Activation &in, int64_t stride, Value tileIndex,
                    Value residual, int64_t outOffset);
  Value countTiles(tern::WeightOp weight, lut::TileAttr tile);
  void gateTile(tern::FusedLinearOp op, lut::TileAttr tile, Value tileIndex,
                int64_t gate, int64_t up);

  // Attention.
  void appendToCache(tern::AttentionOp op, Value row, Value head);
  void attend(tern::AttentionOp op, Value row, Value head, int64_t rotated);
  Value cacheRow(tern::AttentionOp op, int64_t which, Value head,
                 Value position);
  void rotateQuery(tern::AttentionOp op, Value row, Value head,
                   int64_t rotated);

  // Buffers.
  Value weightView(tern::WeightOp weight, ArrayRef<int64_t> shape,
                   Type element);
  Value vectorWeight(Operation *user, FlatSymbolRefAttr name);
  Value rowView(Value tensor, Value row, Value column, int64_t width);
  void define(Value result);
  int64_t temporary(int64_t bytes);
  void release(Operation *op);

  lut::TileAttr getTile(tern::FusedLinearOp op) {
    auto tiles = op->getAttrOfType<ArrayAttr>(lut::kTilesAttr);
    return cast<lut::TileAttr>(tiles[batchClass]);
  }

  StepBuilder s;
  tern::ModelAttr model;
  unsigned batchClass;
  int64_t maxRows, rowsPadded;
  FloatType f32;
  IntegerType i8;
  llvm::DenseMap<Value, int64_t> offsets; // of live tensors in the arena
  SmallVector<int64_t> temporaries;
};
} // namespace

//===----------------------------------------------------------------------===//
// Buffers
//===----------------------------------------------------------------------===//

Value StepLowering::weightView(tern::WeightOp weight, ArrayRef<int64_t> shape,
                               Type element) {
  int64_t offset =
      weight->getAttrOfType<IntegerAttr>(lut::kOffsetAttr).getInt();
  return s.view(Region::Weights, s.index(offset), shape, element);
}

/// A vector weight as f32, zero-padded.
Value StepLowering::vectorWeight(Operation *user, FlatSymbolRefAttr name) {
  tern::WeightOp weight = tern::getWeight(user, name);
  return weightView(weight, padded(weight.getType().getShape()[0]), f32);
}

/// `width` floats of row `row` of a live tensor, from `column` on.
Value StepLowering::rowView(Value tensor, Value row, Value column,
                            int64_t width) {
  int64_t stride = padded(widthOf(tensor));
  Value element = s.add(s.mul(row, stride), column);
  return s.view(Region::Arena, s.add(s.mul(element, 4), offsets.at(tensor)),
                width, f32);
}

void StepLowering::define(Value result) {
  offsets[result] = s.arena.allocate(rowsPadded * padded(widthOf(result)) * 4);
}

/// Bytes in the arena for the op that is being lowered.
int64_t StepLowering::temporary(int64_t bytes) {
  return temporaries.emplace_back(s.arena.allocate(bytes));
}

/// Gives back the temporaries of `op` and what it is the last to read.
void StepLowering::release(Operation *op) {
  for (int64_t offset : temporaries)
    s.arena.free(offset);
  temporaries.clear();
  for (Value operand : op->getOperands()) {
    bool last = llvm::all_of(operand.getUsers(), [&](Operation *user) {
      return user == op || user->isBeforeInBlock(op);
    });
    auto found = offsets.find(operand);
    if (!last || found == offsets.end())
      continue;
    s.arena.free(found->second);
    offsets.erase(found);
  }
}

//===----------------------------------------------------------------------===//
// Embedding, norm, head
//===----------------------------------------------------------------------===//

void StepLowering::lower(tern::EmbeddingOp op) {
  tern::WeightOp weight = tern::getWeight(op, op.getWeightAttr());
  auto packing = weight->getAttrOfType<lut::RowsAttr>(lut::kPackingAttr);
  FloatType element = packing.getElement();
  int64_t width = padded(widthOf(op.getResult()));
  int64_t rowBytes = width * element.getWidth() / 8;
  define(op.getResult());
  int64_t base = weight->getAttrOfType<IntegerAttr>(lut::kOffsetAttr).getInt();
  s.parallelFor(s.get(Field::Rows), [&](Value row) {
    Value tokens =
        s.view(Region::Tokens, s.index(0), maxRows, s.builder.getI32Type());
    Value id = memref::LoadOp::create(s.builder, s.loc, tokens, row);
    Value token = arith::IndexCastOp::create(s.builder, s.loc,
                                             s.builder.getIndexType(), id);
    Value stored = s.view(Region::Weights, s.add(s.mul(token, rowBytes), base),
                          width, element);
    s.stage("embed", width,
            {stored, rowView(op.getResult(), row, s.index(0), width)}, element);
  });
  s.barrier();
}

void StepLowering::lower(tern::NormOp op) {
  int64_t width = widthOf(op.getInput());
  define(op.getResult());
  s.parallelFor(s.get(Field::Rows), [&](Value row) {
    s.stage("norm", width,
            {rowView(op.getInput(), row, s.index(0), padded(width)),
             vectorWeight(op, op.getWeightAttr()),
             rowView(op.getResult(), row, s.index(0), padded(width))},
            f32, op.getEps().convertToDouble());
  });
  s.barrier();
}

/// The result goes to the step's logits and nowhere else.
void StepLowering::lower(tern::HeadOp op) {
  tern::WeightOp weight = tern::getWeight(op, op.getWeightAttr());
  auto packing = weight->getAttrOfType<lut::RowsAttr>(lut::kPackingAttr);
  FloatType element = packing.getElement();
  int64_t vocab = widthOf(op.getResult());
  int64_t width = padded(widthOf(op.getInput()));
  int64_t rowBytes = width * element.getWidth() / 8;
  int64_t base = weight->getAttrOfType<IntegerAttr>(lut::kOffsetAttr).getInt();
  int64_t tiles = (vocab + kHeadRows - 1) / kHeadRows;
  s.parallelFor(s.index(tiles), [&](Value tile) {
    Value first = s.mul(tile, kHeadRows);
    Value count = s.min(s.index(kHeadRows), s.sub(s.index(vocab), first));
    Value rows = s.view(Region::Weights, s.add(s.mul(first, rowBytes), base),
                        {kHeadRows, width}, element);
    Value firstLogit = s.get(Field::FirstLogit);
    s.forEach(firstLogit, s.get(Field::Rows), [&](Value row) {
      Value out = s.add(s.mul(s.sub(row, firstLogit), vocab), first);
      s.stage("head", {width, kHeadRows},
              {rows, rowView(op.getInput(), row, s.index(0), width),
               s.view(Region::Logits, s.mul(out, 4), kHeadRows, f32), count},
              element);
    });
  });
}

//===----------------------------------------------------------------------===//
// Linear
//===----------------------------------------------------------------------===//

void StepLowering::quantizeRow(tern::FusedLinearOp op, Value row, Value q,
                               Value scale, Value sum, int64_t stride) {
  int64_t width = widthOf(op.getInput());
  Value x = rowView(op.getInput(), row, s.index(0), padded(width));
  if (!op.getNorm())
    return s.stage("quantize", {width, stride}, {x, q, scale, sum});
  Value weight = vectorWeight(op, op.getNormAttr());
  s.stage("norm_quantize", {width, stride}, {x, weight, q, scale, sum}, f32,
          op.getEps()->convertToDouble());
}

/// Norm and quantizer of all rows.
Activation StepLowering::quantize(tern::FusedLinearOp op, int64_t stride) {
  bool own = maxRows == 1;
  Region region = own ? Region::Scratch : Region::Arena;
  int64_t qBytes = lut::roundUp(rowsPadded * stride, 64);
  int64_t numbers = lut::roundUp(rowsPadded * 4, 64);
  int64_t base = own ? 0 : temporary(qBytes + 2 * numbers);
  if (own)
    s.needScratch(qBytes + 2 * numbers);
  Type i32 = s.builder.getI32Type();
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
  if (own) {
    one(s.index(0));
  } else {
    s.parallelFor(s.get(Field::Rows), one);
    s.barrier();
  }
  Value zero = s.index(0);
  return {at(0, zero, 0, {rowsPadded, stride}, i8),
          at(qBytes + numbers, zero, 0, rowsPadded, i32),
          at(qBytes, zero, 0, rowsPadded, f32)};
}

/// [rows][stride] → [rows / 32][stride][32]
Value StepLowering::transpose(Value q, int64_t stride) {
  int64_t blocks = rowsPadded / lut::kLookupTokens;
  Value out = s.view(Region::Arena, s.index(temporary(rowsPadded * stride)),
                     {blocks, stride, lut::kLookupTokens}, i8);
  s.parallelFor(s.index(stride / lut::kBlockRows), [&](Value chunk) {
    Value first = s.mul(chunk, lut::kBlockRows);
    s.forEach(s.index(0), s.get(Field::Rows), [&](Value row) {
      Value block = s.div(row, lut::kLookupTokens);
      Value token = s.rem(row, lut::kLookupTokens);
      s.forEach(first, s.add(first, lut::kBlockRows), [&](Value column) {
        Value v = memref::LoadOp::create(s.builder, s.loc, q,
                                         ValueRange{row, column});
        memref::StoreOp::create(s.builder, s.loc, v, out,
                                ValueRange{block, column, token});
      });
    });
  });
  s.barrier();
  return out;
}

Value StepLowering::countTiles(tern::WeightOp weight, lut::TileAttr tile) {
  int64_t blocks = lut::getBlocks(weight.getType().getShape()[0]);
  return s.index((blocks + tile.getBlocks() - 1) / tile.getBlocks());
}

/// Tile `tileIndex` of `weight` times all rows, into the arena at `outOffset`.
void StepLowering::multiplyTile(tern::WeightOp weight, lut::TileAttr tile,
                                const Activation &in, int64_t stride,
                                Value tileIndex, Value residual,
                                int64_t outOffset) {
  ArrayRef<int64_t> shape = weight.getType().getShape();
  auto packing =
      weight->getAttrOfType<lut::PackingInterface>(lut::kPackingAttr);
  auto kernel =
      lut::KernelAttr::get(s.builder.getContext(), packing, shape[0], shape[1],
                           tile, stride, padded(shape[0]), residual != nullptr);
  KernelShape sizes(kernel);
  Value block = s.mul(tileIndex, tile.getBlocks());
  Value blocks = s.min(s.index(tile.getBlocks()),
                       s.sub(s.index(lut::getBlocks(shape[0])), block));
  int64_t base = weight->getAttrOfType<IntegerAttr>(lut::kOffsetAttr).getInt();
  Value packed =
      s.view(Region::Weights, s.add(s.mul(block, sizes.blockBytes), base),
             sizes.tileBytes, i8);
  Value column = s.mul(block, lut::kBlockRows * 4);
  auto tileOf = [&](int64_t offset) {
    return s.view(Region::Arena, s.add(column, offset),
                  {rowsPadded, kernel.getOut()}, f32);
  };
  Value out = tileOf(outOffset);
  Value added = residual ? tileOf(offsets.at(residual)) : out;
  int64_t ownBytes = maxRows == 1 ? lut::roundUp(stride, 64) + 128 : 0;
  s.needScratch(ownBytes + sizes.scratchBytes);
  Value scratch =
      s.view(Region::Scratch, s.index(ownBytes), sizes.scratchBytes, i8);
  Value alpha = s.constant(weight.getAlpha()->convertToFloat());
  SmallVector<Value> arguments{
      packed, in.q, in.sums, in.scales,          alpha,
      added,  out,  scratch, s.get(Field::Rows), blocks};
  s.call(s.declare(sizes.name, lut::kKernelAttr, kernel,
                   ValueRange(arguments).getTypes()),
         arguments);
}

/// The activation of the rows and columns that a tile of gate and up made.
void StepLowering::gateTile(tern::FusedLinearOp op, lut::TileAttr tile,
                            Value tileIndex, int64_t gate, int64_t up) {
  int64_t width = padded(widthOf(op.getOutputs()[0]));
  Value first = s.mul(tileIndex, tile.getBlocks());
  Value last =
      s.min(s.add(first, tile.getBlocks()), s.index(width / lut::kBlockRows));
  StringRef kind =
      *op.getGate() == tern::Gate::ReLU2 ? "glu_relu2" : "glu_silu";
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

void StepLowering::multiply(tern::FusedLinearOp op, const Activation &in,
                            int64_t stride) {
  lut::TileAttr tile = getTile(op);
  auto weightAt = [&](unsigned i) {
    return tern::getWeight(op, cast<FlatSymbolRefAttr>(op.getWeights()[i]));
  };
  if (!op.getGate()) {
    for (auto [i, result] : llvm::enumerate(op.getOutputs()))
      s.parallelFor(countTiles(weightAt(i), tile), [&](Value index) {
        multiplyTile(weightAt(i), tile, in, stride, index, op.getResidual(),
                     offsets.at(result));
      });
    return;
  }
  int64_t bytes = rowsPadded * padded(widthOf(op.getOutputs()[0])) * 4;
  int64_t gate = temporary(bytes), up = temporary(bytes);
  s.parallelFor(countTiles(weightAt(0), tile), [&](Value index) {
    multiplyTile(weightAt(0), tile, in, stride, index, Value(), gate);
    multiplyTile(weightAt(1), tile, in, stride, index, Value(), up);
    gateTile(op, tile, index, gate, up);
  });
}

void StepLowering::lower(tern::FusedLinearOp op) {
  int64_t stride = 0;
  for (Attribute name : op.getWeights()) {
    tern::WeightOp weight = tern::getWeight(op, cast<FlatSymbolRefAttr>(name));
    auto packing =
        weight->getAttrOfType<lut::PackingInterface>(lut::kPackingAttr);
    int64_t columns = weight.getType().getShape()[1];
    int64_t groups = lut::getGroups(packing, columns);
    stride = std::max(stride, padded(groups * lut::getGroupColumns(packing)));
  }
  for (Value result : op.getOutputs())
    define(result);
  Activation in = quantize(op, stride);
  if (getTile(op).getStrategy() == lut::Strategy::Lookup)
    in.q = transpose(in.q, stride);
  multiply(op, in, stride);
  s.barrier();
}

//===----------------------------------------------------------------------===//
// Attention
//===----------------------------------------------------------------------===//

/// The cache row of KV head `head` at `position`; `which`: 0 keys, 1 values.
Value StepLowering::cacheRow(tern::AttentionOp op, int64_t which, Value head,
                             Value position) {
  int64_t width = padded(model.getHeadDim());
  int64_t plane = (op.getLayer() * 2 + which) * model.getKvHeads();
  Value row =
      s.add(s.mul(s.add(head, plane), s.get(Field::Capacity)), position);
  return s.view(Region::Cache, s.mul(row, width * 4),
                {model.getMaxContext(), width}, f32);
}

void StepLowering::appendToCache(tern::AttentionOp op, Value row, Value head) {
  int64_t dim = model.getHeadDim();
  Value position = s.add(s.get(Field::Position), row);
  Value angles = s.view(Region::Rope, s.mul(row, dim * 4), dim, f32);
  Value column = s.mul(head, dim);
  s.stage("rope", {dim, padded(dim)},
          {rowView(op.getK(), row, column, dim), angles,
           cacheRow(op, 0, head, position)});
  s.stage(
      "copy_head", {dim, padded(dim)},
      {rowView(op.getV(), row, column, dim), cacheRow(op, 1, head, position)});
}

void StepLowering::rotateQuery(tern::AttentionOp op, Value row, Value head,
                               int64_t rotated) {
  int64_t dim = model.getHeadDim();
  Value angles = s.view(Region::Rope, s.mul(row, dim * 4), dim, f32);
  Value slot = s.add(s.mul(row, model.getHeads()), head);
  Value out =
      s.view(Region::Arena, s.add(s.mul(slot, padded(dim) * 4), rotated),
             {1, padded(dim)}, f32);
  s.stage("rope", {dim, padded(dim)},
          {rowView(op.getQ(), row, s.mul(head, dim), dim), angles, out});
}

void StepLowering::attend(tern::AttentionOp op, Value row, Value head,
                          int64_t rotated) {
  int64_t dim = model.getHeadDim();
  int64_t group = model.getHeads() / model.getKvHeads();
  Value kvHead = s.div(head, group);
  Value length = s.add(s.add(s.get(Field::Position), row), 1);
  Value slot = s.add(s.mul(row, model.getHeads()), head);
  Value query =
      s.view(Region::Arena, s.add(s.mul(slot, padded(dim) * 4), rotated),
             {1, padded(dim)}, f32);
  int64_t scores = padded(model.getMaxContext());
  s.needScratch(scores * 4);
  s.stage("attention", {dim, padded(dim)},
          {query, cacheRow(op, 0, kvHead, s.index(0)),
           cacheRow(op, 1, kvHead, s.index(0)), length,
           s.view(Region::Scratch, s.index(0), scores, f32),
           rowView(op.getResult(), row, s.mul(head, dim), dim)});
  // The linear behind reads whole groups of 16.
  int64_t width = widthOf(op.getResult());
  int64_t rest = padded(width) - width;
  if (!rest)
    return;
  Value tail = rowView(op.getResult(), row, s.index(width), rest);
  auto type = VectorType::get(rest, f32);
  Value zeros =
      arith::ConstantOp::create(s.builder, s.loc, s.builder.getZeroAttr(type));
  vector::StoreOp::create(s.builder, s.loc, zeros, tail, s.index(0));
}

void StepLowering::lower(tern::AttentionOp op) {
  int64_t heads = model.getHeads(), kvHeads = model.getKvHeads();
  int64_t group = heads / kvHeads;
  int64_t rotated =
      temporary(rowsPadded * heads * padded(model.getHeadDim()) * 4);
  define(op.getResult());
  auto perQuery = [&](Value kvHead, llvm::function_ref<void(Value)> body) {
    Value first = s.mul(kvHead, group);
    s.forEach(first, s.add(first, group), body);
  };
  if (maxRows == 1) {
    Value row = s.index(0);
    s.parallelFor(s.index(kvHeads), [&](Value kvHead) {
      appendToCache(op, row, kvHead);
      perQuery(kvHead, [&](Value head) {
        rotateQuery(op, row, head, rotated);
        attend(op, row, head, rotated);
      });
    });
  } else {
    // A row attends to the rows before it: all are appended first.
    s.parallelFor(s.mul(s.get(Field::Rows), kvHeads), [&](Value tile) {
      Value row = s.div(tile, kvHeads), kvHead = s.rem(tile, kvHeads);
      appendToCache(op, row, kvHead);
      perQuery(kvHead,
               [&](Value head) { rotateQuery(op, row, head, rotated); });
    });
    s.barrier();
    s.parallelFor(s.mul(s.get(Field::Rows), heads), [&](Value tile) {
      attend(op, s.div(tile, heads), s.rem(tile, heads), rotated);
    });
  }
  s.barrier();
}

//===----------------------------------------------------------------------===//
// The walk
//===----------------------------------------------------------------------===//

LogicalResult StepLowering::lower(Operation *op) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case<tern::EmbeddingOp, tern::NormOp, tern::FusedLinearOp,
            tern::AttentionOp, tern::HeadOp>([&](auto typed) {
        lower(typed);
        return success();
      })
      .Case<func::ReturnOp>([](auto) { return success(); })
      .Default([](Operation *other) {
        return other->emitOpError("has no lowering on its own; the fuse stage "
                                  "should have taken it into a fused_linear");
      });
}

LogicalResult StepLowering::run(func::FuncOp forward) {
  for (Operation &op : forward.front()) {
    s.loc = op.getLoc();
    if (failed(lower(&op)))
      return failure();
    release(&op);
  }
  s.finish();
  return success();
}

/// Whether `tile` can be made into a kernel for every weight of `op`.
static LogicalResult verifyTile(tern::FusedLinearOp op, lut::TileAttr tile) {
  for (Attribute name : op.getWeights()) {
    tern::WeightOp weight = tern::getWeight(op, cast<FlatSymbolRefAttr>(name));
    auto packing =
        weight->getAttrOfType<lut::PackingInterface>(lut::kPackingAttr);
    if (!packing)
      return op.emitError("weight ") << name
                                     << " has no packing; run the "
                                        "encode stage first";
    ArrayRef<int64_t> shape = weight.getType().getShape();
    int64_t stride =
        lut::getGroups(packing, shape[1]) * lut::getGroupColumns(packing);
    auto error = [&] { return op.emitOpError("weight ") << name << ": "; };
    if (failed(lut::KernelAttr::verify(error, packing, shape[0], shape[1], tile,
                                       stride, padded(shape[0]), false)))
      return failure();
  }
  return success();
}

/// The row counts of the batch classes, the same for every linear.
static FailureOr<SmallVector<std::pair<int64_t, int64_t>>>
getClasses(func::FuncOp forward) {
  SmallVector<std::pair<int64_t, int64_t>> classes; // rows, padded rows
  auto result = forward.walk([&](tern::FusedLinearOp op) -> WalkResult {
    auto tiles = op->getAttrOfType<ArrayAttr>(lut::kTilesAttr);
    if (!tiles)
      return op.emitOpError("has no tiles; run the tile stage first");
    if (classes.empty())
      classes.resize(tiles.size());
    if (classes.size() != tiles.size())
      return op.emitOpError("found ") << tiles.size() << " tiles, expected "
                                      << classes.size() << " as elsewhere";
    for (auto [known, attr] : llvm::zip(classes, tiles)) {
      auto tile = cast<lut::TileAttr>(attr);
      if (failed(verifyTile(op, tile)))
        return WalkResult::interrupt();
      if (known.first && known.first != tile.getRows())
        return op.emitOpError("found a tile for ")
               << tile.getRows() << " rows, expected " << known.first
               << " as elsewhere";
      int64_t rows = lut::roundUp(tile.getRows(), tile.getTokens());
      known = {tile.getRows(), std::max(known.second, rows)};
    }
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return failure();
  if (classes.empty())
    return forward.emitError("expected a tern.fused_linear; run the fuse stage "
                             "first");
  return classes;
}

static std::string className(unsigned index, unsigned count, int64_t rows) {
  if (rows == 1)
    return "decode";
  if (index + 1 == count)
    return "prefill";
  return count == 3 ? "small" : ("small" + Twine(rows)).str();
}

namespace {
struct TernToSpmd : impl::TernToSpmdBase<TernToSpmd> {
  void runOnOperation() override {
    if (failed(run()))
      signalPassFailure();
  }

  LogicalResult run() {
    ModuleOp module = getOperation();
    tern::ModelAttr model = tern::getModel(module);
    auto forward = module.lookupSymbol<func::FuncOp>("forward");
    if (!model)
      return failure();
    if (!forward || forward.isDeclaration())
      return module.emitError("expected a function @forward");
    for (auto weight : module.getOps<tern::WeightOp>())
      if (!weight->hasAttr(lut::kOffsetAttr))
        return weight.emitError("has no place in the weights segment; run "
                                "lower-lay-out-weights first");
    auto classes = getClasses(forward);
    if (failed(classes))
      return failure();
    OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
    for (auto [i, rows] : llvm::enumerate(*classes)) {
      auto step = spmd::StepOp::create(
          builder, forward.getLoc(), className(i, classes->size(), rows.first),
          rows.first, 0, 0, 0);
      StepLowering lowering(step, model, i, rows.first, rows.second,
                            forward.getLoc());
      if (failed(lowering.run(forward)))
        return failure();
    }
    forward.erase();
    return success();
  }
};
} // namespace
} // namespace setun::passes
