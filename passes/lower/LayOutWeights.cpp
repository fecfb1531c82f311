//===- LayOutWeights.cpp - Places in the weights segment ------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/lut/Lut.h"
#include "dialects/tern/Tern.h"
#include "passes/Passes.h"

using namespace mlir;

namespace setun::passes {
#define GEN_PASS_DEF_LAYOUTWEIGHTS
#include "passes/Passes.h.inc"

static constexpr int64_t kPage = 4096, kCacheLine = 64;

/// Whether a decoded token reads all of the weight: of an embedding it reads
/// one row, of a screened head its low-bit copy and the rows that may win.
static bool isReadWhole(tern::WeightOp weight, ModuleOp module) {
  StringAttr name = weight.getSymNameAttr();
  auto uses = SymbolTable::getSymbolUses(name, module);
  return !uses || llvm::any_of(*uses, [&](const SymbolTable::SymbolUse &use) {
    auto head = dyn_cast<tern::HeadOp>(use.getUser());
    if (head && head->hasAttr(lut::kScreenAttr))
      return head.getWeightAttr().getAttr() != name;
    return !isa<tern::EmbeddingOp>(use.getUser());
  });
}

/// Whether the packing, which a user may have chosen, holds the weight.
static LogicalResult verifyPacking(tern::WeightOp weight, Attribute packing) {
  if (!packing)
    return weight.emitError("has no packing; run the encode stage first");
  tern::PackedType type = weight.getType();
  auto rows = dyn_cast<lut::RowsAttr>(packing);
  if (isa<lut::LinesAttr>(packing))
    return weight.emitError("found packing ")
           << packing << ", expected it in '" << lut::kSkipPackingAttr
           << "' only";
  if (weight->hasAttr(lut::kSkipPackingAttr) &&
      !isa<lut::PackingInterface>(packing))
    return weight.emitError("found '")
           << lut::kSkipPackingAttr << "' for " << type
           << ", expected it for trits only";
  if (isa<lut::ScreenAttr>(packing)) {
    if (isa<tern::DenseAttr>(type.getElement()) && type.getShape().size() == 2)
      return success();
    return weight.emitError("found packing ")
           << packing << " for " << type << ", expected a dense matrix";
  }
  bool dense = isa<lut::RowsAttr, lut::CodesAttr, lut::ScalesAttr>(packing);
  if (dense != isa<tern::DenseAttr>(type.getElement()))
    return weight.emitError("found packing ")
           << packing << " for " << type
           << ", expected one of #lut.rows, #lut.codes and #lut.scales for "
              "dense weights only";
  if (isa<lut::CodesAttr>(packing) && type.getShape().size() != 2)
    return weight.emitError("found packing ")
           << packing << " for a vector, expected it for a matrix";
  if (rows && type.getShape().size() == 1 && !rows.getElement().isF32())
    return weight.emitError("found packing ")
           << packing << " for a vector, expected #lut.rows<f32>";
  return success();
}

namespace {
struct LayOutWeights : impl::LayOutWeightsBase<LayOutWeights> {
  void runOnOperation() override {
    Builder builder(&getContext());
    int64_t end = 0, perToken = 0;
    // A place for a weight's copy in this packing, and where it ends.
    auto place = [&](tern::WeightOp weight, Attribute packing,
                     StringRef offsetName, StringRef bytesName) {
      ArrayRef<int64_t> shape = weight.getType().getShape();
      int64_t offset =
          lut::roundUp(end, shape.size() == 2 ? kPage : kCacheLine);
      int64_t bytes = lut::getPackedBytes(shape, packing);
      weight->setAttr(offsetName, builder.getI64IntegerAttr(offset));
      weight->setAttr(bytesName, builder.getI64IntegerAttr(bytes));
      end = offset + bytes;
      return bytes;
    };
    for (auto weight : getOperation().getOps<tern::WeightOp>()) {
      Attribute packing = weight->getAttr(lut::kPackingAttr);
      if (failed(verifyPacking(weight, packing)))
        return signalPassFailure();
      int64_t bytes = place(weight, packing, lut::kOffsetAttr, lut::kBytesAttr);
      perToken += isReadWhole(weight, getOperation()) ? bytes : 0;
      if (Attribute lines = weight->getAttr(lut::kSkipPackingAttr))
        place(weight, lines, lut::kSkipOffsetAttr, lut::kSkipBytesAttr);
    }
    getOperation()->setAttr(
        lut::kWeightsBytesAttr,
        builder.getI64IntegerAttr(lut::roundUp(end, kPage)));
    getOperation()->setAttr(lut::kTokenBytesAttr,
                            builder.getI64IntegerAttr(perToken));
  }
};
} // namespace
} // namespace setun::passes
