//===- StepLowering.cpp - Buffers, rows and the walk over the ops ---------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An op ends with a barrier, so that its readers find it whole and its dead
// inputs can be overwritten; only attention may wait for tiles instead. With
// one row, norm and quantizer are cheaper done by every worker for itself than
// shared.
//
//===----------------------------------------------------------------------===//

#include "passes/lower/StepLowering.h"
#include "passes/lower/Kernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace setun::passes {

using spmd::Field;
using spmd::Region;

/// Rows of the dense head that a worker claims at once.
static constexpr int64_t kHeadRows = 64;

//===----------------------------------------------------------------------===//
// Buffers
//===----------------------------------------------------------------------===//

/// A vector weight as f32, zero-padded.
Value StepLowering::vectorWeight(Operation *user, FlatSymbolRefAttr name) {
  tern::WeightOp weight = tern::getWeight(user, name);
  int64_t offset =
      weight->getAttrOfType<IntegerAttr>(lut::kOffsetAttr).getInt();
  return s.view(Region::Weights, s.index(offset),
                lut::padded(weight.getType().getShape()[0]), f32);
}

/// `width` floats of row `row` of a live tensor, from `column` on.
Value StepLowering::rowView(Value tensor, Value row, Value column,
                            int64_t width) {
  int64_t stride = lut::padded(tern::getWidth(tensor));
  Value element = s.add(s.mul(row, stride), column);
  return s.view(Region::Arena, s.add(s.mul(element, 4), offsets.at(tensor)),
                width, f32);
}

void StepLowering::define(Value result) {
  offsets[result] =
      s.arena.allocate(rowsPadded * lut::padded(tern::getWidth(result)) * 4);
}

/// Bytes in the arena for the op that is being lowered.
int64_t StepLowering::temporary(int64_t bytes) {
  return temporaries.emplace_back(s.arena.allocate(bytes));
}

/// Gives back the temporaries of `op`, what it is the last to read, and what
/// nobody reads.
void StepLowering::release(Operation *op) {
  for (int64_t offset : temporaries)
    s.arena.free(offset);
  temporaries.clear();
  auto releaseDead = [&](Value value) {
    bool dead = llvm::all_of(value.getUsers(), [&](Operation *user) {
      return user == op || user->isBeforeInBlock(op);
    });
    auto found = offsets.find(value);
    if (!dead || found == offsets.end())
      return;
    s.arena.free(found->second);
    offsets.erase(found);
  };
  llvm::for_each(op->getOperands(), releaseDead);
  llvm::for_each(op->getResults(), releaseDead);
}

//===----------------------------------------------------------------------===//
// Embedding, norm, head
//===----------------------------------------------------------------------===//

/// How the rows of a dense weight lie, and which stages read them.
struct StepLowering::DenseRows {
  explicit DenseRows(tern::WeightOp weight);

  int64_t base, rowBytes;
  Type element;   ///< of a view of a row
  int64_t stored; ///< elements of it
  FloatType weights;
  SmallVector<int64_t> codes; ///< bits and group, none of floats
};

StepLowering::DenseRows::DenseRows(tern::WeightOp weight)
    : base(weight->getAttrOfType<IntegerAttr>(lut::kOffsetAttr).getInt()) {
  Attribute packing = weight->getAttr(lut::kPackingAttr);
  int64_t columns = weight.getType().getShape()[1];
  rowBytes = lut::getPackedBytes({1, columns}, packing);
  if (auto rows = dyn_cast<lut::RowsAttr>(packing)) {
    weights = rows.getElement();
    element = weights;
    stored = lut::padded(columns);
    return;
  }
  auto coded = cast<lut::CodesAttr>(packing);
  weights = Float32Type::get(weight.getContext());
  element = IntegerType::get(weight.getContext(), 8);
  stored = rowBytes;
  codes = {coded.getBits(), coded.getGroup()};
}

void StepLowering::lower(tern::EmbeddingOp op) {
  DenseRows table(tern::getWeight(op, op.getWeightAttr()));
  int64_t width = lut::padded(tern::getWidth(op.getResult()));
  SmallVector<int64_t> sizes{width};
  sizes.append(table.codes);
  define(op.getResult());
  s.parallelFor(s.get(Field::Rows), [&](Value row) {
    Value tokens =
        s.view(Region::Tokens, s.index(0), maxRows, s.b.getI32Type());
    Value id = memref::LoadOp::create(s.b, s.loc, tokens, row);
    Value token =
        arith::IndexCastOp::create(s.b, s.loc, s.b.getIndexType(), id);
    Value stored =
        s.view(Region::Weights, s.add(s.mul(token, table.rowBytes), table.base),
               table.stored, table.element);
    s.stage(table.codes.empty() ? "embed" : "embed_codes", sizes,
            {stored, rowView(op.getResult(), row, s.index(0), width)},
            table.weights,
            op.getScale() ? op.getScale()->convertToDouble() : 0);
  });
  s.barrier();
}

void StepLowering::lower(tern::NormOp op) {
  int64_t width = tern::getWidth(op.getInput());
  define(op.getResult());
  s.parallelFor(s.get(Field::Rows), [&](Value row) {
    s.stage("norm", width,
            {rowView(op.getInput(), row, s.index(0), lut::padded(width)),
             vectorWeight(op, op.getWeightAttr()),
             rowView(op.getResult(), row, s.index(0), lut::padded(width))},
            f32, op.getEps().convertToDouble());
  });
  s.barrier();
}

void StepLowering::lower(tern::AddOp op) {
  int64_t width = lut::padded(tern::getWidth(op.getResult()));
  auto type = VectorType::get(lut::kBlockRows, f32);
  define(op.getResult());
  s.parallelFor(s.get(Field::Rows), [&](Value row) {
    auto view = [&](Value tensor) {
      return rowView(tensor, row, s.index(0), width);
    };
    Value lhs = view(op.getLhs()), rhs = view(op.getRhs());
    Value result = view(op.getResult());
    s.forEach(s.index(0), s.index(width / lut::kBlockRows), [&](Value block) {
      Value column = s.mul(block, lut::kBlockRows);
      auto load = [&](Value from) {
        return vector::LoadOp::create(s.b, s.loc, type, from, column);
      };
      Value sum = arith::AddFOp::create(s.b, s.loc, load(lhs), load(rhs));
      vector::StoreOp::create(s.b, s.loc, sum, result, column);
    });
  });
  s.barrier();
}

std::string getGateStage(tern::Gate gate) {
  return ("glu_" + stringifyGate(gate)).str();
}

void StepLowering::lower(tern::GateOp op) {
  int64_t width = lut::padded(tern::getWidth(op.getResult()));
  define(op.getResult());
  s.parallelFor(s.get(Field::Rows), [&](Value row) {
    auto view = [&](Value tensor) {
      return rowView(tensor, row, s.index(0), width);
    };
    s.stage(getGateStage(op.getKind()), width,
            {view(op.getGate()), view(op.getUp()), view(op.getResult())});
  });
  s.barrier();
}

/// A screened head: the runtime calls the kernel, and then `exact` for rows
/// that may win.
void StepLowering::declareScreen(tern::HeadOp op, StringRef exact) {
  auto screen = op->getAttrOfType<FlatSymbolRefAttr>(lut::kScreenAttr);
  if (!screen)
    return;
  int64_t columns = tern::getWidth(op.getInput());
  auto recipe = lut::ScreenKernelAttr::get(
      s.b.getContext(), op.getWeightAttr(), screen,
      FlatSymbolRefAttr::get(s.b.getContext(), exact));
  s.declare(("screen_" + Twine(columns)).str(), lut::kScreenKernelAttr, recipe,
            getScreenTypes(s.b, columns, tern::getWidth(op.getResult())));
}

/// The result goes to the step's logits and nowhere else.
void StepLowering::lower(tern::HeadOp op) {
  DenseRows stored(tern::getWeight(op, op.getWeightAttr()));
  int64_t vocab = tern::getWidth(op.getResult());
  int64_t width = lut::padded(tern::getWidth(op.getInput()));
  SmallVector<int64_t> sizes{width, kHeadRows};
  sizes.append(stored.codes);
  int64_t tiles = (vocab + kHeadRows - 1) / kHeadRows;
  s.setHeadRows(offsets.at(op.getInput())); // for embeddings and screens
  StringRef exact;
  Value wanted = s.sub(s.get(Field::Rows), s.get(Field::FirstLogit));
  Value count = s.min(s.index(tiles), s.mul(wanted, tiles)); // or none
  s.parallelFor(count, [&](Value tile) {
    Value first = s.mul(tile, kHeadRows);
    Value count = s.min(s.index(kHeadRows), s.sub(s.index(vocab), first));
    Value rows = s.view(Region::Weights,
                        s.add(s.mul(first, stored.rowBytes), stored.base),
                        {kHeadRows, stored.stored}, stored.element);
    Value firstLogit = s.get(Field::FirstLogit);
    s.forEach(firstLogit, s.get(Field::Rows), [&](Value row) {
      Value out = s.add(s.mul(s.sub(row, firstLogit), vocab), first);
      Value arguments[] = {
          rows, rowView(op.getInput(), row, s.index(0), width),
          s.view(Region::Logits, s.mul(out, 4), kHeadRows, f32), count};
      exact =
          s.declareStage(stored.codes.empty() ? "head" : "head_codes", sizes,
                         ValueRange(arguments).getTypes(), stored.weights, 0);
      s.call(exact, arguments);
    });
  });
  declareScreen(op, exact);
}

//===----------------------------------------------------------------------===//
// The walk
//===----------------------------------------------------------------------===//

LogicalResult StepLowering::lower(Operation *op) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case<tern::EmbeddingOp, tern::NormOp, tern::FusedLinearOp,
            tern::AttentionOp, tern::AddOp, tern::GateOp, tern::HeadOp>(
          [&](auto typed) {
            lower(typed);
            return success();
          })
      .Case<func::ReturnOp>([](auto) { return success(); })
      .Default([](Operation *other) {
        return other->emitOpError(
            "has no lowering here; expected what the fuse stage leaves: "
            "embedding, norm, fused_linear, attention, add, gate, head");
      });
}

LogicalResult StepLowering::run(func::FuncOp forward) {
  SmallVector<Operation *> ended; // before no barrier yet
  for (Operation &op : forward.front()) {
    s.loc = op.getLoc();
    for (Value operand : op.getOperands())
      if (!isa<tern::EmbeddingOp, func::ReturnOp>(op) &&
          !offsets.count(operand))
        return op.emitOpError("reads a value that is no row of activations");
    if (!isa<func::ReturnOp>(op))
      s.mark(tern::getLabel(&op));
    if (failed(lower(&op)))
      return failure();
    ended.push_back(&op);
    if (handed)
      continue; // the op behind runs beside it
    for (Operation *op : ended)
      release(op);
    ended.clear();
  }
  s.finish();
  return success();
}

} // namespace setun::passes
