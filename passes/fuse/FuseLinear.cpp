//===- FuseLinear.cpp - Matmuls that share an activation become one op ----===//
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
#define GEN_PASS_DEF_FUSELINEAR
#include "passes/Passes.h.inc"

/// The matmuls that read `quantize`, in program order; empty if anything else
/// reads it.
static SmallVector<tern::MatmulOp> getReaders(tern::QuantizeOp quantize) {
  SmallVector<tern::MatmulOp> readers;
  for (Operation *user : quantize->getUsers()) {
    auto matmul = dyn_cast<tern::MatmulOp>(user);
    if (!matmul || matmul->getBlock() != quantize->getBlock())
      return {};
    readers.push_back(matmul);
  }
  llvm::sort(readers, [](auto a, auto b) { return a->isBeforeInBlock(b); });
  return readers;
}

/// Of which all or none have a bias.
static void fuse(IRRewriter &rewriter, tern::QuantizeOp quantize,
                 ArrayRef<tern::MatmulOp> readers) {
  SmallVector<Attribute> weights, biases;
  SmallVector<Type> types;
  SmallVector<Location> locations;
  for (tern::MatmulOp matmul : readers) {
    weights.push_back(matmul.getWeightAttr());
    if (matmul.getBias())
      biases.push_back(matmul.getBiasAttr());
    types.push_back(matmul.getType());
    locations.push_back(matmul.getLoc());
  }
  rewriter.setInsertionPoint(readers.front());
  auto fused = tern::FusedLinearOp::create(
      rewriter, rewriter.getFusedLoc(locations), types, quantize.getInput(),
      /*residual=*/Value(), /*norm=*/nullptr, /*eps=*/nullptr,
      tern::QuantizerAttr::get(rewriter.getContext(),
                               quantize.getType().getKind()),
      rewriter.getArrayAttr(weights),
      biases.empty() ? nullptr : rewriter.getArrayAttr(biases),
      /*gate=*/nullptr);
  for (auto [matmul, result] : llvm::zip(readers, fused.getResults()))
    rewriter.replaceOp(matmul, result);
}

static void fuse(IRRewriter &rewriter, tern::QuantizeOp quantize) {
  SmallVector<tern::MatmulOp> biased, others;
  for (tern::MatmulOp matmul : getReaders(quantize))
    (matmul.getBias() ? biased : others).push_back(matmul);
  if (biased.empty() && others.empty())
    return;
  for (ArrayRef<tern::MatmulOp> readers : {ArrayRef(biased), ArrayRef(others)})
    if (!readers.empty())
      fuse(rewriter, quantize, readers);
  rewriter.eraseOp(quantize);
}

namespace {
struct FuseLinear : impl::FuseLinearBase<FuseLinear> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    SmallVector<tern::QuantizeOp> candidates;
    getOperation().walk([&](tern::QuantizeOp op) { candidates.push_back(op); });
    for (tern::QuantizeOp op : candidates)
      fuse(rewriter, op);
  }
};
} // namespace
} // namespace setun::passes
