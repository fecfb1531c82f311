//===- DropUnusedWeights.cpp - Remove weights that no op names ------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/tern/Tern.h"
#include "passes/Passes.h"

using namespace mlir;

namespace setun::passes {
#define GEN_PASS_DEF_DROPUNUSEDWEIGHTS
#include "passes/Passes.h.inc"

namespace {
struct DropUnusedWeights : impl::DropUnusedWeightsBase<DropUnusedWeights> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    llvm::DenseSet<StringAttr> used;
    module.walk([&](Operation *op) {
      op->getAttrDictionary().walk(
          [&](FlatSymbolRefAttr name) { used.insert(name.getAttr()); });
    });
    for (auto weight :
         llvm::make_early_inc_range(module.getOps<tern::WeightOp>()))
      if (!used.contains(weight.getSymNameAttr()))
        weight.erase();
  }
};
} // namespace
} // namespace setun::passes
