//===- Checkpoint.cpp - What is in a checkpoint or a dumped module --------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// It is compiled up to `lower`, so that what is told is what `compile` makes.
//
//===----------------------------------------------------------------------===//

#include "compiler/Compile.h"
#include "compiler/Summary.h"
#include "compiler/inspect/Description.h"
#include "dialects/lut/Lut.h"
#include "dialects/spmd/Spmd.h"
#include "frontends/File.h"
#include "frontends/safetensors/WeightReader.h"
#include "frontends/tokenizer/Tokenizer.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FileSystem.h"

using namespace mlir;
using llvm::Error;
using llvm::Expected;

namespace setun::compiler {

static uint64_t getInt(Operation *op, StringRef name) {
  auto value = op->getAttrOfType<IntegerAttr>(name);
  return value ? value.getInt() : 0;
}

/// The last stage that a module went through, by what that stage leaves.
static Stage findStage(ModuleOp module) {
  if (module->hasAttr(lut::kWeightsBytesAttr))
    return Stage::Lower;
  auto weights = module.getOps<tern::WeightOp>();
  bool packed = !weights.empty() && llvm::all_of(weights, [](Operation *op) {
    return op->hasAttr(lut::kPackingAttr);
  });
  Stage found = packed ? Stage::Encode : Stage::Import;
  module.walk([&](Operation *op) {
    Stage stage = op->hasAttr(lut::kTilesAttr)   ? Stage::Tile
                  : isa<tern::FusedLinearOp>(op) ? Stage::Fuse
                                                 : Stage::Import;
    found = std::max(found, stage);
  });
  return found;
}

/// Whether a lowered module, which a user may have edited, says what is told.
static Error check(ModuleOp module) {
  for (Operation &op : module.getOps())
    if ((isa<spmd::StepOp>(op) || op.hasAttr(lut::kKernelAttr)) &&
        !lut::getTarget(&op))
      return frontends::userError("a step or kernel has no target; run the "
                                  "lower stage again");
  return codegen::checkLayout(module);
}

namespace {
struct Loaded {
  OwningOpRef<ModuleOp> module; ///< lowered
  std::string tokenizer;        ///< its folder, "": none
};
} // namespace

static Expected<Loaded> load(const InspectOptions &options,
                             MLIRContext &context) {
  CompileOptions compile;
  static_cast<Subject &>(compile) = options;
  compile.tokenizer = false;
  std::string tokenizer = options.input;
  if (!llvm::sys::fs::is_directory(options.input)) {
    auto module = parseSourceFile<ModuleOp>(options.input, &context);
    if (!module)
      return frontends::userError(options.input +
                                  ": cannot be read as a module");
    compile.from = findStage(*module);
    auto named = (*module)->getAttrOfType<StringAttr>(tern::kTokenizerAttr);
    tokenizer = named ? named.str() : "";
  }
  auto module = lower(compile, context);
  if (!module)
    return module.takeError();
  if (Error error = check(**module))
    return error;
  return Loaded{std::move(*module), tokenizer};
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

/// Fraction of trits that are 0.
static double countZeros(tern::WeightOp weight,
                         frontends::WeightReader &reader) {
  constexpr int64_t kRowsAtOnce = 256;
  int64_t rows = weight.getType().getShape()[0];
  int64_t columns = weight.getType().getShape()[1];
  std::vector<int8_t> trits(kRowsAtOnce * columns);
  uint64_t zeros = 0;
  for (int64_t first = 0; first < rows; first += kRowsAtOnce) {
    int64_t count = std::min(kRowsAtOnce, rows - first);
    reader.readTrits(weight, first, count, trits.data());
    zeros += std::count(trits.begin(), trits.begin() + count * columns, 0);
  }
  reader.release(weight);
  return double(zeros) / (double(rows) * columns);
}

static TensorDescription describe(tern::WeightOp weight,
                                  frontends::WeightReader &reader) {
  TensorDescription tensor;
  tensor.name = weight.getSymName();
  tensor.shape = weight.getType().getShape().vec();
  tensor.storedBytes = weight.getSource().getBytes();
  if (weight.getSource().getEncoding().ends_with("-peaks"))
    tensor.storedBytes = 0; // they are another's
  tensor.packedBytes = getInt(weight, lut::kBytesAttr);
  Attribute packing = weight->getAttr(lut::kPackingAttr);
  auto packed = dyn_cast<lut::PackingInterface>(packing);
  tensor.packing = packed ? packed.getWord() : "dense";
  if (isa<lut::ScalesAttr>(packing))
    tensor.packing = "scales";
  if (auto codes = dyn_cast<lut::CodesAttr>(packing))
    tensor.packing = "q" + std::to_string(codes.getBits());
  tensor.type = "trit";
  if (int64_t columns = tern::getScaleColumns(weight))
    tensor.type += columns == tensor.shape[1]
                       ? ", a scale a row"
                       : ", a scale for " + std::to_string(columns);
  if (auto dense = dyn_cast<tern::DenseAttr>(weight.getType().getElement())) {
    llvm::raw_string_ostream(tensor.type = "") << dense.getElement();
    return tensor;
  }
  tensor.origin = getOrigin(weight);
  tensor.nearTies = reader.countNearTies(weight);
  tensor.zeros = countZeros(weight, reader);
  if (std::optional<llvm::APFloat> alpha = weight.getAlpha())
    tensor.scale = alpha->convertToFloat();
  return tensor;
}

static Error readTensors(ModuleOp module, Description &found) {
  auto reader = frontends::WeightReader::open(module);
  if (!reader)
    return reader.takeError();
  for (auto weight : module.getOps<tern::WeightOp>())
    if (!isa<lut::ScreenAttr>(weight->getAttr(lut::kPackingAttr)))
      found.tensors.push_back(describe(weight, *reader));
  return Error::success();
}

//===----------------------------------------------------------------------===//
// The rest
//===----------------------------------------------------------------------===//

static void readModel(ModuleOp module, Description &found) {
  tern::ModelAttr model = tern::getModel(module);
  found.name = model.getName();
  found.vocab = model.getVocab();
  found.context = model.getMaxContext();
  found.layers = model.getLayers();
  found.hidden = model.getHidden();
  found.intermediate = model.getIntermediate();
  found.heads = model.getHeads();
  found.kvHeads = model.getKvHeads();
  found.headDim = model.getHeadDim();
  found.bos = model.getBos();
  found.stops = model.getStop().asArrayRef().vec();
  found.weightsBytes = getInt(module, lut::kWeightsBytesAttr);
  found.tokenBytes = getInt(module, lut::kTokenBytesAttr);
  found.cacheBytes = getInt(module, lut::kCacheBytesAttr);
  found.cacheElement = "f32";
  if (auto chosen = module->getAttrOfType<TypeAttr>(tern::kCacheAttr))
    llvm::raw_string_ostream(found.cacheElement = "") << chosen.getValue();
  if (auto error = module->getAttrOfType<StringAttr>(tern::kEmbedErrorAttr))
    found.embedError = error.str();
  found.sections = codegen::getSections(module, 0);
  found.parameters = 0;
  for (const codegen::SectionSize &section : found.sections)
    found.parameters += section.copy ? 0 : section.weights;
}

static void readLevels(ModuleOp module, Description &found) {
  llvm::MapVector<lut::TargetAttr, LevelDescription> levels;
  for (auto step : module.getOps<spmd::StepOp>()) {
    lut::TargetAttr target = lut::getTarget(step);
    StringRef name = step.getSymName();
    levels[target].steps.push_back(
        {name.substr(0, name.find('.')).str(), uint64_t(step.getRows()),
         uint64_t(step.getArena()), uint64_t(step.getScratch())});
  }
  for (auto function : module.getOps<func::FuncOp>())
    if (function->hasAttr(lut::kKernelAttr) &&
        !function->hasAttr(lut::kPortableAttr))
      levels[lut::getTarget(function)].kernels.push_back(
          function.getSymName().str());
  for (auto &[target, level] : levels) {
    level.name = target.getName();
    level.dotMacs = target.getDotMacs();
    level.lookupMacs = target.getLookupMacs();
    level.mixes = target.getMixes();
    found.triple = target.getTriple();
    found.levels.push_back(std::move(level));
  }
}

static void readTokenizer(StringRef folder, Description &found) {
  if (folder.empty()) {
    found.noTokenizer = "the module names none";
    return;
  }
  auto blob = frontends::compileTokenizer(folder, found.vocab);
  if (!blob) {
    found.noTokenizer = toString(blob.takeError());
    return;
  }
  found.tokenizer = describeTokenizer({blob->data(), blob->size()});
}

Expected<Description> describeCheckpoint(const InspectOptions &options) {
  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  prepare(context);
  Expected<Loaded> loaded = load(options, context);
  if (!loaded)
    return loaded.takeError();
  ModuleOp module = *loaded->module;
  bool isFolder = llvm::sys::fs::is_directory(options.input);
  Description found;
  found.kind = isFolder ? "checkpoint" : "module";
  found.path = options.input;
  readModel(module, found);
  readLevels(module, found);
  if (Error error = readTensors(module, found))
    return error;
  readTokenizer(loaded->tokenizer, found);
  return found;
}

} // namespace setun::compiler
