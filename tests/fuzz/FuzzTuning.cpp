//===- FuzzTuning.cpp -----------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What is read is written and read again, chooses only what it measured, and is
// judged.

#include "compiler/tuning/Choices.h"
#include "compiler/tuning/Staleness.h"
#include "compiler/tuning/TuningFile.h"

#include "mlir/AsmParser/AsmParser.h"

using namespace setun;
using namespace setun::tuning;

/// Some machine.
static lut::TargetAttr getLevel() {
  static mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  context.loadDialect<lut::LutDialect>();
  return mlir::cast<lut::TargetAttr>(mlir::parseAttribute(
      "#lut.target<name = \"x\", triple = \"x86_64-unknown-linux-musl\", "
      "cpu = \"x86-64\", features = \"\", dot = pairs, permuteBytes = 0, "
      "dotMacs = 32, lookupMacs = 42, l2Bytes = 1048576, streams = 1>",
      &context));
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  llvm::StringRef text(reinterpret_cast<const char *>(data), size);
  auto tuning = parse(text, "fuzz");
  if (!tuning) {
    llvm::consumeError(tuning.takeError());
    return 0;
  }
  auto again = parse(print(*tuning), "fuzz");
  if (!again || again->SerializeAsString() != tuning->SerializeAsString())
    __builtin_trap();
  static const lut::TargetAttr level = getLevel();
  for (const Session &session : tuning->sessions())
    judge(session.machine(), level);
  for (const Session &session : tuning->sessions())
    for (auto &[shape, choice] : listChoices(
             *tuning, session.machine().target(), session.machine().producer()))
      for (auto &[key, best] : choice.tiles)
        if (best.session >= tuning->sessions_size() || best.relative <= 0)
          __builtin_trap();
  return 0;
}
