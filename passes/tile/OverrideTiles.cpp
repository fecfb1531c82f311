//===- OverrideTiles.cpp - Tiles that the user chose ----------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Overrides.h"
#include "passes/Passes.h"

using namespace mlir;

namespace setun::passes {
#define GEN_PASS_DEF_OVERRIDETILES
#include "passes/Passes.h.inc"

static llvm::Error apply(ArrayRef<Override> overrides,
                         tern::FusedLinearOp linear) {
  for (BatchClass batchClass : kBatchClasses) {
    // One choice may need another one to be right.
    TileChange change;
    bool any = false;
    for (const Override &each : overrides)
      if (!each.batchClass || *each.batchClass == batchClass) {
        change.merge(each.change);
        any = true;
      }
    if (!any)
      continue;
    if (llvm::Error error = changeTile(linear, batchClass, change))
      return llvm::createStringError(", " + stringifyBatchClass(batchClass) +
                                     ": " + toString(std::move(error)));
  }
  return llvm::Error::success();
}

namespace {
struct OverrideTiles : impl::OverrideTilesBase<OverrideTiles> {
  void runOnOperation() override {
    if (failed(applyOverrides(getOperation(), /*packings=*/false, apply)))
      signalPassFailure();
  }
};
} // namespace
} // namespace setun::passes
