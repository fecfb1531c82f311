//===- Import.cpp - A checkpoint becomes a tern module --------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/safetensors/Import.h"
#include "dialects/tern/Tern.h"
#include "frontends/safetensors/Pooling.h"
#include "frontends/safetensors/Weights.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <cmath>

using namespace mlir;

namespace setun::frontends {

namespace {
/// Writes the module. Graphs: the sources in architectures/.
class Importer {
public:
  Importer(MLIRContext &context, const Checkpoint &checkpoint,
           const ModelConfig &config, const ModelWeights &weights)
      : b(&context), checkpoint(checkpoint), config(config), weights(weights),
        loc(b.getUnknownLoc()) {}

  OwningOpRef<ModuleOp> run();

private:
  tern::ModelAttr describeModel(StringRef name);
  ArrayAttr listFiles();
  Location at(const TensorInfo &tensor);
  tern::SourceAttr source(const TensorInfo &tensor, Encoding encoding,
                          float quant = 0);
  FlatSymbolRefAttr dense(const TensorInfo &tensor, float plus = 0,
                          float times = 1);
  FlatSymbolRefAttr normWeight(const TensorInfo &tensor);
  FlatSymbolRefAttr ternary(const LinearWeight &weight);
  FlatSymbolRefAttr scales(const LinearWeight &weight);
  RankedTensorType rows(int64_t width);

  Value norm(Value x, const TensorInfo *weight);
  Value add(Value x, Value branch, const TensorInfo *norm);
  Value linear(Value x, const LinearWeight &weight);
  Value attention(Value x, const LayerWeights &layer, int64_t index);
  Value feedForward(Value x, const LayerWeights &layer);
  void forward();

  OpBuilder b;
  const Checkpoint &checkpoint;
  const ModelConfig &config;
  const ModelWeights &weights;
  Location loc;
  ModuleOp module;
};
} // namespace

tern::ModelAttr Importer::describeModel(StringRef name) {
  SmallVector<double> angles, scales;
  int64_t rotary = config.ropes.full.getRotary(config.headDim);
  auto addTable = [&](const Rope &rope) {
    llvm::append_range(angles, rope.getAngles(rotary));
    scales.push_back(rope.scale);
  };
  addTable(config.ropes.full);
  if (config.ropes.sliding)
    addTable(*config.ropes.sliding);
  bool scaled = llvm::any_of(scales, [](double scale) { return scale != 1; });
  return tern::ModelAttr::get(
      b.getContext(), name, config.vocabSize, config.contextLength,
      config.layers, config.hiddenSize, config.intermediateSize, config.heads,
      config.kvHeads, config.headDim, config.bosToken,
      b.getDenseI32ArrayAttr(config.stopTokens), b.getF64ArrayAttr(angles),
      rotary == config.headDim ? 0 : rotary,
      scaled ? b.getF64ArrayAttr(scales) : ArrayAttr());
}

ArrayAttr Importer::listFiles() {
  SmallVector<Attribute> files;
  for (const Checkpoint::File &file : checkpoint.files()) {
    SmallString<256> path(checkpoint.directory());
    llvm::sys::path::append(path, file.name);
    llvm::sys::fs::make_absolute(path);
    files.push_back(b.getStringAttr(path));
  }
  return b.getArrayAttr(files);
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

/// The tensor's name in the user's file, which diagnostics print.
Location Importer::at(const TensorInfo &tensor) {
  return NameLoc::get(b.getStringAttr(tensor.name));
}

tern::SourceAttr Importer::source(const TensorInfo &tensor, Encoding encoding,
                                  float quant) {
  return tern::SourceAttr::get(
      b.getContext(), tensor.file, encodingName(encoding), tensor.offset,
      tensor.bytes, quant ? b.getF32FloatAttr(quant) : FloatAttr(), FloatAttr(),
      FloatAttr());
}

FlatSymbolRefAttr Importer::dense(const TensorInfo &tensor, float plus,
                                  float times) {
  auto name = FlatSymbolRefAttr::get(b.getContext(), tensor.name);
  if (module.lookupSymbol(name))
    return name;
  Encoding encoding = *floatEncoding(tensor.dtype);
  FloatType element = encoding == Encoding::F32   ? b.getF32Type()
                      : encoding == Encoding::F16 ? FloatType(b.getF16Type())
                                                  : b.getBF16Type();
  auto type =
      tern::PackedType::get(b.getContext(), tensor.shape,
                            tern::DenseAttr::get(b.getContext(), element));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToEnd(module.getBody());
  auto source = tern::SourceAttr::get(
      b.getContext(), tensor.file, encodingName(encoding), tensor.offset,
      tensor.bytes, FloatAttr(), plus ? b.getF32FloatAttr(plus) : FloatAttr(),
      times != 1 ? b.getF32FloatAttr(times) : FloatAttr());
  tern::WeightOp::create(b, at(tensor), tensor.name, type, source, FloatAttr(),
                         FlatSymbolRefAttr());
  return name;
}

/// Of a norm that belongs to the architecture.
FlatSymbolRefAttr Importer::normWeight(const TensorInfo &tensor) {
  return dense(tensor, config.architecture->normsAddOne ? 1 : 0);
}

/// The scales of rows or groups, or null: a tensor of the file, or the largest
/// weights that share one.
FlatSymbolRefAttr Importer::scales(const LinearWeight &weight) {
  if (!weight.scaleCols)
    return {};
  const TensorInfo &tensor = weight.scales ? *weight.scales : *weight.tensor;
  std::string name =
      weight.scales ? tensor.name : weight.tensor->name + ".scales";
  Derived derived = !weight.scales ? Derived::Peaks
                    : config.linearClass == ModelConfig::BitLinear
                        ? Derived::Inverse
                        : Derived::Nothing;
  SmallVector<int64_t> shape{weight.rows};
  if (weight.scaleCols < weight.cols)
    shape.push_back(weight.cols / weight.scaleCols);
  auto type = tern::PackedType::get(
      b.getContext(), shape,
      tern::DenseAttr::get(b.getContext(), b.getF32Type()));
  auto source = tern::SourceAttr::get(
      b.getContext(), tensor.file,
      encodingName(*floatEncoding(tensor.dtype), derived), tensor.offset,
      tensor.bytes, FloatAttr(), FloatAttr(), FloatAttr());
  tern::WeightOp::create(b, at(tensor), name, type, source, FloatAttr(),
                         FlatSymbolRefAttr());
  return FlatSymbolRefAttr::get(b.getContext(), name);
}

FlatSymbolRefAttr Importer::ternary(const LinearWeight &weight) {
  const TensorInfo &tensor = *weight.tensor;
  bool group = weight.scaleCols && weight.scaleCols < weight.cols;
  auto trits = tern::TritAttr::get(b.getContext(),
                                   group              ? tern::ScaleOf::Group
                                   : weight.scaleCols ? tern::ScaleOf::Row
                                                      : tern::ScaleOf::Tensor,
                                   group ? weight.scaleCols : 0);
  auto type =
      tern::PackedType::get(b.getContext(), {weight.rows, weight.cols}, trits);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToEnd(module.getBody());
  FlatSymbolRefAttr factors = scales(weight);
  tern::WeightOp::create(
      b, at(tensor), tensor.name, type,
      source(tensor, weight.encoding, weight.quantScale),
      factors ? FloatAttr() : b.getF32FloatAttr(weight.alpha), factors);
  return FlatSymbolRefAttr::get(b.getContext(), tensor.name);
}

//===----------------------------------------------------------------------===//
// Graph
//===----------------------------------------------------------------------===//

RankedTensorType Importer::rows(int64_t width) {
  return RankedTensorType::get({ShapedType::kDynamic, width}, b.getF32Type());
}

/// `x` itself where the architecture has no norm.
Value Importer::norm(Value x, const TensorInfo *weight) {
  if (!weight)
    return x;
  return tern::NormOp::create(b, at(*weight), x.getType(), x,
                              normWeight(*weight),
                              b.getF64FloatAttr(config.rmsNormEps));
}

/// The residual and a branch, which may have a norm behind it.
Value Importer::add(Value x, Value branch, const TensorInfo *norm) {
  branch = this->norm(branch, norm);
  return tern::AddOp::create(b, branch.getLoc(), x.getType(), x, branch);
}

Value Importer::linear(Value x, const LinearWeight &weight) {
  Location at = this->at(*weight.tensor);
  FlatSymbolRefAttr bias;
  if (weight.bias)
    bias = dense(*weight.bias, 0, weight.biasFactor);
  auto multiply = [&](Value y, FlatSymbolRefAttr matrix) {
    return tern::MatmulOp::create(b, at, rows(weight.rows), y, matrix, bias);
  };
  if (weight.takesFloats)
    return multiply(x,
                    weight.isFloat ? dense(*weight.tensor) : ternary(weight));
  auto type = tern::QuantizedType::get(b.getContext(), weight.cols,
                                       tern::Quantizer::AbsMax8);
  if (weight.norm)
    x = tern::NormOp::create(b, this->at(*weight.norm), x.getType(), x,
                             dense(*weight.norm),
                             b.getF64FloatAttr(config.projectionEps));
  return multiply(tern::QuantizeOp::create(b, at, type, x), ternary(weight));
}

Value Importer::attention(Value x, const LayerWeights &layer, int64_t index) {
  Value q = linear(x, layer.q), k = linear(x, layer.k), v = linear(x, layer.v);
  bool hasWindow = config.hasWindow[index];
  auto integer = [&](bool given, int64_t value) {
    return given ? b.getI64IntegerAttr(value) : IntegerAttr();
  };
  auto number = [&](bool given, double value) {
    return given ? b.getF64FloatAttr(value) : FloatAttr();
  };
  ArrayAttr norms;
  if (layer.queryNorm)
    norms = b.getArrayAttr(
        {normWeight(*layer.queryNorm), normWeight(*layer.keyNorm)});
  Value attended = tern::AttentionOp::create(
      b, q.getLoc(), rows(layer.q.rows), q, k, v, b.getI64IntegerAttr(index),
      integer(hasWindow && config.ropes.sliding, 1), norms,
      number(layer.queryNorm, config.rmsNormEps),
      integer(hasWindow && config.window, config.window),
      number(config.scoreScale != 0, config.scoreScale));
  return linear(norm(attended, layer.attentionNorm), layer.o);
}

Value Importer::feedForward(Value x, const LayerWeights &layer) {
  Value gate = linear(x, layer.gate), up = linear(x, layer.up);
  tern::Gate kind = config.activation == ModelConfig::ReLU2 ? tern::Gate::ReLU2
                    : config.activation == ModelConfig::SiLU
                        ? tern::Gate::SiLU
                        : tern::Gate::GELUTanh;
  Value gated =
      tern::GateOp::create(b, gate.getLoc(), gate.getType(), gate, up, kind);
  return linear(norm(gated, layer.gatedNorm), layer.down);
}

void Importer::forward() {
  auto ids = RankedTensorType::get({ShapedType::kDynamic}, b.getI32Type());
  RankedTensorType logits = rows(config.vocabSize);
  auto function =
      func::FuncOp::create(b, loc, "forward", b.getFunctionType(ids, logits));
  b.setInsertionPointToStart(function.addEntryBlock());
  FlatSymbolRefAttr table = dense(*weights.embedding);
  FloatAttr scale;
  if (config.architecture->scalesEmbedding)
    scale = b.getF64FloatAttr(std::sqrt(double(config.hiddenSize)));
  Value x = tern::EmbeddingOp::create(b, at(*weights.embedding),
                                      rows(config.hiddenSize),
                                      function.getArgument(0), table, scale);
  for (auto [i, layer] : llvm::enumerate(weights.layers)) {
    x = add(x, attention(norm(x, layer.beforeAttention), layer, i),
            layer.afterAttention);
    x = add(x, feedForward(norm(x, layer.beforeMlp), layer), layer.afterMlp);
  }
  const TensorInfo &head = weights.head ? *weights.head : *weights.embedding;
  x = norm(x, weights.finalNorm);
  Value result = tern::HeadOp::create(b, at(head), logits, x, dense(head));
  func::ReturnOp::create(b, loc, result);
}

OwningOpRef<ModuleOp> Importer::run() {
  SmallString<256> path(checkpoint.directory()); // may be "." or end in a slash
  llvm::sys::fs::make_absolute(path);
  llvm::sys::path::remove_dots(path, /*remove_dot_dot=*/true);
  StringRef name = llvm::sys::path::filename(path);
  loc = NameLoc::get(b.getStringAttr(name));
  OwningOpRef<ModuleOp> owned = ModuleOp::create(b, loc);
  module = *owned;
  module->setAttr(tern::kModelAttr, describeModel(name));
  module->setAttr(tern::kFilesAttr, listFiles());
  b.setInsertionPointToEnd(module.getBody());
  forward();
  return owned;
}

llvm::Expected<OwningOpRef<ModuleOp>> importCheckpoint(StringRef directory,
                                                       MLIRContext &context) {
  auto checkpoint = Checkpoint::open(directory);
  if (!checkpoint)
    return checkpoint.takeError();
  CheckpointHints hints;
  hints.projectionNorms =
      llvm::any_of(checkpoint->tensors(), [](const TensorInfo &tensor) {
        return StringRef(tensor.name).ends_with("_proj.norm.weight");
      });
  auto config = parseModelConfig(
      checkpoint->config(), checkpoint->generationConfig(), directory, hints);
  if (!config)
    return config.takeError();
  auto weights = resolveWeights(*checkpoint, *config);
  if (!weights)
    return weights.takeError();
  auto pooling = readPooling(directory);
  if (!pooling)
    return pooling.takeError();
  OwningOpRef<ModuleOp> module =
      Importer(context, *checkpoint, *config, *weights).run();
  if (!pooling->empty())
    (*module)->setAttr(tern::kPoolingAttr, StringAttr::get(&context, *pooling));
  return module;
}

} // namespace setun::frontends
