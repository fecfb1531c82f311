//===- RuntimeObjects.cpp - The runtimes inside setun ---------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// RuntimeObjects.def, written by CMake, has a line RUNTIME_OBJECT(arch, path)
// for each runtime that was built. It is read twice: for the bytes, and for the
// table that finds them.
//
//===----------------------------------------------------------------------===//

#include "codegen/link/RuntimeObjects.h"

#include "llvm/ADT/StringExtras.h"

using namespace llvm;

#define RUNTIME_OBJECT(arch, path)                                             \
  asm(".pushsection .rodata.setun_runtime, \"a\", @progbits\n"                 \
      ".balign 16\n"                                                           \
      "setun_runtime_" #arch ": .incbin \"" path "\"\n"                        \
      "setun_runtime_" #arch "_end:\n"                                         \
      ".popsection\n");                                                        \
  extern "C" const char setun_runtime_##arch[], setun_runtime_##arch##_end[];
#include "codegen/link/RuntimeObjects.def"
#undef RUNTIME_OBJECT

namespace {
struct RuntimeObject {
  StringRef arch; // as llvm::Triple spells it
  const char *begin, *end;
};
} // namespace

static const RuntimeObject runtimeObjects[] = {
#define RUNTIME_OBJECT(arch, path)                                             \
  {#arch, setun_runtime_##arch, setun_runtime_##arch##_end},
#include "codegen/link/RuntimeObjects.def"
#undef RUNTIME_OBJECT
};

Expected<StringRef> setun::codegen::runtimeObject(const Triple &triple) {
  const StringRef arch = Triple::getArchTypeName(triple.getArch());
  for (const RuntimeObject &object : runtimeObjects)
    if (object.arch == arch && triple.isOSLinux())
      return StringRef(object.begin, object.end - object.begin);
  return createStringError(
      "no runtime for '" + triple.str() + "' in this setun; it has: " +
      join(map_range(runtimeObjects, [](auto &object) { return object.arch; }),
           ", "));
}
