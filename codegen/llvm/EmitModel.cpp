//===- EmitModel.cpp - setun_model, field by field ------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/link/Checks.h"
#include "codegen/link/Weights.h"
#include "codegen/llvm/Emit.h"
#include "codegen/llvm/Samples.h"
#include "codegen/targets/Target.h"
#include "dialects/spmd/Spmd.h"
#include "dialects/tern/Tern.h"
#include "runtime/abi/Model.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/IR/Constants.h"

#include <map>

using namespace mlir;
using llvm::Constant;

namespace setun::codegen {

namespace {
/// Plain C data. Structs get the target's natural layout, which is that of the
/// C++ compiler: all fields are 4 or 8 bytes.
class ModelWriter {
public:
  ModelWriter(ModuleOp source, llvm::Module &module)
      : source(source), model(tern::getModel(source)), module(module),
        context(module.getContext()) {}

  void write(uint64_t tokenizerBytes, llvm::ArrayRef<char> chat,
             llvm::ArrayRef<Level> levels);

private:
  Constant *u32(uint64_t v) {
    return llvm::ConstantInt::get(llvm::Type::getInt32Ty(context), v);
  }
  Constant *u64(uint64_t v) {
    return llvm::ConstantInt::get(llvm::Type::getInt64Ty(context), v);
  }
  Constant *text(llvm::StringRef value) {
    Constant *&known = texts[value];
    if (!known)
      known = global(llvm::ConstantDataArray::getString(context, value));
    return known;
  }
  Constant *record(llvm::ArrayRef<Constant *> fields) {
    return llvm::ConstantStruct::getAnon(context, fields);
  }
  Constant *global(Constant *value);
  Constant *array(llvm::ArrayRef<Constant *> values);

  Constant *writeHead(lut::TargetAttr target);
  Constant *writeLevel(const Level &level);
  SmallVector<Constant *> writeMarks(spmd::StepOp step);
  SmallVector<Constant *> writeTallied(spmd::StepOp step);
  SmallVector<Constant *> writeClasses(lut::TargetAttr target);
  SmallVector<Constant *> writeKernels(lut::TargetAttr target);
  Constant *writeSections(uint64_t tokenizerBytes);
  Constant *writeChat(llvm::ArrayRef<char> chat);
  SmallVector<Constant *> writeSamples();
  Constant *declareWeights();
  Constant *describeEmbedError();
  bool isSynthetic() const { return source->hasAttr(tern::kSyntheticAttr); }
  SmallVector<Constant *> writeTensors();
  std::optional<int64_t> findWeight(lut::KernelAttr kernel);
  uint32_t getKind(Attribute packing, int64_t rows, int64_t columns);

  ModuleOp source;
  tern::ModelAttr model;
  llvm::Module &module;
  llvm::LLVMContext &context;
  llvm::StringMap<Constant *> texts;
  std::map<std::tuple<const void *, int64_t, int64_t>, uint32_t> kinds;
  unsigned sections = 0;
  uint64_t parameters = 0;
};
} // namespace

Constant *ModelWriter::global(Constant *value) {
  return new llvm::GlobalVariable(module, value->getType(), /*isConstant=*/true,
                                  llvm::GlobalValue::PrivateLinkage, value,
                                  "model");
}

/// A pointer to the values, null for none.
Constant *ModelWriter::array(llvm::ArrayRef<Constant *> values) {
  if (values.empty())
    return llvm::ConstantPointerNull::get(llvm::PointerType::get(context, 0));
  auto *type = llvm::ArrayType::get(values[0]->getType(), values.size());
  return global(llvm::ConstantArray::get(type, values));
}

/// The symbol without its level.
static llvm::StringRef getPlainName(SymbolOpInterface op) {
  llvm::StringRef name = op.getName();
  if (auto level = op->getAttrOfType<lut::TargetAttr>(lut::kTargetAttr))
    if (name.consume_back(level.getName()))
      name.consume_back(".");
  return name;
}

/// Names in the order in which `codegen-spmd-to-func` counts marks.
SmallVector<Constant *> ModelWriter::writeMarks(spmd::StepOp step) {
  SmallVector<Constant *> names;
  for (auto mark : step.getOps<spmd::MarkOp>())
    names.push_back(text(mark.getName()));
  return names;
}

/// abi::Tallied
SmallVector<Constant *> ModelWriter::writeTallied(spmd::StepOp step) {
  SmallVector<Constant *> list;
  for (StringAttr name : step.getTallied()) {
    auto weight = source.lookupSymbol<tern::WeightOp>(name);
    auto bytes = [&](StringRef attr) {
      return u64(weight->getAttrOfType<IntegerAttr>(attr).getInt());
    };
    list.push_back(record({text(name.getValue()), bytes(lut::kBytesAttr),
                           bytes(lut::kSkipBytesAttr)}));
  }
  return list;
}

/// abi::BatchClass
SmallVector<Constant *> ModelWriter::writeClasses(lut::TargetAttr target) {
  SmallVector<Constant *> list;
  for (auto step : source.getOps<spmd::StepOp>()) {
    if (lut::getTarget(step) != target)
      continue;
    SmallVector<Constant *> marks = writeMarks(step);
    SmallVector<Constant *> tallied = writeTallied(step);
    auto headRows = step->getAttrOfType<IntegerAttr>(lut::kHeadRowsAttr);
    list.push_back(record(
        {text(getPlainName(step)), module.getFunction(step.getSymName()),
         array(marks), array(tallied), u64(step.getArena()),
         u64(step.getScratch()), u64(headRows ? headRows.getInt() : 0),
         u32(step.getRows()), u32(step.getClaims()), u32(marks.size()),
         u32(tallied.size()), u32(step.getTogether().value_or(1)), u32(0)}));
  }
  return list;
}

/// Where a weight lies that the kernel was made for.
std::optional<int64_t> ModelWriter::findWeight(lut::KernelAttr kernel) {
  for (auto weight : source.getOps<tern::WeightOp>()) {
    ArrayRef<int64_t> shape = weight.getType().getShape();
    if (shape[0] != kernel.getRows() || shape.back() != kernel.getColumns())
      continue;
    for (auto [packing, offset] :
         {std::pair(lut::kPackingAttr, lut::kOffsetAttr),
          {lut::kSkipPackingAttr, lut::kSkipOffsetAttr}})
      if (weight->getAttr(packing) == kernel.getPacking())
        return weight->getAttrOfType<IntegerAttr>(offset).getInt();
  }
  return std::nullopt;
}

/// abi::KernelEntry
SmallVector<Constant *> ModelWriter::writeKernels(lut::TargetAttr target) {
  SmallVector<Constant *> list;
  // Without a command that compares them, twins need not be compiled.
  if (isSynthetic())
    return list;
  for (auto function : source.getOps<func::FuncOp>()) {
    auto kernel = function->getAttrOfType<lut::KernelAttr>(lut::kKernelAttr);
    if (!kernel || lut::getTarget(function) != target)
      continue;
    std::optional<int64_t> offset = findWeight(kernel);
    if (!offset)
      continue;
    std::string name = function.getSymName().str();
    lut::TileAttr tile = kernel.getTile();
    auto scratch = cast<MemRefType>(function.getArgumentTypes()[7]);
    bool lookup = tile.getStrategy() == lut::Strategy::Lookup;
    list.push_back(record(
        {text(name), module.getFunction(name),
         module.getFunction(name + "_portable"), u64(*offset),
         u64(kernel.getStride()), u64(kernel.getColumns()),
         u64(kernel.getOut()), u64(scratch.getNumElements()),
         u32(lut::roundUp(tile.getRows(), tile.getTokens())),
         u32(std::min(tile.getBlocks(), lut::getBlocks(kernel.getRows()))),
         u32(lookup), u32(kernel.getResidual()),
         u32(getKind(kernel.getPacking(), kernel.getRows(),
                     kernel.getColumns())),
         u32(kernel.getPacking().getPanelBlocks()),
         u64(lut::getPanelBytes(kernel.getPacking(), kernel.getColumns())),
         u32(kernel.getFloats()),
         u32(kernel.getGroup() ? kernel.getColumns() / kernel.getGroup()
                               : 0)}));
  }
  return list;
}

/// A number from 1 on for each combination.
uint32_t ModelWriter::getKind(Attribute packing, int64_t rows,
                              int64_t columns) {
  return kinds
      .try_emplace({packing.getAsOpaquePointer(), rows, columns},
                   kinds.size() + 1)
      .first->second;
}

/// abi::Tensor. Copies by rows or columns have no known answers: their kernels
/// multiply what zeros leave.
SmallVector<Constant *> ModelWriter::writeTensors() {
  SmallVector<Constant *> list;
  if (isSynthetic())
    return list;
  for (TensorPlace &tensor : listTensors(source)) {
    ArrayRef<int64_t> shape = tensor.weight.getType().getShape();
    bool known = isa<lut::PackingInterface>(tensor.packing) &&
                 !isa<lut::LinesAttr>(tensor.packing);
    list.push_back(
        record({text(tensor.weight.getSymName()), u64(tensor.offset),
                u64(tensor.bytes), u32(shape[0]),
                u32(known ? getKind(tensor.packing, shape[0], shape[1]) : 0)}));
  }
  return list;
}

/// abi::Head
Constant *ModelWriter::writeHead(lut::TargetAttr target) {
  SmallVector<Constant *> heads;
  for (auto function : source.getOps<func::FuncOp>()) {
    auto kernel =
        function->getAttrOfType<lut::ScreenKernelAttr>(lut::kScreenKernelAttr);
    if (!kernel || lut::getTarget(function) != target)
      continue;
    auto find = [&](FlatSymbolRefAttr name) {
      return source.lookupSymbol<tern::WeightOp>(name);
    };
    auto offset = [&](FlatSymbolRefAttr name) {
      return u64(
          find(name)->getAttrOfType<IntegerAttr>(lut::kOffsetAttr).getInt());
    };
    int64_t columns = find(kernel.getDense()).getType().getShape()[1];
    auto exact = source.lookupSymbol<func::FuncOp>(kernel.getExact());
    auto stage = exact->getAttrOfType<lut::StageAttr>(lut::kStageAttr);
    int64_t width = stage.getSizes()[0];
    std::string name = function.getSymName().str();
    heads.push_back(record(
        {text(name), module.getFunction(name),
         module.getFunction(name + "_portable"),
         module.getFunction(exact.getSymName()), offset(kernel.getScreen()),
         u64(lut::getScreenBlockBytes(columns)), offset(kernel.getDense()),
         u64(lut::getPackedBytes(
             {1, columns},
             find(kernel.getDense())->getAttr(lut::kPackingAttr))),
         u32(width), u32(stage.getSizes()[1])}));
  }
  return array(heads);
}

/// abi::Level
Constant *ModelWriter::writeLevel(const Level &level) {
  SmallVector<Constant *> classes = writeClasses(level.target);
  SmallVector<Constant *> kernels = writeKernels(level.target);
  SmallVector<Constant *> features;
  for (const std::string &feature : getRequiredFeatures(*level.machine))
    features.push_back(text(feature));
  return record({text(level.target.getName()), array(classes), array(kernels),
                 writeHead(level.target), array(features), u32(classes.size()),
                 u32(kernels.size()), u32(features.size()), u32(0)});
}

/// abi::Section
Constant *ModelWriter::writeSections(uint64_t tokenizerBytes) {
  SmallVector<Constant *> list;
  for (const SectionSize &section : getSections(source, tokenizerBytes)) {
    list.push_back(
        record({text(section.name), u64(section.bytes), u64(section.weights)}));
    parameters += section.copy ? 0 : section.weights;
  }
  sections = list.size();
  return array(list);
}

/// abi::Sample, none if a file holds the weights.
SmallVector<Constant *> ModelWriter::writeSamples() {
  SmallVector<Constant *> list;
  llvm::DenseMap<Attribute, std::pair<Constant *, size_t>> samples;
  if (!isSynthetic())
    return list;
  for (auto weight : source.getOps<tern::WeightOp>()) {
    auto number = [&](StringRef name) {
      return u64(weight->getAttrOfType<IntegerAttr>(name).getInt());
    };
    auto &[bytes, size] = samples[weight->getAttr(lut::kPackingAttr)];
    if (!bytes) {
      std::string sample = makeSample(weight->getAttr(lut::kPackingAttr));
      size = sample.size();
      bytes = global(llvm::ConstantDataArray::getString(context, sample,
                                                        /*AddNull=*/false));
    }
    list.push_back(record(
        {bytes, u64(size), number(lut::kOffsetAttr), number(lut::kBytesAttr)}));
  }
  return list;
}

/// Where the segment will lie; null if there is none.
Constant *ModelWriter::declareWeights() {
  if (isSynthetic())
    return array({});
  auto *weights = new llvm::GlobalVariable(
      module, llvm::Type::getInt8Ty(context), true,
      llvm::GlobalValue::ExternalLinkage, nullptr, "setun_weights");
  // Reached by 64-bit addresses only, wherever the segment lies.
  weights->setCodeModel(llvm::CodeModel::Large);
  return weights;
}

/// The chat templates, a few kilobytes of tables.
Constant *ModelWriter::writeChat(llvm::ArrayRef<char> chat) {
  if (chat.empty())
    return array({});
  Constant *bytes = global(llvm::ConstantDataArray::getString(
      context, {chat.data(), chat.size()}, /*AddNull=*/false));
  cast<llvm::GlobalVariable>(bytes)->setAlignment(llvm::Align(8));
  return bytes;
}

/// abi::Model::embedError
Constant *ModelWriter::describeEmbedError() {
  auto error = source->getAttrOfType<StringAttr>(tern::kEmbedErrorAttr);
  return error ? text(error.getValue()) : array({});
}

/// abi::Model, in the order of its fields.
void ModelWriter::write(uint64_t tokenizerBytes, llvm::ArrayRef<char> chat,
                        llvm::ArrayRef<Level> levels) {
  SmallVector<Constant *> stops, rope, scales, levelList;
  for (int32_t id : model.getStop().asArrayRef())
    stops.push_back(u32(static_cast<uint32_t>(id)));
  for (auto angle : model.getRope().getAsRange<FloatAttr>())
    rope.push_back(llvm::ConstantFP::get(context, angle.getValue()));
  scales.assign(model.getRopeTables(),
                llvm::ConstantFP::get(llvm::Type::getDoubleTy(context), 1));
  if (ArrayAttr given = model.getRopeScales())
    for (auto [scale, attr] : llvm::zip(scales, given.getAsRange<FloatAttr>()))
      scale = llvm::ConstantFP::get(context, attr.getValue());
  for (const Level &level : levels)
    levelList.push_back(writeLevel(level));
  Constant *sectionList = writeSections(tokenizerBytes);
  SmallVector<Constant *> samples = writeSamples();
  SmallVector<Constant *> tensors = writeTensors();
  uint64_t cache =
      source->getAttrOfType<IntegerAttr>(lut::kCacheBytesAttr).getInt();
  uint64_t chunk =
      source->getAttrOfType<IntegerAttr>(lut::kCacheChunkAttr).getInt();
  auto pooling = source->getAttrOfType<StringAttr>(tern::kPoolingAttr);
  std::string element = "f32";
  if (auto chosen = source->getAttrOfType<TypeAttr>(tern::kCacheAttr))
    llvm::raw_string_ostream(element = "") << chosen.getValue();
  Constant *value = record(
      {u64(abi::kModelVersion),
       u32(model.getVocab()),
       u32(model.getMaxContext()),
       u32(model.getLayers()),
       u32(model.getHidden()),
       u32(model.getIntermediate()),
       u32(model.getHeads()),
       u32(model.getKvHeads()),
       u32(model.getHeadDim()),
       u32(static_cast<uint32_t>(model.getBos())),
       u32(stops.size()),
       u32(levels.size()),
       u32(sections),
       array(stops),
       array(levelList),
       sectionList,
       text(model.getName()),
       text(levels[0].target.getTriple()),
       text("setun " SETUN_VERSION " (LLVM " LLVM_VERSION_STRING ")"),
       array(rope),
       declareWeights(),
       u64(getSegmentBytes(source, tokenizerBytes)),
       u64(getTokenizerOffset(source)),
       u64(tokenizerBytes),
       u64(cache),
       u64(parameters),
       u64(source->getAttrOfType<IntegerAttr>(lut::kTokenBytesAttr).getInt()),
       u64(chunk),
       text(element),
       array(samples),
       u64(samples.size()),
       array(tensors),
       u64(tensors.size()),
       u64(tensors.empty() ? 0 : getChecksOffset(source, tokenizerBytes)),
       writeChat(chat),
       u64(chat.size()),
       array(scales),
       u32(model.getRopeTables()),
       u32(model.getRotated() / 2),
       text(pooling ? pooling.getValue() : "last"),
       describeEmbedError()});
  auto *model = new llvm::GlobalVariable(module, value->getType(), true,
                                         llvm::GlobalValue::ExternalLinkage,
                                         value, "setun_model");
  model->setSection(abi::kModelSection);
}

void emitModel(ModuleOp source, uint64_t tokenizerBytes,
               llvm::ArrayRef<char> chat, llvm::ArrayRef<Level> levels,
               llvm::Module &module) {
  ModelWriter(source, module).write(tokenizerBytes, chat, levels);
}

} // namespace setun::codegen
