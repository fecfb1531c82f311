//===- Convert.cpp - Between messages and what passes know ----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/tuning/Convert.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace setun::tuning {

Linear toMessage(const passes::LinearShape &shape) {
  Linear linear;
  linear.mutable_rows()->Add(shape.rows.begin(), shape.rows.end());
  linear.set_columns(shape.columns);
  linear.set_gate(shape.gate);
  linear.set_residual(shape.residual);
  return linear;
}

Tile toMessage(lut::TileAttr tile) {
  Tile message;
  message.set_strategy(lut::stringifyStrategy(tile.getStrategy()).str());
  message.set_rows(tile.getRows());
  message.set_blocks(tile.getBlocks());
  message.set_unroll(tile.getUnroll());
  message.set_tokens(tile.getTokens());
  return message;
}

passes::LinearShape toShape(const Linear &linear) {
  passes::LinearShape shape;
  shape.rows.assign(linear.rows().begin(), linear.rows().end());
  shape.columns = linear.columns();
  shape.gate = linear.gate();
  shape.residual = linear.residual();
  return shape;
}

lut::TileAttr toAttribute(const Tile &tile, MLIRContext *context,
                          function_ref<InFlightDiagnostic()> emitError) {
  auto strategy = lut::symbolizeStrategy(tile.strategy());
  if (!strategy)
    return emitError() << "found strategy '" << tile.strategy() << "'", nullptr;
  return lut::TileAttr::getChecked(emitError, context, tile.rows(), *strategy,
                                   tile.blocks(), tile.unroll(), tile.tokens());
}

std::string print(const passes::LinearShape &shape) {
  auto toText = [](int64_t rows) { return std::to_string(rows); };
  std::string text = std::to_string(shape.columns) + " > " +
                     llvm::join(llvm::map_range(shape.rows, toText), ",");
  if (!shape.gate.empty())
    text += " " + shape.gate;
  return text + (shape.residual ? " +" : "");
}

std::string print(lut::TargetAttr target) {
  std::string text;
  llvm::raw_string_ostream(text) << target;
  return text;
}

} // namespace setun::tuning
