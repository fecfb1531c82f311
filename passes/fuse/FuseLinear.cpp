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
#include "llvm/ADT/SetVector.h"

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

/// The matmuls of floats that read `input`, in program order.
static SmallVector<tern::MatmulOp> getReaders(Value input, Block *block) {
  SmallVector<tern::MatmulOp> readers;
  for (Operation *user : input.getUsers())
    if (auto matmul = dyn_cast<tern::MatmulOp>(user);
        matmul && matmul->getBlock() == block)
      readers.push_back(matmul);
  llvm::sort(readers, [](auto a, auto b) { return a->isBeforeInBlock(b); });
  return readers;
}

/// Replaces `readers`, of which all or none have a bias, by one op that reads
/// `input`.
static void fuseAlike(IRRewriter &rewriter, ArrayRef<tern::MatmulOp> readers,
                      Value input, tern::QuantizerAttr quantizer) {
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
      rewriter, rewriter.getFusedLoc(locations), types, input,
      /*residual=*/Value(), /*norm=*/nullptr, /*eps=*/nullptr, quantizer,
      rewriter.getArrayAttr(weights),
      biases.empty() ? nullptr : rewriter.getArrayAttr(biases),
      /*gate=*/nullptr);
  for (auto [matmul, result] : llvm::zip(readers, fused.getResults()))
    rewriter.replaceOp(matmul, result);
}

/// Those with biases and the others become an op each.
static void fuse(IRRewriter &rewriter, ArrayRef<tern::MatmulOp> readers,
                 Value input, tern::QuantizerAttr quantizer) {
  SmallVector<tern::MatmulOp> biased, others;
  for (tern::MatmulOp matmul : readers)
    (matmul.getBias() ? biased : others).push_back(matmul);
  for (ArrayRef<tern::MatmulOp> alike : {ArrayRef(biased), ArrayRef(others)})
    if (!alike.empty())
      fuseAlike(rewriter, alike, input, quantizer);
}

static void fuse(IRRewriter &rewriter, tern::QuantizeOp quantize) {
  SmallVector<tern::MatmulOp> readers = getReaders(quantize);
  if (readers.empty())
    return;
  fuse(rewriter, readers, quantize.getInput(),
       tern::QuantizerAttr::get(rewriter.getContext(),
                                quantize.getType().getKind()));
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
    SetVector<std::pair<Value, Block *>> inputs; // of matmuls of floats
    getOperation().walk([&](tern::MatmulOp op) {
      if (isa<RankedTensorType>(op.getInput().getType()))
        inputs.insert({op.getInput(), op->getBlock()});
    });
    // Backwards: an input may be the result of a matmul that is fused, too.
    for (auto [input, block] : llvm::reverse(inputs))
      fuse(rewriter, getReaders(input, block), input, /*quantizer=*/nullptr);
  }
};
} // namespace
} // namespace setun::passes
