//===- Linear.cpp - Packing and tiles of a linear -------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Linear.h"

#include "mlir/AsmParser/AsmParser.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using llvm::createStringError;
using llvm::Error;

namespace setun::passes {

LinearShape LinearShape::get(tern::FusedLinearOp linear) {
  LinearShape shape;
  for (Attribute name : linear.getWeights()) {
    auto weight = tern::getWeight(linear, cast<FlatSymbolRefAttr>(name));
    ArrayRef<int64_t> sizes = weight.getType().getShape();
    shape.rows.push_back(sizes[0]);
    shape.columns = sizes[1];
  }
  if (auto gate = linear.getGate())
    shape.gate = tern::stringifyGate(*gate).str();
  shape.residual = bool(linear.getResidual());
  return shape;
}

LinearShape LinearShape::get(lut::ChoiceAttr choice) {
  LinearShape shape;
  shape.rows.append(choice.getRows().asArrayRef().begin(),
                    choice.getRows().asArrayRef().end());
  shape.columns = choice.getColumns();
  shape.gate = choice.getGate().str();
  shape.residual = choice.getResidual();
  return shape;
}

bool isPicked(tern::FusedLinearOp linear) {
  return !linear.getQuantizer() ||
         llvm::any_of(linear.getWeights(), [&](Attribute name) {
           auto weight = tern::getWeight(linear, cast<FlatSymbolRefAttr>(name));
           return weight && tern::getScaleOf(weight) == tern::ScaleOf::Group;
         });
}

//===----------------------------------------------------------------------===//
// Packings
//===----------------------------------------------------------------------===//

/// The packing of a word, or null.
static lut::PackingInterface parsePacking(StringRef word,
                                          MLIRContext *context) {
  if (!llvm::all_of(word, llvm::isAlnum))
    return nullptr;
  ScopedDiagnosticHandler silence(context, [](Diagnostic &) {});
  return dyn_cast_or_null<lut::PackingInterface>(
      parseAttribute(("#lut." + word).str(), context));
}

template <typename... Attrs>
static std::string listPackingWords(MLIRContext *context) {
  SmallVector<StringRef> words;
  for (StringRef word : {StringRef(Attrs::getMnemonic())...})
    if (parsePacking(word, context))
      words.push_back(word);
  return llvm::join(words, " or ");
}

/// The words of all packings that have no parameters.
static std::string listPackingWords(MLIRContext *context) {
  return listPackingWords<
#define GET_ATTRDEF_LIST
#include "dialects/lut/Attrs.cpp.inc"
      >(context);
}

llvm::Expected<lut::PackingInterface> findPacking(StringRef word,
                                                  MLIRContext *context) {
  if (auto packing = parsePacking(word, context))
    return packing;
  return createStringError("unknown packing '" + word + "', expected " +
                           listPackingWords(context));
}

SmallVector<lut::PackingInterface> listPackings(lut::TargetAttr target) {
  MLIRContext *context = target.getContext();
  lut::PackingInterface two = lut::I2Attr::get(context);
  lut::PackingInterface three = lut::B3Attr::get(context);
  if (target.getBase3())
    return {three, two};
  return {two, three};
}

llvm::Expected<lut::PackingInterface> getPacking(tern::FusedLinearOp linear) {
  lut::PackingInterface packing;
  for (auto name : linear.getWeights().getAsRange<FlatSymbolRefAttr>()) {
    packing = tern::getWeight(linear, name)
                  ->getAttrOfType<lut::PackingInterface>(lut::kPackingAttr);
    if (!packing)
      return createStringError("weight @" + name.getValue() +
                               " has no packing; run the encode stage first");
  }
  return packing;
}

void setPacking(tern::FusedLinearOp linear, lut::PackingInterface packing) {
  for (auto name : linear.getWeights().getAsRange<FlatSymbolRefAttr>())
    tern::getWeight(linear, name)->setAttr(lut::kPackingAttr, packing);
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

Error TileChange::set(StringRef field, StringRef value) {
  if (field == "strategy") {
    strategy = lut::symbolizeStrategy(value);
    if (!strategy || *strategy == lut::Strategy::Skip ||
        *strategy == lut::Strategy::Pick)
      return createStringError("found '" + value +
                               "', expected mad, table or lookup");
    return Error::success();
  }
  int64_t number;
  if (value.getAsInteger(10, number))
    return createStringError("found '" + value + "', expected a number");
  std::optional<int64_t> &known = field == "rows"     ? rows
                                  : field == "blocks" ? blocks
                                  : field == "unroll" ? unroll
                                                      : tokens;
  known = number;
  return Error::success();
}

void TileChange::merge(const TileChange &other) {
  auto take = [](auto &own, auto &others) {
    if (others)
      own = others;
  };
  take(rows, other.rows);
  take(blocks, other.blocks);
  take(unroll, other.unroll);
  take(tokens, other.tokens);
  take(strategy, other.strategy);
}

using EmitError = function_ref<InFlightDiagnostic()>;

/// What a verifier says as an error.
static Error explain(MLIRContext *context,
                     function_ref<LogicalResult(EmitError)> verify) {
  std::string text;
  ScopedDiagnosticHandler handler(
      context, [&](Diagnostic &diagnostic) { text += diagnostic.str(); });
  if (succeeded(verify([&] { return emitError(UnknownLoc::get(context)); })))
    return Error::success();
  return createStringError(text);
}

Error verifyTile(lut::TileAttr tile, const LinearShape &shape,
                 lut::PackingInterface packing, BatchClass batchClass) {
  if (batchClass == BatchClass::Decode && tile.getRows() != 1)
    return createStringError("found " + Twine(tile.getRows()) +
                             " rows, expected 1 for decode");
  return explain(packing.getContext(), [&](EmitError emitError) {
    return success(llvm::all_of(shape.rows, [&](int64_t rows) {
      return succeeded(
          lut::verifyTile(emitError, packing, {rows, shape.columns}, tile));
    }));
  });
}

static llvm::Expected<lut::TileAttr> makeTile(lut::TileAttr old,
                                              const TileChange &change) {
  lut::TileAttr tile;
  Error error = explain(old.getContext(), [&](EmitError emitError) {
    tile = lut::TileAttr::getChecked(
        emitError, old.getContext(), change.rows.value_or(old.getRows()),
        change.strategy.value_or(old.getStrategy()),
        change.blocks.value_or(old.getBlocks()),
        change.unroll.value_or(old.getUnroll()),
        change.tokens.value_or(old.getTokens()));
    return success(bool(tile));
  });
  if (error)
    return std::move(error);
  return tile;
}

Error changeTile(tern::FusedLinearOp linear, BatchClass batchClass,
                 const TileChange &change) {
  auto tiles = linear->getAttrOfType<ArrayAttr>(lut::kTilesAttr);
  if (!tiles || tiles.size() != std::size(kBatchClasses))
    return createStringError("found no tiles for decode, small and prefill");
  auto packing = getPacking(linear);
  if (!packing)
    return packing.takeError();
  SmallVector<Attribute> list(tiles.getValue());
  Attribute &changed = list[static_cast<unsigned>(batchClass)];
  auto tile = makeTile(cast<lut::TileAttr>(changed), change);
  if (!tile)
    return tile.takeError();
  if (Error error =
          verifyTile(*tile, LinearShape::get(linear), *packing, batchClass))
    return error;
  changed = *tile;
  linear->setAttr(lut::kTilesAttr, ArrayAttr::get(linear.getContext(), list));
  return Error::success();
}

} // namespace setun::passes
