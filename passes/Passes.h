//===- Passes.h - Every pass of every stage ---------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_PASSES_PASSES_H
#define SETUN_PASSES_PASSES_H

#include "mlir/Pass/Pass.h"

namespace setun::passes {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "passes/Passes.h.inc"

} // namespace setun::passes

#endif // SETUN_PASSES_PASSES_H
