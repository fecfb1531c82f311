//===- Choices.cpp - Who chooses packings and tiles -----------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Choices.h"

#include "passes/Overrides.h"
#include "passes/schedule/Schedule.h"

#include "mlir/Parser/Parser.h"

using namespace mlir;
using llvm::Error;

namespace setun::compiler {

static Error fail(const Twine &message) {
  return llvm::createStringError(message);
}

static Error addOverride(const CompileOptions &options, StringRef text,
                         MLIRContext *context,
                         SmallVectorImpl<Attribute> &list) {
  auto parsed = passes::Override::parse(text, context);
  if (!parsed)
    return parsed.takeError();
  Stage needed = parsed->isPacking() ? Stage::Encode : Stage::Tile;
  if (options.from && *options.from >= needed)
    return fail("--set " + text + ": is for the " + getName(needed) +
                " stage, which the module went through; edit it there");
  list.push_back(StringAttr::get(context, text));
  return Error::success();
}

/// What the user chose for some weights, behind what the module says already.
static Error setOverrides(const CompileOptions &options, ModuleOp module) {
  auto known = module->getAttrOfType<ArrayAttr>(lut::kOverridesAttr);
  SmallVector<Attribute> list;
  if (known)
    list.append(known.begin(), known.end());
  Error problems = Error::success();
  for (const std::string &text : options.overrides)
    problems =
        joinErrors(std::move(problems),
                   addOverride(options, text, module.getContext(), list));
  if (!list.empty())
    module->setAttr(lut::kOverridesAttr,
                    ArrayAttr::get(module.getContext(), list));
  return problems;
}

/// What was measured to be best.
static Error setTuning(const CompileOptions &options, ModuleOp module,
                       tuning::TuningFiles &tuning) {
  if (!options.tuning.empty() && options.from && *options.from >= Stage::Tile)
    return fail("--tuning: is for the encode and tile stages, which the module "
                "went through");
  if (Error error = tuning.read(options.tuning))
    return error;
  tuning.apply(module);
  return Error::success();
}

/// It lies in the module until the tile stage is done.
static Error setSchedule(const CompileOptions &options, ModuleOp module) {
  if (options.schedule.empty())
    return Error::success();
  StringRef path = options.schedule;
  auto schedule = parseSourceFile<ModuleOp>(path, module.getContext());
  if (!schedule)
    return fail("--schedule=" + path + ": cannot be read as a module");
  bool any = false;
  for (Stage stage : {Stage::Encode, Stage::Tile}) {
    bool has = bool(passes::getSequence(*schedule, getName(stage)));
    if (has && options.from && *options.from >= stage)
      return fail("--schedule=" + path + ": @" + getName(stage) +
                  " is for a stage which the module went through");
    any |= has;
  }
  if (!any)
    return fail("--schedule=" + path +
                ": found neither @encode nor @tile, "
                "expected a transform.named_sequence of that name");
  if (ModuleOp known = passes::getSchedule(module))
    known.erase();
  module.push_back(schedule.release());
  return Error::success();
}

Error setChoices(const CompileOptions &options, ModuleOp module,
                 tuning::TuningFiles &tuning) {
  return joinErrors(
      joinErrors(setOverrides(options, module), setSchedule(options, module)),
      setTuning(options, module, tuning));
}

} // namespace setun::compiler
