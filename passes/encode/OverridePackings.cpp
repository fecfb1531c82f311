//===- OverridePackings.cpp - Packings that the user chose ----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/lut/Lut.h"
#include "dialects/tern/Tern.h"
#include "passes/Overrides.h"
#include "passes/Passes.h"

#include "mlir/AsmParser/AsmParser.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace setun::passes {
#define GEN_PASS_DEF_OVERRIDEPACKINGS
#include "passes/Passes.h.inc"

/// The packing of a word, or null.
static lut::PackingInterface findPacking(StringRef word, MLIRContext *context) {
  if (!llvm::all_of(word, llvm::isAlnum))
    return nullptr;
  ScopedDiagnosticHandler silence(context, [](Diagnostic &) {});
  return dyn_cast_or_null<lut::PackingInterface>(
      parseAttribute(("#lut." + word).str(), context));
}

template <typename... Attrs>
static std::string listPackings(MLIRContext *context) {
  SmallVector<StringRef> words;
  for (StringRef word : {StringRef(Attrs::getMnemonic())...})
    if (findPacking(word, context))
      words.push_back(word);
  return llvm::join(words, " or ");
}

/// The words of all packings that have no parameters.
static std::string listPackings(MLIRContext *context) {
  return listPackings<
#define GET_ATTRDEF_LIST
#include "dialects/lut/Attrs.cpp.inc"
      >(context);
}

namespace {
struct OverridePackings : impl::OverridePackingsBase<OverridePackings> {
  void runOnOperation() override {
    auto applyAll = [&](Overrides &overrides, tern::FusedLinearOp linear) {
      for (Override &each : overrides)
        if (each.matches(linear.getWeights()) && failed(apply(each, linear)))
          return failure();
      return success();
    };
    if (failed(applyOverrides(getOperation(), /*packings=*/true, applyAll)))
      signalPassFailure();
  }

  /// Weights of one linear share its tiles, and so their packing.
  LogicalResult apply(Override &each, tern::FusedLinearOp linear) {
    each.used = true;
    lut::PackingInterface packing = findPacking(each.value, &getContext());
    if (!packing)
      return linear.emitError("--set ")
             << each.text << ": unknown packing '" << each.value
             << "', expected " << listPackings(&getContext());
    for (auto name : linear.getWeights().getAsRange<FlatSymbolRefAttr>()) {
      tern::WeightOp weight = tern::getWeight(linear, name);
      if (!weight)
        return failure();
      weight->setAttr(lut::kPackingAttr, packing);
    }
    return success();
  }
};
} // namespace
} // namespace setun::passes
