//===- Schedule.cpp - Packings and tiles by transform ops -----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/schedule/Schedule.h"

#include "passes/Overrides.h"

#include <set>

using namespace mlir;
using transform::TransformResults;
using transform::TransformRewriter;
using transform::TransformState;

#define GET_OP_CLASSES
#include "passes/schedule/Schedule.cpp.inc"

namespace setun::passes {

namespace {
struct Extension : transform::TransformDialectExtension<Extension> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(Extension)
  using Base::Base;

  void init() {
    declareDependentDialect<lut::LutDialect>();
    declareDependentDialect<tern::TernDialect>();
    registerTransformOps<
#define GET_OP_LIST
#include "passes/schedule/Schedule.cpp.inc"
        >();
  }
};
} // namespace

void registerSchedules(DialectRegistry &registry) {
  registry.insert<transform::TransformDialect>();
  registry.addExtensions<Extension>();
}

ModuleOp getSchedule(ModuleOp module) {
  for (auto inner : module.getOps<ModuleOp>())
    if (inner->hasAttr(transform::TransformDialect::kWithNamedSequenceAttrName))
      return inner;
  return nullptr;
}

transform::NamedSequenceOp getSequence(ModuleOp schedule, StringRef stage) {
  return schedule.lookupSymbol<transform::NamedSequenceOp>(stage);
}

/// Calls `apply` for the linears of a handle; tells every problem once.
template <typename Op>
static DiagnosedSilenceableFailure
forEachLinear(Op op, TransformState &state,
              function_ref<llvm::Error(tern::FusedLinearOp)> apply) {
  std::set<std::string> problems;
  for (Operation *payload : state.getPayloadOps(op.getLinears())) {
    auto linear = dyn_cast<tern::FusedLinearOp>(payload);
    llvm::Error error =
        linear ? apply(linear)
               : llvm::createStringError("found '" +
                                         payload->getName().getStringRef() +
                                         "', expected tern.fused_linear");
    if (error)
      problems.insert(toString(std::move(error)));
  }
  if (problems.empty())
    return DiagnosedSilenceableFailure::success();
  return op.emitSilenceableError() << llvm::join(problems, "; ");
}

//===----------------------------------------------------------------------===//
// match_linears
//===----------------------------------------------------------------------===//

LogicalResult MatchLinearsOp::verify() {
  if (llvm::Error error = verifyPattern(getNames()))
    return emitOpError(toString(std::move(error)));
  return success();
}

void MatchLinearsOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  transform::onlyReadsHandle(getRootMutable(), effects);
  transform::producesHandle(getOperation()->getOpResults(), effects);
  transform::onlyReadsPayload(effects);
}

DiagnosedSilenceableFailure MatchLinearsOp::apply(TransformRewriter &,
                                                  TransformResults &results,
                                                  TransformState &state) {
  SmallVector<Operation *> matching;
  SmallVector<StringRef> names;
  for (Operation *root : state.getPayloadOps(getRoot()))
    root->walk([&](tern::FusedLinearOp linear) {
      if (!isPicked(linear) && matchesLinear(getNames(), linear, &names))
        matching.push_back(linear);
    });
  if (matching.empty())
    return emitSilenceableError() << explainNoMatch(getNames(), names);
  results.set(getOperation()->getOpResult(0), matching);
  return DiagnosedSilenceableFailure::success();
}

//===----------------------------------------------------------------------===//
// set_packing
//===----------------------------------------------------------------------===//

LogicalResult SetPackingOp::verify() {
  auto packing = findPacking(getPacking(), getContext());
  if (!packing)
    return emitOpError(toString(packing.takeError()));
  return success();
}

void SetPackingOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  transform::onlyReadsHandle(getLinearsMutable(), effects);
  transform::modifiesPayload(effects);
}

DiagnosedSilenceableFailure SetPackingOp::apply(TransformRewriter &,
                                                TransformResults &,
                                                TransformState &state) {
  return forEachLinear(
      *this, state, [&](tern::FusedLinearOp linear) -> llvm::Error {
        if (linear->hasAttr(lut::kTilesAttr))
          return llvm::createStringError(
              "found tiles, which depend on packings; expected it in @encode");
        passes::setPacking(linear,
                           cantFail(findPacking(getPacking(), getContext())));
        return llvm::Error::success();
      });
}

//===----------------------------------------------------------------------===//
// set_tile
//===----------------------------------------------------------------------===//

LogicalResult SetTileOp::verify() {
  if (auto word = getBatchClass(); word && !symbolizeBatchClass(*word))
    return emitOpError("found batch class '")
           << *word << "', expected decode, small or prefill";
  if (TileChange change; getStrategy())
    if (llvm::Error error = change.set("strategy", *getStrategy()))
      return emitOpError("strategy: ") << toString(std::move(error));
  if (getRows() || getStrategy() || getBlocks() || getUnroll() || getTokens())
    return success();
  return emitOpError("found no field to set, expected rows, strategy, blocks, "
                     "unroll or tokens");
}

void SetTileOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  transform::onlyReadsHandle(getLinearsMutable(), effects);
  transform::modifiesPayload(effects);
}

DiagnosedSilenceableFailure SetTileOp::apply(TransformRewriter &,
                                             TransformResults &,
                                             TransformState &state) {
  TileChange change;
  change.rows = getRows();
  change.blocks = getBlocks();
  change.unroll = getUnroll();
  change.tokens = getTokens();
  if (getStrategy())
    change.strategy = lut::symbolizeStrategy(*getStrategy());
  return forEachLinear(
      *this, state, [&](tern::FusedLinearOp linear) -> llvm::Error {
        for (BatchClass each : kBatchClasses) {
          StringRef word = stringifyBatchClass(each);
          if (getBatchClass().value_or(word) != word)
            continue;
          if (llvm::Error error = changeTile(linear, each, change))
            return llvm::createStringError(word + ": " +
                                           toString(std::move(error)));
        }
        return llvm::Error::success();
      });
}

} // namespace setun::passes
