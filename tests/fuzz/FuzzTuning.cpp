//===- FuzzTuning.cpp -----------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What is read is written and read again, and chooses only what it measured.

#include "compiler/tuning/Choices.h"
#include "compiler/tuning/TuningFile.h"

using namespace setun::tuning;

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
  for (const Session &session : tuning->sessions())
    for (auto &[shape, choice] : listChoices(
             *tuning, session.machine().target(), session.machine().producer()))
      for (auto &[key, best] : choice.tiles)
        if (best.session >= tuning->sessions_size() || best.relative <= 0)
          __builtin_trap();
  return 0;
}
