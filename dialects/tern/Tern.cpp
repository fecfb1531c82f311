//===- Tern.cpp - Verifiers and printing of the tern dialect --------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/tern/Tern.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

#include <cmath>

using namespace mlir;

#include "dialects/tern/Dialect.cpp.inc"
#include "dialects/tern/Enums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/tern/Attrs.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "dialects/tern/Types.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/tern/Ops.cpp.inc"

namespace setun::tern {

void TernDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/tern/Attrs.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/tern/Types.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/tern/Ops.cpp.inc"
      >();
}

LogicalResult TernDialect::verifyOperationAttribute(Operation *op,
                                                    NamedAttribute attr) {
  StringRef name = attr.getName();
  bool good = name == kModelAttr       ? isa<ModelAttr>(attr.getValue())
              : name == kFilesAttr     ? isa<ArrayAttr>(attr.getValue())
              : name == kTokenizerAttr ? isa<StringAttr>(attr.getValue())
                                       : false;
  if (good && isa<ModuleOp>(op))
    return success();
  return op->emitOpError("unexpected attribute '") << name << "'";
}

//===----------------------------------------------------------------------===//
// Attributes and types
//===----------------------------------------------------------------------===//

LogicalResult TritAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                               ScaleOf scale, int64_t group) {
  if ((scale == ScaleOf::Group) == (group > 0))
    return success();
  return emitError() << "a scale per group needs a group size, others have "
                        "none; found "
                     << stringifyScaleOf(scale) << " with " << group
                     << " (rule 1)";
}

LogicalResult ModelAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                StringRef, int64_t vocab, int64_t context,
                                int64_t layers, int64_t hidden,
                                int64_t intermediate, int64_t heads,
                                int64_t kvHeads, int64_t headDim, int64_t,
                                DenseI32ArrayAttr, ArrayAttr rope) {
  for (int64_t size : {vocab, context, layers, hidden, intermediate, heads,
                       kvHeads, headDim})
    if (size <= 0)
      return emitError() << "found a size of " << size
                         << ", expected all sizes to be positive";
  if (heads % kvHeads)
    return emitError() << "found " << heads << " heads for " << kvHeads
                       << " KV heads, expected a multiple";
  if (!llvm::all_of(rope, llvm::IsaPred<FloatAttr>))
    return emitError() << "expected rope angles to be floats";
  if (headDim % 2 || static_cast<int64_t>(rope.size()) != headDim / 2)
    return emitError() << "found " << rope.size() << " rope angles, expected "
                       << "half of an even head dimension, which is "
                       << headDim;
  return success();
}

Type PackedType::parse(AsmParser &parser) {
  SmallVector<int64_t> shape;
  Attribute element;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() ||
      parser.parseDimensionList(shape, /*allowDynamic=*/false,
                                /*withTrailingX=*/false) ||
      parser.parseComma() || parser.parseAttribute(element) ||
      parser.parseGreater())
    return {};
  return parser.getChecked<PackedType>(loc, parser.getContext(), shape,
                                       element);
}

void PackedType::print(AsmPrinter &printer) const {
  printer << '<';
  llvm::interleave(getShape(), printer.getStream(), "x");
  printer << ", " << getElement() << '>';
}

LogicalResult PackedType::verify(function_ref<InFlightDiagnostic()> emitError,
                                 ArrayRef<int64_t> shape, Attribute element) {
  if (shape.empty() || shape.size() > 2 ||
      llvm::any_of(shape, [](int64_t dim) { return dim <= 0; }))
    return emitError() << "expected one or two positive dimensions (rule 2)";
  if (!isa<TritAttr, DenseAttr>(element))
    return emitError() << "found quantization " << element
                       << ", expected #tern.trit or #tern.dense";
  return success();
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

LogicalResult WeightOp::verify() {
  bool trits = isa<TritAttr>(getType().getElement());
  if (trits != getAlpha().has_value())
    return emitOpError("expected an alpha for trits and none for dense "
                       "weights (rule 3)");
  if (!trits)
    return success();
  float alpha = getAlpha()->convertToFloat();
  if (!std::isfinite(alpha) || alpha <= 0)
    return emitOpError("found alpha ")
           << alpha << ", expected a positive finite number (rule 3)";
  return success();
}

static int64_t widthOf(Value rows) {
  return cast<RankedTensorType>(rows.getType()).getShape().back();
}

LogicalResult FusedLinearOp::verify() {
  size_t weights = getWeights().size();
  if (getGate() ? weights != 2 || getOutputs().size() != 1
                : weights != getOutputs().size())
    return emitOpError("found ")
           << weights << " weights and " << getOutputs().size()
           << " results, expected one result a weight, or gate and up with "
              "one result (rule 4)";
  if (getResidual() && (weights != 1 || getGate()))
    return emitOpError("a residual needs one weight and no gate (rule 5)");
  for (auto [i, name] : llvm::enumerate(getWeights())) {
    WeightOp weight = getWeight(*this, cast<FlatSymbolRefAttr>(name));
    if (!weight)
      return failure();
    ArrayRef<int64_t> shape = weight.getType().getShape();
    int64_t out = widthOf(getOutputs()[getGate() ? 0 : i]);
    if (shape.size() != 2 || shape[0] != out ||
        shape[1] != widthOf(getInput()))
      return emitOpError("weight ")
             << name << " has type " << weight.getType() << ", expected " << out
             << "x" << widthOf(getInput()) << " (rule 4)";
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Look-ups
//===----------------------------------------------------------------------===//

ModelAttr getModel(ModuleOp module) {
  auto model = module->getAttrOfType<ModelAttr>(kModelAttr);
  if (!model)
    module.emitError("the module has no '") << kModelAttr << "' attribute";
  return model;
}

WeightOp getWeight(Operation *user, FlatSymbolRefAttr name) {
  auto weight = SymbolTable::lookupNearestSymbolFrom<WeightOp>(user, name);
  if (!weight)
    user->emitOpError("names ") << name << ", which is no tern.weight";
  return weight;
}

} // namespace setun::tern
