//===- ChooseSkips.cpp - From how many zeros on decoding skips ------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/lut/Lut.h"
#include "dialects/tern/Tern.h"
#include "passes/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;

namespace setun::passes {
#define GEN_PASS_DEF_CHOOSESKIPS
#include "passes/Passes.h.inc"

/// Null where there is no copy to skip in, or skipping never pays.
static lut::SkipAttr chooseSkip(tern::FusedLinearOp linear,
                                lut::TargetAttr target) {
  auto name = cast<FlatSymbolRefAttr>(linear.getWeights().getValue().back());
  tern::WeightOp weight = tern::getWeight(linear, name);
  auto lines =
      weight ? weight->getAttrOfType<lut::LinesAttr>(lut::kSkipPackingAttr)
             : lut::LinesAttr();
  if (!lines)
    return {};
  return lines.getOrder() == lut::Order::Rows ? target.getSkipRows()
                                              : target.getSkipColumns();
}

namespace {
struct ChooseSkips : impl::ChooseSkipsBase<ChooseSkips> {
  void runOnOperation() override {
    auto target = lut::getTarget(getOperation());
    if (!target)
      return signalPassFailure();
    getOperation().walk([&](tern::FusedLinearOp linear) {
      if (linear->hasAttr(lut::kSkipAttr))
        return;
      if (lut::SkipAttr skip = chooseSkip(linear, target))
        linear->setAttr(lut::kSkipAttr, skip);
    });
  }
};
} // namespace
} // namespace setun::passes
