//===- OverridePackings.cpp - Packings that the user chose ----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Overrides.h"
#include "passes/Passes.h"

using namespace mlir;

namespace setun::passes {
#define GEN_PASS_DEF_OVERRIDEPACKINGS
#include "passes/Passes.h.inc"

namespace {
struct OverridePackings : impl::OverridePackingsBase<OverridePackings> {
  void runOnOperation() override {
    // Weights of one linear share its tiles, and so their packing.
    auto apply = [](ArrayRef<Override> overrides, tern::FusedLinearOp linear) {
      for (const Override &each : overrides)
        setPacking(linear, each.packing);
      return llvm::Error::success();
    };
    if (failed(applyOverrides(getOperation(), /*packings=*/true, apply)))
      signalPassFailure();
  }
};
} // namespace
} // namespace setun::passes
