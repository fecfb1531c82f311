//===- PackLines.cpp - Copies by rows and columns for skipping ------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where a rectified gate is 0, its product with `up` is 0, or −0, and so is
// what norm and quantizer make of it: the row of `up` need not be read, and nor
// the column of `down`.
//
//===----------------------------------------------------------------------===//

#include "dialects/lut/Lut.h"
#include "dialects/tern/Tern.h"
#include "passes/Linear.h"
#include "passes/Passes.h"

using namespace mlir;

namespace setun::passes {
#define GEN_PASS_DEF_PACKLINES
#include "passes/Passes.h.inc"

/// The linears that read `gated`, none unless all that is read of it is
/// quantized.
static SmallVector<tern::FusedLinearOp> getReaders(Value gated) {
  SmallVector<tern::FusedLinearOp> readers;
  for (Operation *user : gated.getUsers()) {
    auto linear = dyn_cast<tern::FusedLinearOp>(user);
    if (!linear || !linear.getQuantizer() || linear.getResidual() == gated)
      return {};
    readers.push_back(linear);
  }
  return readers;
}

/// The copy of the only weight, or the last.
static void addCopy(tern::FusedLinearOp linear, lut::Order order) {
  if (isPicked(linear))
    return;
  auto name = cast<FlatSymbolRefAttr>(linear.getWeights().getValue().back());
  tern::WeightOp weight = tern::getWeight(linear, name);
  auto trits = dyn_cast<tern::TritAttr>(weight.getType().getElement());
  if (!trits || trits.getScale() != tern::ScaleOf::Tensor ||
      weight->hasAttr(lut::kSkipPackingAttr))
    return;
  weight->setAttr(lut::kSkipPackingAttr,
                  lut::LinesAttr::get(linear.getContext(), order));
}

namespace {
struct PackLines : impl::PackLinesBase<PackLines> {
  void runOnOperation() override {
    bool rows = false, columns = false;
    SmallVector<lut::TargetAttr> levels = lut::getLevels(getOperation());
    if (levels.empty())
      return signalPassFailure();
    for (lut::TargetAttr level : levels) {
      rows |= bool(level.getSkipRows());
      columns |= bool(level.getSkipColumns());
    }
    getOperation().walk([&](tern::FusedLinearOp linear) {
      if (linear.getGate() != tern::Gate::ReLU2)
        return;
      SmallVector<tern::FusedLinearOp> readers =
          getReaders(linear.getOutputs()[0]);
      if (rows && !readers.empty())
        addCopy(linear, lut::Order::Rows);
      for (tern::FusedLinearOp reader : readers)
        if (columns && reader.getWeights().size() == 1 && !reader.getGate())
          addCopy(reader, lut::Order::Columns);
    });
  }
};
} // namespace
} // namespace setun::passes
