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
  for (int64_t size :
       {vocab, context, layers, hidden, intermediate, heads, kvHeads, headDim})
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
  if (isa<TritAttr>(element) && shape.size() != 2)
    return emitError() << "found a vector of trits, expected a matrix (rule 2)";
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

/// Rule 4: `name` is a weight of that shape, of trits or dense.
template <typename Quantization>
static LogicalResult verifyWeight(Operation *op, FlatSymbolRefAttr name,
                                  ArrayRef<int64_t> shape) {
  WeightOp weight = getWeight(op, name);
  if (!weight)
    return failure();
  PackedType type = weight.getType();
  if (type.getShape() == shape && isa<Quantization>(type.getElement()))
    return success();
  InFlightDiagnostic error = op->emitOpError("weight ")
                             << name << " has type " << type << ", expected ";
  llvm::interleave(shape, error, "x");
  constexpr bool trits = std::is_same_v<Quantization, TritAttr>;
  return error << (trits ? " trits" : " dense weights") << " (rule 4)";
}

LogicalResult EmbeddingOp::verify() {
  // As many rows as the vocabulary has, whatever that is.
  WeightOp weight = tern::getWeight(*this, getWeightAttr());
  return failure(!weight || failed(verifyWeight<DenseAttr>(
                                *this, getWeightAttr(),
                                {weight.getType().getShape().front(),
                                 widthOf(getResult())})));
}

LogicalResult NormOp::verify() {
  return verifyWeight<DenseAttr>(*this, getWeightAttr(), widthOf(getInput()));
}

LogicalResult MatmulOp::verify() {
  return verifyWeight<TritAttr>(
      *this, getWeightAttr(),
      {widthOf(getResult()), getInput().getType().getWidth()});
}

LogicalResult HeadOp::verify() {
  return verifyWeight<DenseAttr>(*this, getWeightAttr(),
                                 {widthOf(getResult()), widthOf(getInput())});
}

LogicalResult AttentionOp::verify() {
  auto module = (*this)->getParentOfType<ModuleOp>();
  auto model = module ? module->getAttrOfType<ModelAttr>(kModelAttr) : nullptr;
  if (!model)
    return success();
  int64_t layer = getLayer(), q = model.getHeads() * model.getHeadDim(),
          kv = model.getKvHeads() * model.getHeadDim();
  if (layer < 0 || layer >= model.getLayers())
    return emitOpError("found layer ") << layer << ", expected one below "
                                       << model.getLayers() << " (rule 6)";
  if (widthOf(getQ()) != q || widthOf(getResult()) != q ||
      widthOf(getK()) != kv || widthOf(getV()) != kv)
    return emitOpError("expected q and result of width ")
           << q << ", k and v of width " << kv << " (rule 6)";
  return success();
}

LogicalResult FusedLinearOp::verify() {
  size_t weights = getWeights().size();
  if (getGate() ? weights != 2 || getOutputs().size() != 1
                : weights == 0 || weights != getOutputs().size())
    return emitOpError("found ")
           << weights << " weights and " << getOutputs().size()
           << " results, expected one result a weight, or gate and up with "
              "one result (rule 4)";
  if (getResidual() && (weights != 1 || getGate()))
    return emitOpError("a residual needs one weight and no gate (rule 5)");
  if (getNorm().has_value() != getEps().has_value())
    return emitOpError("expected a norm and its eps, or neither");
  int64_t width = widthOf(getInput());
  if (getNorm() && failed(verifyWeight<DenseAttr>(*this, getNormAttr(), width)))
    return failure();
  for (auto [i, name] : llvm::enumerate(getWeights())) {
    int64_t out = widthOf(getOutputs()[getGate() ? 0 : i]);
    if (failed(verifyWeight<TritAttr>(*this, cast<FlatSymbolRefAttr>(name),
                                      {out, width})))
      return failure();
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
