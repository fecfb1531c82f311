//===- BuildKernels.cpp - Write the loop nest of every kernel -------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Passes.h"
#include "passes/lower/Kernels.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace setun::passes {
#define GEN_PASS_DEF_BUILDKERNELS
#include "passes/Passes.h.inc"

static lut::KernelAttr getPlainRecipe(lut::KernelAttr kernel) {
  lut::TileAttr tile = kernel.getTile();
  if (tile.getStrategy() == lut::Strategy::Skip ||
      tile.getStrategy() == lut::Strategy::Pick)
    return kernel;
  auto plain = lut::TileAttr::get(kernel.getContext(), tile.getRows(),
                                  lut::Strategy::MultiplyAdd, tile.getBlocks(),
                                  kernel.getPacking().getPanelBlocks(),
                                  /*tokens=*/1);
  return lut::KernelAttr::get(kernel.getContext(), kernel.getPacking(),
                              kernel.getRows(), kernel.getColumns(), plain,
                              kernel.getStride(), kernel.getOut(),
                              kernel.getResidual(), /*floats=*/false,
                              /*group=*/0);
}

/// The judge of `kernel`: one row and one panel at a time, no tables, no column
/// left out, and the activations always [row][stride].
static void buildPortableTwin(OpBuilder &builder, func::FuncOp function,
                              lut::KernelAttr kernel) {
  KernelShape shape(kernel);
  SmallVector<Type> inputs(function.getArgumentTypes());
  inputs[1] = MemRefType::get({shape.rowsPadded, kernel.getStride()},
                              cast<MemRefType>(inputs[1]).getElementType());
  builder.setInsertionPointAfter(function);
  auto twin = func::FuncOp::create(builder, function.getLoc(),
                                   (function.getSymName() + "_portable").str(),
                                   builder.getFunctionType(inputs, {}));
  twin->setAttr(lut::kPortableAttr, builder.getUnitAttr());
  if (Attribute level = function->getAttr(lut::kTargetAttr))
    twin->setAttr(lut::kTargetAttr, level);
  lut::KernelAttr recipe = getPlainRecipe(kernel);
  if (recipe.getTile().getStrategy() == lut::Strategy::Skip)
    buildSkipKernel(twin, recipe);
  else if (recipe.getTile().getStrategy() == lut::Strategy::Pick)
    buildPickKernel(twin, recipe);
  else
    buildMadKernel(twin, recipe, MadMachine());
}

static void buildKernel(func::FuncOp function, lut::KernelAttr kernel,
                        lut::TargetAttr target) {
  switch (kernel.getTile().getStrategy()) {
  case lut::Strategy::Lookup:
    return buildLookupKernel(function, kernel, target.getMixes());
  case lut::Strategy::Table:
    return buildTableKernel(function, kernel);
  case lut::Strategy::Skip:
    return buildSkipKernel(function, kernel);
  case lut::Strategy::Pick:
    return buildPickKernel(function, kernel);
  case lut::Strategy::MultiplyAdd:
    if (!target.getScalable())
      return buildMadKernel(function, kernel,
                            {target.getDot(), target.getU8Codes(),
                             target.getSums(), target.getStreams()});
    if (kernel.getPacking().getPanelBlocks() == 1)
      return buildScalableKernel(function, kernel);
    return buildMadKernel(function, kernel, MadMachine());
  }
}

/// The screen kernel and its judge.
static void buildScreen(OpBuilder &builder, func::FuncOp function,
                        lut::TargetAttr target) {
  builder.setInsertionPointAfter(function);
  auto twin = func::FuncOp::create(builder, function.getLoc(),
                                   (function.getSymName() + "_portable").str(),
                                   function.getFunctionType());
  twin->setAttr(lut::kPortableAttr, builder.getUnitAttr());
  if (Attribute level = function->getAttr(lut::kTargetAttr))
    twin->setAttr(lut::kTargetAttr, level);
  function.setPublic();
  buildScreenKernel(function, target.getDot());
  buildScreenKernel(twin, lut::Dot::Singles);
}

namespace {
struct BuildKernels : impl::BuildKernelsBase<BuildKernels> {
  void runOnOperation() override {
    OpBuilder builder(&getContext());
    auto functions = llvm::to_vector(getOperation().getOps<func::FuncOp>());
    for (func::FuncOp function : functions) {
      auto kernel = function->getAttrOfType<lut::KernelAttr>(lut::kKernelAttr);
      bool screen = function->hasAttr(lut::kScreenKernelAttr);
      if (!(kernel || screen) || !function.isDeclaration())
        continue;
      lut::TargetAttr target = lut::getTarget(function);
      if (!target)
        return signalPassFailure();
      if (screen) {
        buildScreen(builder, function, target);
        continue;
      }
      function.setPublic();
      buildKernel(function, kernel, target);
      buildPortableTwin(builder, function, kernel);
    }
  }
};
} // namespace
} // namespace setun::passes
