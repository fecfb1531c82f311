//===- RuntimeObjects.h - The runtimes inside setun -------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_CODEGEN_LINK_RUNTIMEOBJECTS_H
#define SETUN_CODEGEN_LINK_RUNTIMEOBJECTS_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/TargetParser/Triple.h"

namespace setun::codegen {

/// The bytes of the runtime for a target: one relocatable object with musl,
/// libc++ and runtime/ in it, made when setun was built and carried inside it,
/// so that its user needs no compiler and no sysroot.
llvm::Expected<llvm::StringRef> runtimeObject(const llvm::Triple &triple);

} // namespace setun::codegen

#endif // SETUN_CODEGEN_LINK_RUNTIMEOBJECTS_H
