//===- TunePackings.cpp - Packings that were measured to be best ----------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Linear.h"
#include "passes/Passes.h"

using namespace mlir;

namespace setun::passes {
#define GEN_PASS_DEF_TUNEPACKINGS
#include "passes/Passes.h.inc"

static bool hasPackings(tern::FusedLinearOp linear) {
  return llvm::any_of(linear.getWeights(), [&](Attribute name) {
    return tern::getWeight(linear, cast<FlatSymbolRefAttr>(name))
        ->hasAttr(lut::kPackingAttr);
  });
}

namespace {
struct TunePackings : impl::TunePackingsBase<TunePackings> {
  void runOnOperation() override {
    auto list = getOperation()->getAttrOfType<ArrayAttr>(lut::kTuningAttr);
    if (!list)
      return;
    getOperation().walk([&](tern::FusedLinearOp linear) {
      if (hasPackings(linear) || isPicked(linear))
        return;
      LinearShape shape = LinearShape::get(linear);
      for (auto choice : list.getAsRange<lut::ChoiceAttr>())
        if (!choice.hasTiles() && LinearShape::get(choice) == shape)
          return setPacking(linear, choice.getPacking());
    });
  }
};
} // namespace
} // namespace setun::passes
