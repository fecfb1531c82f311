//===- OverrideTiles.cpp - Tiles that the user chose ----------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/lut/Lut.h"
#include "dialects/tern/Tern.h"
#include "passes/Overrides.h"
#include "passes/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;

namespace setun::passes {
#define GEN_PASS_DEF_OVERRIDETILES
#include "passes/Passes.h.inc"

namespace {
/// The fields of a #lut.tile, which all are set before any is verified.
struct Fields {
  explicit Fields(lut::TileAttr tile)
      : rows(tile.getRows()), blocks(tile.getBlocks()),
        unroll(tile.getUnroll()), tokens(tile.getTokens()),
        strategy(tile.getStrategy()) {}

  /// What was expected of the value, "" if it is that.
  StringRef set(StringRef field, StringRef value) {
    if (field == "strategy") {
      auto known = lut::symbolizeStrategy(value);
      if (!known || *known == lut::Strategy::Skip)
        return "mad, table or lookup";
      strategy = *known;
      return "";
    }
    int64_t &number = field == "rows"     ? rows
                      : field == "blocks" ? blocks
                      : field == "unroll" ? unroll
                                          : tokens;
    return value.getAsInteger(10, number) ? "a number" : "";
  }

  int64_t rows, blocks, unroll, tokens;
  lut::Strategy strategy;
};

struct OverrideTiles : impl::OverrideTilesBase<OverrideTiles> {
  void runOnOperation() override {
    auto applyAll = [&](Overrides &overrides, tern::FusedLinearOp linear) {
      return apply(overrides, linear);
    };
    if (failed(applyOverrides(getOperation(), /*packings=*/false, applyAll)))
      signalPassFailure();
  }

  LogicalResult apply(Overrides &overrides, tern::FusedLinearOp linear);
};
} // namespace

LogicalResult OverrideTiles::apply(Overrides &overrides,
                                   tern::FusedLinearOp linear) {
  auto matching = llvm::make_filter_range(overrides, [&](const Override &each) {
    return each.matches(linear.getWeights());
  });
  auto tiles = linear->getAttrOfType<ArrayAttr>(lut::kTilesAttr);
  if (matching.empty())
    return success();
  if (!tiles || tiles.size() != std::size(kBatchClasses))
    return linear.emitError("found no tiles for decode, small and prefill, "
                            "which --set changes");
  SmallVector<Attribute> list;
  for (auto [batchClass, attr] : llvm::zip(kBatchClasses, tiles)) {
    Fields fields(cast<lut::TileAttr>(attr));
    for (Override &each : matching) {
      each.used = true;
      if (each.batchClass && *each.batchClass != batchClass)
        continue;
      StringRef expected = fields.set(each.field, each.value);
      if (each.field == "rows" && batchClass == BatchClass::Decode &&
          fields.rows != 1)
        expected = "1 for decode";
      if (!expected.empty())
        return linear.emitError("--set ")
               << each.text << ": found '" << each.value << "', expected "
               << expected;
    }
    auto error = [&] {
      return linear.emitError("--set, ")
             << stringifyBatchClass(batchClass) << ": ";
    };
    list.push_back(lut::TileAttr::getChecked(error, &getContext(), fields.rows,
                                             fields.strategy, fields.blocks,
                                             fields.unroll, fields.tokens));
    if (!list.back())
      return failure();
  }
  linear->setAttr(lut::kTilesAttr, ArrayAttr::get(&getContext(), list));
  return success();
}
} // namespace setun::passes
