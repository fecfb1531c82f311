//===- TuningModule.cpp - Candidates side by side in one step -------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/tune/TuningModule.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"

#include <map>

using namespace mlir;

namespace setun::compiler {

/// Rows of embeddings and head: a vocabulary nobody waits for.
static constexpr int64_t kVocab = 16;
static constexpr int64_t kHeadDim = 16;

int64_t Trial::getBytes() const {
  int64_t bytes = 0;
  for (int64_t rows : shape.rows)
    bytes += lut::getPackedBytes({rows, shape.columns}, packing);
  return bytes;
}

namespace {
class Builder {
public:
  Builder(lut::TargetAttr target, int64_t maxRows, int64_t width)
      : b(target.getContext()),
        loc(NameLoc::get(b.getStringAttr("setun tune"))),
        module(ModuleOp::create(loc)) {
    setAttributes(target, maxRows, width);
    Type ids = RankedTensorType::get({ShapedType::kDynamic}, b.getI32Type());
    forward = func::FuncOp::create(loc, "forward",
                                   b.getFunctionType(ids, getRows(kVocab)));
    forward.addEntryBlock();
    module->push_back(forward);
  }

  std::string add(const Trial &trial);
  OwningOpRef<ModuleOp> finish(int64_t width);

private:
  void setAttributes(lut::TargetAttr target, int64_t maxRows, int64_t width);
  tern::WeightOp addWeight(const Twine &name, ArrayRef<int64_t> shape,
                           Attribute element);
  Value getEmbedding(int64_t width);
  FlatSymbolRefAttr getNorm(int64_t width);
  RankedTensorType getRows(int64_t width) {
    return RankedTensorType::get({ShapedType::kDynamic, width}, b.getF32Type());
  }

  OpBuilder b;
  Location loc;
  OwningOpRef<ModuleOp> module;
  func::FuncOp forward;
  std::map<int64_t, Value> embeddings; // by width
  std::map<int64_t, tern::WeightOp> norms;
  unsigned trials = 0;
};
} // namespace

void Builder::setAttributes(lut::TargetAttr target, int64_t maxRows,
                            int64_t width) {
  SmallVector<Attribute> angles(kHeadDim / 2, b.getF64FloatAttr(1));
  (*module)->setAttr(
      tern::kModelAttr,
      tern::ModelAttr::get(b.getContext(), "setun-tune", kVocab, maxRows,
                           /*layers=*/1, width, width, /*heads=*/1,
                           /*kvHeads=*/1, kHeadDim, /*bos=*/-1,
                           b.getDenseI32ArrayAttr({}), b.getArrayAttr(angles),
                           /*rotary=*/0, /*ropeScales=*/nullptr));
  (*module)->setAttr(tern::kSyntheticAttr, b.getUnitAttr());
  // Zeros of activations decide what is skipped, and these are made up.
  (*module)->setAttr(lut::kTargetAttr, target.withoutSkips());
}

tern::WeightOp Builder::addWeight(const Twine &name, ArrayRef<int64_t> shape,
                                  Attribute element) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(forward);
  bool trits = isa<tern::TritAttr>(element);
  return tern::WeightOp::create(
      b, loc, b.getStringAttr(name),
      TypeAttr::get(tern::PackedType::get(b.getContext(), shape, element)),
      tern::SourceAttr::get(b.getContext(), 0, "none", 0, 0, {}, {}, {}),
      trits ? b.getF32FloatAttr(1) : FloatAttr(), FlatSymbolRefAttr());
}

Value Builder::getEmbedding(int64_t width) {
  Value &known = embeddings[width];
  if (!known) {
    auto weight =
        addWeight("embed." + Twine(width), {kVocab, width},
                  tern::DenseAttr::get(b.getContext(), b.getF32Type()));
    // All of them first: no trial comes between two others.
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(&forward.front());
    known = tern::EmbeddingOp::create(b, loc, getRows(width),
                                      forward.getArgument(0),
                                      FlatSymbolRefAttr::get(weight),
                                      /*scale=*/FloatAttr());
  }
  return known;
}

FlatSymbolRefAttr Builder::getNorm(int64_t width) {
  tern::WeightOp &known = norms[width];
  if (!known)
    known = addWeight("norm." + Twine(width), width,
                      tern::DenseAttr::get(b.getContext(), b.getF32Type()));
  return FlatSymbolRefAttr::get(known);
}

/// As all linears of BitNets, it begins with a norm.
std::string Builder::add(const Trial &trial) {
  const passes::LinearShape &shape = trial.shape;
  std::string name = ("trial" + Twine(trials++)).str();
  SmallVector<Attribute> weights;
  SmallVector<Type> results;
  for (auto [i, rows] : llvm::enumerate(shape.rows)) {
    tern::WeightOp weight = addWeight(
        name + ".w" + Twine(i), {rows, shape.columns},
        tern::TritAttr::get(b.getContext(), tern::ScaleOf::Tensor, 0));
    weight->setAttr(lut::kPackingAttr, trial.packing);
    weights.push_back(FlatSymbolRefAttr::get(weight));
    results.push_back(getRows(rows));
  }
  auto gate = tern::symbolizeGate(shape.gate);
  if (gate)
    results.resize(1);
  Value input = getEmbedding(shape.columns);
  Value residual = shape.residual ? getEmbedding(shape.rows[0]) : Value();
  FlatSymbolRefAttr norm = getNorm(shape.columns);
  b.setInsertionPointToEnd(&forward.front());
  auto linear = tern::FusedLinearOp::create(
      b, loc, results, input, residual, norm, b.getF64FloatAttr(1e-5),
      tern::QuantizerAttr::get(b.getContext(), tern::Quantizer::AbsMax8),
      b.getArrayAttr(weights), /*biases=*/nullptr,
      gate ? tern::GateAttr::get(b.getContext(), *gate) : tern::GateAttr());
  SmallVector<Attribute> tiles(trial.tiles.begin(), trial.tiles.end());
  linear->setAttr(lut::kTilesAttr, b.getArrayAttr(tiles));
  return tern::getLabel(linear);
}

OwningOpRef<ModuleOp> Builder::finish(int64_t width) {
  auto weight = addWeight("head", {kVocab, width},
                          tern::DenseAttr::get(b.getContext(), b.getF32Type()));
  Value input = getEmbedding(width);
  b.setInsertionPointToEnd(&forward.front());
  Value logits = tern::HeadOp::create(b, loc, getRows(kVocab), input,
                                      FlatSymbolRefAttr::get(weight));
  func::ReturnOp::create(b, loc, logits);
  return std::move(module);
}

TuningModule buildTuningModule(lut::TargetAttr target, ArrayRef<Trial> trials) {
  int64_t width = trials.front().shape.columns;
  Builder builder(target, trials.front().tiles.back().getRows(), width);
  TuningModule result;
  // The first linear of a step is slower, 80 µs instead of 50: nobody looks at
  // it.
  builder.add(trials.front());
  for (const Trial &trial : trials)
    result.labels.push_back(builder.add(trial));
  result.module = builder.finish(width);
  return result;
}

} // namespace setun::compiler
