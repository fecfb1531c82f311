//===- Operations.cpp - What a model consists of, stage by stage ----------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/report/Operations.h"

#include "compiler/report/Candidates.h"

using namespace mlir;
using llvm::json::Array;
using llvm::json::Object;

namespace setun::compiler::report {

/// An attribute as IR prints it, without "#lut." and the like.
static std::string getWord(Attribute attribute) {
  std::string text;
  llvm::raw_string_ostream(text) << attribute;
  StringRef word = text;
  if (word.consume_front("#"))
    word = word.drop_front(word.find('.') + 1);
  return word.str();
}

/// The weights that an op names, in their order.
static std::vector<FlatSymbolRefAttr> getSymbols(Operation *op) {
  std::vector<FlatSymbolRefAttr> symbols;
  op->getAttrDictionary().walk([&](FlatSymbolRefAttr symbol) {
    if (!llvm::is_contained(symbols, symbol))
      symbols.push_back(symbol);
  });
  return symbols;
}

//===----------------------------------------------------------------------===//
// Lines
//===----------------------------------------------------------------------===//

Operations::Line Operations::describe(mlir::Operation *op, const Text &text) {
  Line line;
  line.first = text.getLine(op);
  line.kind = op->getName().stripDialect().str();
  line.label = tern::getLabel(op);
  text.addLines(op, line.lines);
  if (auto weight = dyn_cast<tern::WeightOp>(op))
    line.names = {weight.getSymName().str()};
  for (FlatSymbolRefAttr symbol : getSymbols(op))
    line.names.insert(symbol.getValue().str());
  op->getLoc()->walk([&](Location loc) {
    if (auto name = dyn_cast<NameLoc>(loc))
      line.names.insert(name.getName().str());
    return WalkResult::advance();
  });
  return line;
}

/// What the model says as ops of their own to the end; linears take all else.
static bool staysWhole(StringRef kind) {
  return kind == "embedding" || kind == "attention" || kind == "head";
}

bool Operations::belongs(const Line &line, const Line &to) {
  if (staysWhole(line.kind) || staysWhole(to.kind)) {
    if (line.kind != "weight")
      return line.kind == to.kind && line.label == to.label;
    // An attention is where a projection is, and has no weight.
    if (to.kind == "attention")
      return false;
  }
  return llvm::any_of(line.names, [&](const std::string &name) {
    return to.names.count(name) != 0;
  });
}

void Operations::addStage(StringRef name, ModuleOp module) {
  Stage stage{name.str(), Text(module), {}};
  auto add = [&](mlir::Operation *op) {
    stage.ops.push_back(describe(op, stage.text));
  };
  for (mlir::Operation &op : *module.getBody())
    if (auto function = dyn_cast<func::FuncOp>(op))
      for (mlir::Operation &inner : function.front().without_terminator())
        add(&inner);
    else
      add(&op);
  stage.text.forgetOps();
  stages.push_back(std::move(stage));
  readForward(module);
}

std::vector<std::string> Operations::getLabels() const {
  std::vector<std::string> labels;
  for (const Operation &operation : operations)
    labels.push_back(operation.line.label);
  return labels;
}

Array Operations::getStages() const {
  Array array;
  for (const Stage &stage : stages) {
    Lines all;
    Array names;
    for (const Line &line : stage.ops) {
      all.insert(line.lines.begin(), line.lines.end());
      names.push_back(Array{line.first, Array(line.names)});
    }
    array.push_back(Object{{"name", stage.name},
                           {"text", stage.text.getStretches(all)},
                           {"names", std::move(names)}});
  }
  return array;
}

Array Operations::getOperations() const {
  Array array;
  for (const Operation &operation : operations) {
    Object lines;
    for (const Stage &stage : stages) {
      Lines own;
      for (const Line &line : stage.ops)
        if (belongs(line, operation.line))
          own.insert(line.lines.begin(), line.lines.end());
      lines[stage.name] = toJson(own);
    }
    Object object = operation.facts;
    object["lines"] = std::move(lines);
    array.push_back(std::move(object));
  }
  return array;
}

//===----------------------------------------------------------------------===//
// Facts
//===----------------------------------------------------------------------===//

static Object getFacts(tern::WeightOp weight) {
  ArrayRef<int64_t> shape = weight.getType().getShape();
  Object facts{{"name", weight.getSymName()},
               {"shape", Array(shape)},
               {"element", getWord(weight.getType().getElement())}};
  if (Attribute packing = weight->getAttr(lut::kPackingAttr)) {
    facts["packing"] = getWord(packing);
    facts["bytes"] = lut::getPackedBytes(shape, packing);
    if (auto trits = dyn_cast<lut::PackingInterface>(packing)) {
      facts["panelBlocks"] = trits.getPanelBlocks();
      facts["panelBytes"] = lut::getPanelBytes(trits, shape[1]);
    }
  }
  if (Attribute packing = weight->getAttr(lut::kSkipPackingAttr)) {
    facts["skipPacking"] = getWord(packing);
    facts["skipBytes"] = lut::getPackedBytes(shape, packing);
  }
  return facts;
}

static Object getFacts(lut::TileAttr tile) {
  return Object{{"rows", tile.getRows()},
                {"strategy", lut::stringifyStrategy(tile.getStrategy())},
                {"blocks", tile.getBlocks()},
                {"unroll", tile.getUnroll()},
                {"tokens", tile.getTokens()}};
}

/// What an op says of one level: its tiles, and when it skips.
static Object getChoices(mlir::Operation *op) {
  Object choices;
  if (auto tiles = op->getAttrOfType<ArrayAttr>(lut::kTilesAttr)) {
    Array array;
    for (auto tile : tiles.getAsRange<lut::TileAttr>())
      array.push_back(getFacts(tile));
    choices["tiles"] = std::move(array);
  }
  if (auto skip = op->getAttrOfType<lut::SkipAttr>(lut::kSkipAttr))
    choices["skip"] =
        Object{{"alone", skip.getAlone()}, {"shared", skip.getShared()}};
  return choices;
}

static Object getFacts(mlir::Operation *op) {
  Array weights;
  for (FlatSymbolRefAttr symbol : getSymbols(op))
    if (auto weight = tern::getWeight(op, symbol))
      weights.push_back(getFacts(weight));
  Object facts{{"name", tern::getLabel(op)},
               {"kind", op->getName().stripDialect()},
               {"weights", std::move(weights)},
               {"choices", Array()}};
  if (auto linear = dyn_cast<tern::FusedLinearOp>(op)) {
    facts["norm"] = linear.getNorm().has_value();
    facts["residual"] = bool(linear.getResidual());
    if (auto gate = linear.getGate())
      facts["gate"] = tern::stringifyGate(*gate);
  }
  return facts;
}

static Object getFacts(lut::TargetAttr target) {
  auto skip = [](lut::SkipAttr skip) -> llvm::json::Value {
    if (!skip)
      return nullptr;
    return Object{{"alone", skip.getAlone()}, {"shared", skip.getShared()}};
  };
  return Object{{"name", target.getName()},
                {"triple", target.getTriple()},
                {"cpu", target.getCpu()},
                {"features", target.getFeatures()},
                {"dot", lut::stringifyDot(target.getDot())},
                {"permuteBytes", target.getPermuteBytes()},
                {"dotMacs", target.getDotMacs()},
                {"lookupMacs", target.getLookupMacs()},
                {"l2Bytes", target.getL2Bytes()},
                {"sums", target.getSums()},
                {"base3", target.getBase3()},
                {"scalable", target.getScalable()},
                {"u8Codes", target.getU8Codes()},
                {"streams", target.getStreams()},
                {"mixes", target.getMixes()},
                {"skipRows", skip(target.getSkipRows())},
                {"skipColumns", skip(target.getSkipColumns())}};
}

/// Every level has the same ops in the same order, with choices of its own.
void Operations::readForward(ModuleOp module) {
  operations.clear();
  levels.clear();
  candidates.clear();
  const Text text(module);
  for (auto function : module.getOps<func::FuncOp>()) {
    if (levels.empty())
      for (mlir::Operation &op : function.front().without_terminator())
        operations.push_back({describe(&op, text), getFacts(&op)});
    for (auto [operation, op] :
         llvm::zip(operations, function.front().without_terminator()))
      operation.facts.getArray("choices")->push_back(getChoices(&op));
    addCandidates(function);
    if (auto own = function->getAttrOfType<lut::TargetAttr>(lut::kTargetAttr))
      levels.push_back(getFacts(own));
    else
      for (lut::TargetAttr level : lut::getLevels(module))
        levels.push_back(getFacts(level));
  }
  addSections(module);
}

/// For the level whose choices were added last. Linears of the same shape and
/// tiles refer to the same list.
void Operations::addCandidates(func::FuncOp forward) {
  std::map<TileQuestion, size_t> known;
  for (auto [operation, op] :
       llvm::zip(operations, forward.front().without_terminator())) {
    auto question = TileQuestion::get(&op);
    if (!question)
      continue;
    auto [place, fresh] = known.try_emplace(*question, candidates.size());
    if (fresh)
      candidates.push_back(answer(*question));
    operation.facts.getArray("choices")->back().getAsObject()->insert(
        {"candidates", place->second});
  }
}

void Operations::addSections(ModuleOp module) {
  sections.clear();
  for (auto weight : module.getOps<tern::WeightOp>()) {
    ArrayRef<int64_t> shape = weight.getType().getShape();
    auto add = [&](Attribute packing, StringRef what) {
      if (packing)
        sections[(what + getWord(packing)).str()] +=
            lut::getPackedBytes(shape, packing);
    };
    StringRef what = shape.size() == 1 ? "norms, "
                     : isa<tern::TritAttr>(weight.getType().getElement())
                         ? "linears, "
                         : "embedding and head, ";
    add(weight->getAttr(lut::kPackingAttr), what);
    add(weight->getAttr(lut::kSkipPackingAttr), "for skipping, ");
  }
}

Array Operations::getSections() const {
  Array array;
  for (auto &[name, bytes] : sections)
    array.push_back(Object{{"name", name}, {"bytes", bytes}});
  return array;
}

} // namespace setun::compiler::report
