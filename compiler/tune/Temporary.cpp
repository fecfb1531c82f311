//===- Temporary.cpp - A file that goes with its object
//---------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/tune/Temporary.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Signals.h"

using namespace llvm;

namespace setun::compiler {

Temporary::Temporary(StringRef suffix) {
  SmallString<128> name;
  code = sys::fs::createTemporaryFile("setun-tune", suffix, name);
  path = name.str().str();
  if (!code)
    sys::RemoveFileOnSignal(path);
}

Temporary::~Temporary() {
  if (code)
    return;
  (void)sys::fs::remove(path);
  sys::DontRemoveFileOnSignal(path);
}

} // namespace setun::compiler
