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
#include "passes/encode/Passes.h.inc"
#include "passes/fuse/Passes.h.inc"
#include "passes/lower/Passes.h.inc"
#include "passes/simplify/Passes.h.inc"
#include "passes/tile/Passes.h.inc"
#undef GEN_PASS_DECL
#undef GEN_PASS_REGISTRATION

} // namespace setun::passes

#endif // SETUN_PASSES_PASSES_H
