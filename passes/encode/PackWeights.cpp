//===- PackWeights.cpp - Choose the packing of every weight ---------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/lut/Lut.h"
#include "dialects/tern/Tern.h"
#include "passes/Linear.h"
#include "passes/Passes.h"

using namespace mlir;

namespace setun::passes {
#define GEN_PASS_DEF_PACKWEIGHTS
#include "passes/Passes.h.inc"

static Attribute choosePacking(tern::PackedType type,
                               ArrayRef<lut::TargetAttr> levels) {
  MLIRContext *context = type.getContext();
  if (auto dense = dyn_cast<tern::DenseAttr>(type.getElement())) {
    // Norms are small and read as f32; matrices keep their bits.
    bool vector = type.getShape().size() == 1;
    return lut::RowsAttr::get(context, vector ? Float32Type::get(context)
                                              : dense.getElement());
  }
  auto preferred = llvm::map_range(levels, [](lut::TargetAttr level) {
    return listPackings(level).front();
  });
  // All levels read the same bytes.
  return llvm::all_equal(preferred) ? *preferred.begin()
                                    : lut::I2Attr::get(context);
}

/// What `tern.embed` asks for, null without one. Groups are as small as their
/// scales allow to be a few percent.
static FailureOr<lut::CodesAttr> chooseCodes(ModuleOp module) {
  auto word = module->getAttrOfType<StringAttr>(tern::kEmbedAttr);
  if (!word)
    return lut::CodesAttr();
  if (word == "q8" || word == "q6")
    return lut::CodesAttr::get(module.getContext(), word == "q8" ? 8 : 6, 64);
  if (word == "q4")
    return lut::CodesAttr::get(module.getContext(), 4, 32);
  return module.emitError("found '") << tern::kEmbedAttr << "' = " << word
                                     << ", expected \"q8\", \"q6\" or \"q4\"";
}

/// Of weights whose packing does not depend on the target alone.
static void packSpecial(ModuleOp module, lut::CodesAttr codes) {
  MLIRContext *context = module.getContext();
  auto pack = [](tern::WeightOp weight, Attribute packing) {
    if (weight && !weight->hasAttr(lut::kPackingAttr))
      weight->setAttr(lut::kPackingAttr, packing);
  };
  for (auto weight : module.getOps<tern::WeightOp>())
    if (FlatSymbolRefAttr scales = weight.getScalesAttr())
      pack(tern::getWeight(weight, scales), lut::ScalesAttr::get(context));
  module.walk([&](Operation *op) {
    FlatSymbolRefAttr name;
    if (auto embedding = dyn_cast<tern::EmbeddingOp>(op))
      name = embedding.getWeightAttr();
    else if (auto head = dyn_cast<tern::HeadOp>(op))
      name = head.getWeightAttr();
    if (codes && name)
      pack(tern::getWeight(op, name), codes);
  });
  module.walk([&](tern::FusedLinearOp linear) {
    for (auto name : linear.getWeights().getAsRange<FlatSymbolRefAttr>()) {
      tern::WeightOp weight = tern::getWeight(linear, name);
      if (isPicked(linear) && weight && tern::getScaleOf(weight))
        pack(weight, lut::I2Attr::get(context));
    }
  });
}

/// A head of so many weights gets a low-bit copy: below, reading all of it
/// costs less than a meeting of the workers.
static constexpr int64_t kScreenedWeights = 1 << 20;
/// … if the copy has less than this part of the head's bytes.
static constexpr int64_t kScreenShare[] = {4, 5};

/// The copy is a weight of its own, of the same bytes of the checkpoint.
static LogicalResult screen(tern::HeadOp head) {
  tern::WeightOp dense = tern::getWeight(head, head.getWeightAttr());
  if (!dense)
    return failure();
  ArrayRef<int64_t> shape = dense.getType().getShape();
  auto packing = lut::ScreenAttr::get(head.getContext());
  bool pays = lut::getPackedBytes(shape, packing) * kScreenShare[1] <
              lut::getPackedBytes(shape, dense->getAttr(lut::kPackingAttr)) *
                  kScreenShare[0];
  if (head->hasAttr(lut::kScreenAttr) || !pays ||
      shape[0] * shape[1] < kScreenedWeights)
    return success();
  OpBuilder builder(dense);
  builder.setInsertionPointAfter(dense);
  auto copy = cast<tern::WeightOp>(builder.clone(*dense));
  copy.setSymName((dense.getSymName() + ".screen").str());
  copy->setAttr(lut::kPackingAttr, packing);
  head->setAttr(lut::kScreenAttr, FlatSymbolRefAttr::get(copy));
  return success();
}

namespace {
struct PackWeights : impl::PackWeightsBase<PackWeights> {
  void runOnOperation() override {
    SmallVector<lut::TargetAttr> levels = lut::getLevels(getOperation());
    if (levels.empty())
      return signalPassFailure();
    FailureOr<lut::CodesAttr> codes = chooseCodes(getOperation());
    if (failed(codes))
      return signalPassFailure();
    packSpecial(getOperation(), *codes);
    for (auto weight : getOperation().getOps<tern::WeightOp>()) {
      if (!weight->hasAttr(lut::kPackingAttr))
        weight->setAttr(lut::kPackingAttr,
                        choosePacking(weight.getType(), levels));
    }
    auto result = getOperation().walk([](tern::HeadOp head) {
      return failed(screen(head)) ? WalkResult::interrupt()
                                  : WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
} // namespace setun::passes
