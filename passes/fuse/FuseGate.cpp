//===- FuseGate.cpp - Gate and up take the activation along ---------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/tern/Tern.h"
#include "passes/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;

namespace setun::passes {
#define GEN_PASS_DEF_FUSEGATE
#include "passes/Passes.h.inc"

/// The linear that makes both operands of `gate` and nothing else.
static tern::FusedLinearOp getProducer(tern::GateOp gate) {
  auto linear = gate.getGate().getDefiningOp<tern::FusedLinearOp>();
  bool pair = linear && linear.getNumResults() == 2 && !linear.getGate() &&
              gate.getUp().getDefiningOp() == linear &&
              gate.getGate() != gate.getUp() && gate.getGate().hasOneUse() &&
              gate.getUp().hasOneUse();
  return pair ? linear : nullptr;
}

namespace {
struct FuseGate : impl::FuseGateBase<FuseGate> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    getOperation().walk([&](tern::GateOp gate) {
      tern::FusedLinearOp linear = getProducer(gate);
      if (!linear)
        return;
      SmallVector<Attribute> weights(linear.getWeights().getValue());
      SmallVector<Attribute> biases;
      if (linear.getBiases())
        llvm::append_range(biases, *linear.getBiases());
      if (gate.getGate() == linear.getResult(1)) {
        std::swap(weights[0], weights[1]);
        std::reverse(biases.begin(), biases.end());
      }
      rewriter.setInsertionPoint(gate);
      auto fused = tern::FusedLinearOp::create(
          rewriter, rewriter.getFusedLoc({linear.getLoc(), gate.getLoc()}),
          gate->getResultTypes(), linear.getInput(), Value(),
          linear.getNormAttr(), linear.getEpsAttr(), linear.getQuantizerAttr(),
          rewriter.getArrayAttr(weights),
          biases.empty() ? nullptr : rewriter.getArrayAttr(biases),
          gate.getKindAttr());
      rewriter.replaceOp(gate, fused);
      rewriter.eraseOp(linear);
    });
  }
};
} // namespace
} // namespace setun::passes
