//===- TuningFiles.cpp - What tuning files say of a module ----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/tuning/TuningFiles.h"

#include "compiler/tuning/Convert.h"
#include "compiler/tuning/Producer.h"
#include "compiler/tuning/Staleness.h"
#include "compiler/tuning/TuningFile.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"

#include <map>
#include <set>

using namespace mlir;
using setun::passes::BatchClass;
using setun::passes::LinearShape;

namespace setun::tuning {

static constexpr StringLiteral kAdvice =
    "; it is not used, measure again with `setun tune`";

static void warn(MLIRContext *context, const Twine &text) {
  emitWarning(UnknownLoc::get(context), text);
}

llvm::Error TuningFiles::read(ArrayRef<std::string> files) {
  llvm::Error problems = llvm::Error::success();
  for (const std::string &path : files) {
    auto tuning = tuning::read(path);
    if (!tuning) {
      problems = joinErrors(std::move(problems), tuning.takeError());
      continue;
    }
    fileOfSession.insert(fileOfSession.end(), tuning->sessions_size(),
                         paths.size());
    paths.push_back(path);
    all.MergeFrom(*tuning);
  }
  return problems;
}

//===----------------------------------------------------------------------===//
// What is stale, and what cannot be
//===----------------------------------------------------------------------===//

static std::string listNames(ArrayRef<lut::TargetAttr> machine) {
  auto getName = [](lut::TargetAttr level) { return level.getName(); };
  return llvm::join(llvm::map_range(machine, getName), ", ");
}

/// Sessions for the module's machine get the target's text as it is here. What
/// is stale is told unless the file has fresh measurements of that level, too:
/// those that `setun tune` added when it was told to measure again.
void TuningFiles::judgeSessions(ArrayRef<lut::TargetAttr> machine) {
  std::vector<std::map<std::string, lut::TargetAttr>> stale(paths.size());
  std::vector<std::set<std::string>> others(paths.size());
  std::vector<SmallVector<lut::TargetAttr>> fresh(paths.size());
  std::vector<bool> used(paths.size());
  for (auto [file, session] :
       llvm::zip(fileOfSession, *all.mutable_sessions())) {
    Verdict verdict = judge(session.machine(), machine);
    if (verdict.kind == Verdict::Other) {
      others[file].insert(verdict.reason);
    } else if (verdict.kind == Verdict::Stale) {
      stale[file].emplace(verdict.reason, verdict.level);
    } else {
      session.mutable_machine()->set_target(print(verdict.level));
      fresh[file].push_back(verdict.level);
    }
    used[file] = used[file] || verdict.kind != Verdict::Other;
  }
  MLIRContext *context = machine.front().getContext();
  for (size_t file = 0; file < paths.size(); ++file) {
    for (const auto &[reason, level] : stale[file])
      if (!llvm::is_contained(fresh[file], level))
        warn(context, paths[file] + ": " + reason + kAdvice);
    if (!used[file])
      warn(context, paths[file] + ": found measurements for " +
                        llvm::join(others[file], ", ") + ", expected " +
                        listNames(machine) + kAdvice);
  }
}

/// Why a tile cannot be what the class has, "" if it can.
static std::string findProblem(const Tile &tile, const LinearShape &shape,
                               StringRef word, BatchClass batchClass,
                               lut::TargetAttr level) {
  auto packing = passes::findPacking(word, level.getContext());
  if (!packing)
    return toString(packing.takeError());
  std::string problem;
  ScopedDiagnosticHandler handler(
      level.getContext(),
      [&](Diagnostic &diagnostic) { problem = diagnostic.str(); });
  auto emitProblem = [&] {
    return emitError(UnknownLoc::get(level.getContext()));
  };
  lut::TileAttr attr = toAttribute(tile, level.getContext(), emitProblem);
  if (!attr)
    return problem;
  if (llvm::Error error = passes::verifyTile(attr, shape, *packing, batchClass))
    return toString(std::move(error));
  int64_t rows = passes::getRows(batchClass, level);
  if (attr.getRows() == rows)
    return "";
  return ("found " + Twine(attr.getRows()) + " rows, expected " + Twine(rows))
      .str();
}

void TuningFiles::dropImpossible(ChoicesOfLevel &choices,
                                 lut::TargetAttr level) {
  for (auto &[shape, choice] : choices)
    for (auto each = choice.tiles.begin(); each != choice.tiles.end();) {
      auto &[key, best] = *each;
      std::string problem =
          findProblem(best.tile, shape, key.first, key.second, level);
      if (problem.empty()) {
        ++each;
        continue;
      }
      warn(level.getContext(), paths[fileOfSession[best.session]] +
                                   ": tile of a linear " + print(shape) + ", " +
                                   passes::stringifyBatchClass(key.second) +
                                   ", " + key.first + ": " + problem + kAdvice);
      if (choice.packing == key.first)
        choice.packing.clear();
      each = choice.tiles.erase(each);
    }
}

//===----------------------------------------------------------------------===//
// The module's choices
//===----------------------------------------------------------------------===//

/// All levels read the same bytes: the packing that each of them chooses.
std::string TuningFiles::getPacking(const LinearShape &shape) const {
  std::set<std::string> packings;
  for (auto &[level, choices] : levels) {
    auto found = choices.find(shape);
    packings.insert(found == choices.end() ? "" : found->second.packing);
  }
  return packings.size() == 1 ? *packings.begin() : "";
}

static Attribute makeChoice(MLIRContext *context, StringRef level,
                            const LinearShape &shape, StringRef packing,
                            const std::array<lut::TileAttr, 3> &tiles) {
  return lut::ChoiceAttr::get(context, level,
                              DenseI64ArrayAttr::get(context, shape.rows),
                              shape.columns, shape.gate, shape.residual,
                              cantFail(passes::findPacking(packing, context)),
                              tiles[0], tiles[1], tiles[2]);
}

void TuningFiles::addPackings(SmallVectorImpl<Attribute> &list,
                              MLIRContext *context) const {
  for (auto &[shape, choice] : levels.front().second)
    if (std::string packing = getPacking(shape); !packing.empty())
      list.push_back(makeChoice(context, "", shape, packing, {}));
}

void TuningFiles::addTiles(SmallVectorImpl<Attribute> &list,
                           MLIRContext *context) const {
  auto emitProblem = [&] { return emitError(UnknownLoc::get(context)); };
  for (auto &[level, choices] : levels)
    for (auto &[shape, choice] : choices) {
      std::map<std::string, std::array<lut::TileAttr, 3>> tiles;
      for (auto &[key, best] : choice.tiles)
        tiles[key.first][static_cast<unsigned>(key.second)] =
            toAttribute(best.tile, context, emitProblem);
      for (auto &[packing, each] : tiles)
        list.push_back(
            makeChoice(context, level.getName(), shape, packing, each));
    }
}

void TuningFiles::apply(ModuleOp module) {
  SmallVector<lut::TargetAttr> machine = lut::getLevels(module);
  if (paths.empty() || machine.empty())
    return;
  judgeSessions(machine);
  for (lut::TargetAttr level : machine) {
    ChoicesOfLevel choices = listChoices(all, print(level), getProducer());
    dropImpossible(choices, level);
    levels.emplace_back(level, std::move(choices));
  }
  SmallVector<Attribute> list;
  addPackings(list, module.getContext());
  addTiles(list, module.getContext());
  // What the module has already is from before.
  if (auto known = module->getAttrOfType<ArrayAttr>(lut::kTuningAttr))
    list.append(known.begin(), known.end());
  if (!list.empty())
    module->setAttr(lut::kTuningAttr,
                    ArrayAttr::get(module.getContext(), list));
}

/// "mad, blocks 16, unroll 1, tokens 1"
static std::string print(const Tile &tile) {
  return tile.strategy() + ", blocks " + std::to_string(tile.blocks()) +
         ", unroll " + std::to_string(tile.unroll()) + ", tokens " +
         std::to_string(tile.tokens());
}

/// That of its weights' packing, "" without one.
static std::string getWord(tern::FusedLinearOp linear) {
  auto packing = passes::getPacking(linear);
  if (packing)
    return packing->getWord().str();
  consumeError(packing.takeError());
  return "";
}

/// Null unless the linear has the tile that files chose for the class: others
/// may choose after them.
const Best *TuningFiles::findTaken(tern::FusedLinearOp linear,
                                   BatchClass batchClass) const {
  StringRef name = lut::getTarget(linear).getName();
  auto level = llvm::find_if(
      levels, [&](auto &each) { return each.first.getName() == name; });
  auto tiles = linear->getAttrOfType<ArrayAttr>(lut::kTilesAttr);
  if (level == levels.end() || !tiles || passes::isPicked(linear))
    return nullptr;
  auto choice = level->second.find(LinearShape::get(linear));
  if (choice == level->second.end())
    return nullptr;
  auto best = choice->second.tiles.find({getWord(linear), batchClass});
  Tile tile =
      toMessage(cast<lut::TileAttr>(tiles[static_cast<unsigned>(batchClass)]));
  bool isTaken =
      best != choice->second.tiles.end() &&
      best->second.tile.SerializeAsString() == tile.SerializeAsString();
  return isTaken ? &best->second : nullptr;
}

void TuningFiles::forEachTaken(
    ModuleOp module,
    function_ref<void(tern::FusedLinearOp, BatchClass, const Best &)> visit)
    const {
  if (levels.empty())
    return;
  module.walk([&](tern::FusedLinearOp linear) {
    for (BatchClass batchClass : passes::kBatchClasses)
      if (const Best *best = findTaken(linear, batchClass))
        visit(linear, batchClass, *best);
  });
}

void TuningFiles::describe(ModuleOp module, raw_ostream &out) const {
  std::set<std::string> told;
  forEachTaken(module, [&](tern::FusedLinearOp linear, BatchClass batchClass,
                           const Best &best) {
    std::string line;
    llvm::raw_string_ostream(line)
        << "tuning: " << lut::getTarget(linear).getName() << ", "
        << print(LinearShape::get(linear)) << ", "
        << passes::stringifyBatchClass(batchClass) << ": " << getWord(linear)
        << ", " << print(best.tile)
        << llvm::format(" (%.2f of what facts choose) from ", best.relative)
        << paths[fileOfSession[best.session]] << '\n';
    if (told.insert(line).second)
      out << line;
  });
}

llvm::json::Object TuningFiles::getTaken(ModuleOp module) const {
  llvm::json::Object taken;
  forEachTaken(module, [&](tern::FusedLinearOp linear, BatchClass batchClass,
                           const Best &best) {
    std::string key =
        (lut::getTarget(linear).getName() + "/" +
         passes::stringifyBatchClass(batchClass) + "/" + tern::getLabel(linear))
            .str();
    taken[key] = best.relative;
  });
  return taken;
}

} // namespace setun::tuning
