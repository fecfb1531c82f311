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
#include <limits>

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

static bool isCacheElement(Attribute attr) {
  auto type = dyn_cast<TypeAttr>(attr);
  return type &&
         (isa<Float32Type, BFloat16Type, Float16Type>(type.getValue()) ||
          type.getValue().isSignlessInteger(8));
}

static bool isPooling(Attribute attr) {
  auto kind = dyn_cast<StringAttr>(attr);
  return kind && (kind == "mean" || kind == "cls" || kind == "last");
}

LogicalResult TernDialect::verifyOperationAttribute(Operation *op,
                                                    NamedAttribute attr) {
  StringRef name = attr.getName();
  bool good = name == kModelAttr       ? isa<ModelAttr>(attr.getValue())
              : name == kFilesAttr     ? isa<ArrayAttr>(attr.getValue())
              : name == kTokenizerAttr ? isa<StringAttr>(attr.getValue())
              : name == kCacheAttr     ? isCacheElement(attr.getValue())
              : name == kPoolingAttr   ? isPooling(attr.getValue())
              : name == kSyntheticAttr ? isa<UnitAttr>(attr.getValue())
              : name == kEmbedAttr || name == kEmbedErrorAttr
                  ? isa<StringAttr>(attr.getValue())
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
                                DenseI32ArrayAttr, ArrayAttr rope,
                                int64_t rotary, ArrayAttr ropeScales) {
  for (int64_t size :
       {vocab, context, layers, hidden, intermediate, heads, kvHeads, headDim})
    if (size <= 0 || size > std::numeric_limits<int32_t>::max())
      return emitError()
             << "found a size of " << size
             << ", expected all sizes to be positive and below 2^31";
  if (heads % kvHeads)
    return emitError() << "found " << heads << " heads for " << kvHeads
                       << " KV heads, expected a multiple";
  if (!llvm::all_of(rope, llvm::IsaPred<FloatAttr>))
    return emitError() << "expected rope angles to be floats";
  if (rotary < 0 || rotary > headDim)
    return emitError() << "found " << rotary << " rotated elements of "
                       << headDim;
  int64_t turned = rotary ? rotary : headDim, angles = rope.size();
  if (turned % 2 || !angles || angles % (turned / 2))
    return emitError() << "found " << angles << " rope angles, expected "
                       << "half of an even head dimension, which is " << turned
                       << ", a table";
  if (ropeScales && (!llvm::all_of(ropeScales, llvm::IsaPred<FloatAttr>) ||
                     angles / (turned / 2) != int64_t(ropeScales.size())))
    return emitError() << "expected a float of ropeScales a table";
  return success();
}

ModelAttr ModelAttr::withMaxContext(int64_t tokens) const {
  return get(getContext(), getName(), getVocab(), tokens, getLayers(),
             getHidden(), getIntermediate(), getHeads(), getKvHeads(),
             getHeadDim(), getBos(), getStop(), getRope(), getRotary(),
             getRopeScales());
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

/// Rule 9.
static LogicalResult verifySource(WeightOp weight) {
  for (FloatAttr number :
       {weight.getSource().getPlus(), weight.getSource().getTimes()})
    if (number && (!number.getType().isF32() || !number.getValue().isFinite() ||
                   weight.getType().getShape().size() != 1))
      return weight.emitOpError("expected plus and times to be finite f32 of a "
                                "vector (rule 9)");
  return success();
}

/// Rule 3 of trits with a scale a row or group.
static LogicalResult verifyScales(WeightOp weight, TritAttr trits) {
  ArrayRef<int64_t> shape = weight.getType().getShape();
  int64_t group = trits.getGroup();
  if (group && (group % 16 || shape[1] % group))
    return weight.emitOpError("found groups of ")
           << group << " of " << shape[1]
           << " columns, expected a multiple of 16 that divides them (rule 3)";
  SmallVector<int64_t> expected{shape[0]};
  if (group)
    expected.push_back(shape[1] / group);
  auto scales = weight.getScales()
                    ? SymbolTable::lookupNearestSymbolFrom<WeightOp>(
                          weight, weight.getScalesAttr())
                    : WeightOp();
  if (scales && isa<DenseAttr>(scales.getType().getElement()) &&
      scales.getType().getShape() == ArrayRef(expected))
    return success();
  InFlightDiagnostic error = weight.emitOpError("expected dense scales ");
  llvm::interleave(expected, error, "x");
  return error << " (rule 3)";
}

LogicalResult WeightOp::verify() {
  if (failed(verifySource(*this)))
    return failure();
  auto trits = dyn_cast<TritAttr>(getType().getElement());
  bool tensor = trits && trits.getScale() == ScaleOf::Tensor;
  if (tensor != getAlpha().has_value() ||
      (trits && !tensor) != getScales().has_value())
    return emitOpError("expected an alpha for trits with a scale a tensor, "
                       "scales for other trits, and neither for dense weights "
                       "(rule 3)");
  if (trits && !tensor)
    return verifyScales(*this, trits);
  if (!tensor)
    return success();
  float alpha = getAlpha()->convertToFloat();
  if (!std::isfinite(alpha) || alpha <= 0)
    return emitOpError("found alpha ")
           << alpha << ", expected a positive finite number (rule 3)";
  return success();
}

/// Rule 4: `name` is a weight of that shape and one of the quantizations.
template <typename... Quantizations>
static LogicalResult verifyWeight(Operation *op, FlatSymbolRefAttr name,
                                  ArrayRef<int64_t> shape) {
  WeightOp weight = getWeight(op, name);
  if (!weight)
    return failure();
  PackedType type = weight.getType();
  if (type.getShape() == shape && isa<Quantizations...>(type.getElement()))
    return success();
  InFlightDiagnostic error = op->emitOpError("weight ")
                             << name << " has type " << type << ", expected ";
  llvm::interleave(shape, error, "x");
  constexpr bool trits = (std::is_same_v<Quantizations, TritAttr> || ...);
  constexpr bool dense = (std::is_same_v<Quantizations, DenseAttr> || ...);
  return error << (trits && dense ? " trits or dense weights"
                   : trits        ? " trits"
                                  : " dense weights")
               << " (rule 4)";
}

/// The numbers of the model around `op`, or null: pieces verify without one.
static ModelAttr findModel(Operation *op) {
  auto module = op->getParentOfType<ModuleOp>();
  return module ? module->getAttrOfType<ModelAttr>(kModelAttr) : nullptr;
}

/// Rule 7: ids and logits range over the model's vocabulary.
static LogicalResult verifyVocabulary(Operation *op, int64_t size) {
  ModelAttr model = findModel(op);
  if (!model || size == model.getVocab())
    return success();
  return op->emitOpError("found a vocabulary of ")
         << size << ", expected the model's " << model.getVocab()
         << " (rule 7)";
}

LogicalResult EmbeddingOp::verify() {
  WeightOp weight = tern::getWeight(*this, getWeightAttr());
  if (!weight)
    return failure();
  int64_t rows = weight.getType().getShape().front();
  if (failed(verifyWeight<DenseAttr>(*this, getWeightAttr(),
                                     {rows, getWidth(getResult())})))
    return failure();
  return verifyVocabulary(*this, rows);
}

LogicalResult QuantizeOp::verify() {
  if (getType().getWidth() == getWidth(getInput()))
    return success();
  return emitOpError("found a result of width ")
         << getType().getWidth() << ", expected " << getWidth(getInput());
}

LogicalResult NormOp::verify() {
  return verifyWeight<DenseAttr>(*this, getWeightAttr(), getWidth(getInput()));
}

/// Quantized activations are multiplied by trits, floats by all weights.
static LogicalResult verifyFactor(Operation *op, FlatSymbolRefAttr name,
                                  ArrayRef<int64_t> shape, bool quantized) {
  return quantized ? verifyWeight<TritAttr>(op, name, shape)
                   : verifyWeight<TritAttr, DenseAttr>(op, name, shape);
}

LogicalResult MatmulOp::verify() {
  int64_t rows = getWidth(getResult());
  if (getBias() && failed(verifyWeight<DenseAttr>(*this, getBiasAttr(), rows)))
    return failure();
  auto quantized = dyn_cast<QuantizedType>(getInput().getType());
  int64_t columns = quantized ? quantized.getWidth() : getWidth(getInput());
  return verifyFactor(*this, getWeightAttr(), {rows, columns}, bool(quantized));
}

LogicalResult HeadOp::verify() {
  if (failed(verifyWeight<DenseAttr>(
          *this, getWeightAttr(),
          {getWidth(getResult()), getWidth(getInput())})))
    return failure();
  return verifyVocabulary(*this, getWidth(getResult()));
}

/// Rule 8.
static LogicalResult verifyScores(AttentionOp op) {
  if (op.getNorms().has_value() != op.getEps().has_value() ||
      (op.getNorms() && op.getNorms()->size() != 2))
    return op.emitOpError("expected two norms and their eps, or neither "
                          "(rule 8)");
  if (op.getWindow() && *op.getWindow() <= 0)
    return op.emitOpError("found a window of ")
           << *op.getWindow() << ", expected at least 1 (rule 8)";
  if (op.getScale() && !(op.getScale()->convertToDouble() > 0))
    return op.emitOpError("expected a positive scale (rule 8)");
  return success();
}

LogicalResult AttentionOp::verify() {
  if (failed(verifyScores(*this)))
    return failure();
  ModelAttr model = findModel(*this);
  if (!model)
    return success();
  if (getNorms())
    for (auto name : getNorms()->getAsRange<FlatSymbolRefAttr>())
      if (failed(verifyWeight<DenseAttr>(*this, name, model.getHeadDim())))
        return failure();
  int64_t table = getRope().value_or(0);
  if (table < 0 || table >= model.getRopeTables())
    return emitOpError("found rope table ")
           << table << ", expected one below " << model.getRopeTables()
           << " (rule 6)";
  int64_t layer = getLayer(), q = model.getHeads() * model.getHeadDim(),
          kv = model.getKvHeads() * model.getHeadDim();
  if (layer < 0 || layer >= model.getLayers())
    return emitOpError("found layer ") << layer << ", expected one below "
                                       << model.getLayers() << " (rule 6)";
  if (getWidth(getQ()) != q || getWidth(getResult()) != q ||
      getWidth(getK()) != kv || getWidth(getV()) != kv)
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
  if (getResidual() && getResidual().getType() != getOutputs()[0].getType())
    return emitOpError("found a residual of type ")
           << getResidual().getType() << ", expected the result's (rule 5)";
  if (getNorm().has_value() != getEps().has_value())
    return emitOpError("expected a norm and its eps, or neither");
  int64_t width = getWidth(getInput());
  if (getNorm() && failed(verifyWeight<DenseAttr>(*this, getNormAttr(), width)))
    return failure();
  if (getBiases() && getBiases()->size() != weights)
    return emitOpError("found ") << getBiases()->size() << " biases for "
                                 << weights << " weights (rule 5)";
  for (auto [i, name] : llvm::enumerate(getWeights())) {
    int64_t out = getWidth(getOutputs()[getGate() ? 0 : i]);
    if (getBiases() &&
        failed(verifyWeight<DenseAttr>(
            *this, cast<FlatSymbolRefAttr>((*getBiases())[i]), out)))
      return failure();
    if (failed(verifyFactor(*this, cast<FlatSymbolRefAttr>(name), {out, width},
                            getQuantizer().has_value())))
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

int64_t getWidth(Value rows) {
  return cast<RankedTensorType>(rows.getType()).getShape().back();
}

WeightOp getWeight(Operation *user, FlatSymbolRefAttr name) {
  auto weight = SymbolTable::lookupNearestSymbolFrom<WeightOp>(user, name);
  if (!weight)
    user->emitOpError("names ") << name << ", which is no tern.weight";
  return weight;
}

std::optional<ScaleOf> getScaleOf(WeightOp weight) {
  if (auto trits = dyn_cast<TritAttr>(weight.getType().getElement()))
    return trits.getScale();
  return std::nullopt;
}

int64_t getScaleColumns(WeightOp weight) {
  if (!weight.getScales())
    return 0;
  auto trits = cast<TritAttr>(weight.getType().getElement());
  return trits.getGroup() ? trits.getGroup() : weight.getType().getShape()[1];
}

static StringRef getTensor(FlatSymbolRefAttr weight) {
  StringRef name = weight.getValue();
  name.consume_back(".weight");
  return name;
}

std::string getLabel(Operation *op) {
  return llvm::TypeSwitch<Operation *, std::string>(op)
      .Case<EmbeddingOp, NormOp>(
          [](auto typed) { return getTensor(typed.getWeightAttr()).str(); })
      .Case([](FusedLinearOp linear) {
        std::string label;
        for (auto weight :
             linear.getWeights().getAsRange<FlatSymbolRefAttr>()) {
          StringRef name = getTensor(weight);
          label += label.empty()
                       ? name.str()
                       : "+" + name.drop_front(name.rfind('.') + 1).str();
        }
        return label;
      })
      .Case([](AttentionOp attention) {
        return "attention." + std::to_string(attention.getLayer());
      })
      .Default([](Operation *other) {
        return other->getName().stripDialect().str();
      });
}

} // namespace setun::tern
