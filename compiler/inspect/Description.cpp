//===- Description.cpp - What is known without a file ---------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/inspect/Description.h"

#include "compiler/Compile.h"
#include "compiler/Output.h"
#include "frontends/File.h"

#include "llvm/Support/FileSystem.h"

using namespace llvm;

namespace setun::compiler {

uint64_t TensorDescription::getWeights() const {
  uint64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  return count;
}

uint64_t Description::getTrits() const {
  uint64_t trits = 0;
  for (const codegen::SectionSize &section : sections)
    if (!is_contained({"dense", "screen", "rows", "columns", "tokenizer"},
                      section.name))
      trits += section.weights;
  return trits;
}

Prediction predict(const Description &description,
                   const LevelDescription &level,
                   const InspectOptions &options) {
  double cycles = options.clock * 1e9 * options.cores;
  double trits = description.getTrits();
  double reading = options.bandwidth
                       ? description.tokenBytes / (options.bandwidth * 1e9)
                       : 0;
  double multiplying = level.dotMacs ? trits / (cycles * level.dotMacs) : 0;
  double slowest = std::max(reading, multiplying);
  unsigned macs = level.dotMacs;
  if (level.lookupMacs > level.dotMacs)
    macs = level.lookupMacs + (level.mixes ? level.dotMacs : 0);
  return {slowest ? 1 / slowest : 0, trits ? cycles * macs / trits : 0,
          reading >= multiplying};
}

/// Written so that what is no number is wrong, too.
static bool isSane(double value) { return value >= 1e-3 && value <= 1e6; }

static Expected<Description> describe(const InspectOptions &options) {
  if ((options.bandwidth && !isSane(options.bandwidth)) ||
      !isSane(options.clock) || !isSane(options.cores))
    return frontends::userError(
        "--bandwidth, --clock, --cores: expected 0.001 to 1000000");
  if (!sys::fs::exists(options.input))
    return frontends::userError(options.input + ": no such file or folder");
  if (sys::fs::is_directory(options.input))
    return describeCheckpoint(options);
  if (!(options.target + options.cpu + options.features).empty())
    return frontends::userError("--target, --cpu, --features: go with a "
                                "checkpoint's folder; " +
                                options.input + " says what it is for");
  return StringRef(options.input).ends_with(".mlir")
             ? describeCheckpoint(options)
             : describeExecutable(options.input);
}

mlir::LogicalResult inspect(const InspectOptions &options) {
  Expected<Description> description = describe(options);
  if (!description) {
    printError(description.takeError());
    return failure();
  }
  (options.json ? printJson : printText)(*description, options, outs());
  return success();
}

} // namespace setun::compiler
