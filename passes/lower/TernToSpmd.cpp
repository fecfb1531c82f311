//===- TernToSpmd.cpp - The forward function becomes steps ----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/BatchClass.h"
#include "passes/Linear.h"
#include "passes/Passes.h"
#include "passes/lower/StepLowering.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace setun::passes {
#define GEN_PASS_DEF_TERNTOSPMD
#include "passes/Passes.h.inc"

/// Bounds are those of the rows they were made from.
static LogicalResult verifyScreen(tern::HeadOp head) {
  auto name = head->getAttrOfType<FlatSymbolRefAttr>(lut::kScreenAttr);
  if (!name)
    return success();
  tern::WeightOp dense = tern::getWeight(head, head.getWeightAttr());
  tern::WeightOp screen = tern::getWeight(head, name);
  if (!dense || !screen)
    return failure();
  if (isa_and_nonnull<lut::ScreenAttr>(screen->getAttr(lut::kPackingAttr)) &&
      screen.getType() == dense.getType() &&
      screen.getSource() == dense.getSource())
    return success();
  return head.emitOpError("found screen ")
         << name << ", expected the type and source of " << head.getWeightAttr()
         << ", packed as #lut.screen";
}

/// Rule: one block, ids → the logits of one head, which nobody else reads.
static LogicalResult verifyForward(func::FuncOp forward) {
  auto ids = RankedTensorType::get({ShapedType::kDynamic},
                                   IntegerType::get(forward.getContext(), 32));
  if (!llvm::hasSingleElement(forward.getBody()) ||
      !llvm::equal(forward.getArgumentTypes(), TypeRange(ids)))
    return forward.emitError("expected one block and the argument ")
           << ids << " alone";
  auto end = dyn_cast<func::ReturnOp>(forward.front().getTerminator());
  if (!end || end.getNumOperands() != 1 ||
      !end.getOperand(0).getDefiningOp<tern::HeadOp>() ||
      !llvm::hasSingleElement(forward.getOps<tern::HeadOp>()) ||
      !end.getOperand(0).hasOneUse())
    return forward.emitError("expected to return what its one tern.head makes");
  return verifyScreen(end.getOperand(0).getDefiningOp<tern::HeadOp>());
}

/// Whether `tile` can be made into a kernel for every weight of `op`.
static LogicalResult verifyTile(tern::FusedLinearOp op, lut::TileAttr tile) {
  for (Attribute name : op.getWeights()) {
    tern::WeightOp weight = tern::getWeight(op, cast<FlatSymbolRefAttr>(name));
    bool picks = tile.getStrategy() == lut::Strategy::Pick;
    if (picks != isPicked(op))
      return op.emitOpError("found a tile of strategy ")
             << lut::stringifyStrategy(tile.getStrategy())
             << ", expected pick for floats and scales of groups, and only "
                "there";
    if (isa_and_nonnull<lut::RowsAttr>(weight->getAttr(lut::kPackingAttr)))
      continue; // any tile
    auto packing =
        weight->getAttrOfType<lut::PackingInterface>(lut::kPackingAttr);
    if (!packing)
      return op.emitError("weight ") << name
                                     << " has no packing; run the encode stage "
                                        "first";
    auto error = [&] { return op.emitOpError("weight ") << name << ": "; };
    if (failed(lut::verifyTile(error, packing, weight.getType().getShape(),
                               tile,
                               /*floats=*/!op.getQuantizer())))
      return failure();
  }
  return success();
}

/// Whether what `op` skips lies in copies that its kernels can read.
static LogicalResult verifySkip(tern::FusedLinearOp op) {
  if (!op->hasAttr(lut::kSkipAttr))
    return success();
  auto order = op.getGate() ? lut::Order::Rows : lut::Order::Columns;
  auto name = cast<FlatSymbolRefAttr>(op.getWeights().getValue().back());
  tern::WeightOp weight = tern::getWeight(op, name);
  auto lines = weight->getAttrOfType<lut::LinesAttr>(lut::kSkipPackingAttr);
  bool rectified = !op.getGate() || *op.getGate() == tern::Gate::ReLU2;
  if (lines && lines.getOrder() == order && rectified &&
      (op.getGate() || op.getWeights().size() == 1) &&
      weight->hasAttr(lut::kSkipOffsetAttr))
    return success();
  return op.emitOpError("found '")
         << lut::kSkipAttr << "', expected the gate relu2 or one weight, and "
         << name << " with '" << lut::kSkipPackingAttr
         << "' = " << lut::LinesAttr::get(op.getContext(), order);
}

namespace {
/// The rows of a batch class, those its buffers have, and those that cost no
/// more than one of them.
struct BatchRows {
  int64_t most = 0, padded = 0, together = 1;
};
} // namespace

/// The batch classes, the same for every linear.
static FailureOr<SmallVector<BatchRows>> getClasses(func::FuncOp forward) {
  SmallVector<BatchRows> classes;
  auto result = forward.walk([&](tern::FusedLinearOp op) -> WalkResult {
    auto tiles = op->getAttrOfType<ArrayAttr>(lut::kTilesAttr);
    if (!tiles)
      return op.emitOpError("has no tiles; run the tile stage first");
    if (failed(verifySkip(op)))
      return WalkResult::interrupt();
    if (classes.empty())
      classes.resize(tiles.size());
    if (classes.size() != tiles.size())
      return op.emitOpError("found ") << tiles.size() << " tiles, expected "
                                      << classes.size() << " as elsewhere";
    for (auto [known, attr] : llvm::zip(classes, tiles)) {
      auto tile = cast<lut::TileAttr>(attr);
      if (failed(verifyTile(op, tile)))
        return WalkResult::interrupt();
      if (known.most && known.most != tile.getRows())
        return op.emitOpError("found a tile for ")
               << tile.getRows() << " rows, expected " << known.most
               << " as elsewhere";
      known.most = tile.getRows();
      known.padded =
          std::max(known.padded, lut::roundUp(known.most, tile.getTokens()));
      if (tile.getStrategy() == lut::Strategy::Lookup)
        known.together = tile.getTokens();
    }
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return failure();
  for (size_t i = 1; i < classes.size(); ++i)
    if (classes[i - 1].most >= classes[i].most)
      return forward.emitError("found tiles for ")
             << classes[i - 1].most << " and then " << classes[i].most
             << " rows, expected ascending rows";
  if (classes.empty())
    return forward.emitError("expected a tern.fused_linear; run the fuse stage "
                             "first");
  return classes;
}

/// Positions of a chunk at most.
static constexpr int64_t kChunkPositions = 256;

CacheLayout getCacheLayout(ModuleOp module, tern::ModelAttr model) {
  Type element = Float32Type::get(module.getContext());
  if (auto chosen = module->getAttrOfType<TypeAttr>(tern::kCacheAttr))
    element = chosen.getValue();
  return {element,
          std::min(kChunkPositions, lut::padded(model.getMaxContext())),
          element.getIntOrFloatBitWidth() / 8};
}

static std::string className(unsigned index, unsigned count, int64_t rows) {
  if (rows == 1)
    return stringifyBatchClass(BatchClass::Decode).str();
  if (index + 1 == count)
    return stringifyBatchClass(BatchClass::Prefill).str();
  StringRef small = stringifyBatchClass(BatchClass::Small);
  return count == std::size(kBatchClasses) ? small.str()
                                           : (small + Twine(rows)).str();
}

/// The steps of `forward`: those of a level carry its name and target.
static LogicalResult buildSteps(func::FuncOp forward, tern::ModelAttr model,
                                OpBuilder &builder) {
  if (failed(verifyForward(forward)))
    return failure();
  auto classes = getClasses(forward);
  if (failed(classes))
    return failure();
  auto level = forward->getAttrOfType<lut::TargetAttr>(lut::kTargetAttr);
  CacheLayout cache =
      getCacheLayout(forward->getParentOfType<ModuleOp>(), model);
  for (auto [i, rows] : llvm::enumerate(*classes)) {
    std::string name = className(i, classes->size(), rows.most);
    if (level)
      name += ("." + level.getName()).str();
    auto step = spmd::StepOp::create(builder, forward.getLoc(), name, rows.most,
                                     0, 0, 0, nullptr);
    if (rows.together > 1)
      step.setTogether(rows.together);
    if (level)
      step->setAttr(lut::kTargetAttr, level);
    StepLowering lowering(step, model, i, cache, rows.most, rows.padded,
                          forward.getLoc());
    if (failed(lowering.run(forward)))
      return failure();
  }
  return success();
}

/// @forward, or @forward.<level> of every level.
static SmallVector<func::FuncOp> findForwards(ModuleOp module) {
  SmallVector<func::FuncOp> forwards;
  for (auto function : module.getOps<func::FuncOp>())
    if (function.getSymName().split('.').first == "forward" &&
        !function.isDeclaration())
      forwards.push_back(function);
  return forwards;
}

namespace {
struct TernToSpmd : impl::TernToSpmdBase<TernToSpmd> {
  void runOnOperation() override {
    if (failed(run()))
      signalPassFailure();
  }

  LogicalResult run() {
    ModuleOp module = getOperation();
    tern::ModelAttr model = tern::getModel(module);
    if (!model)
      return failure();
    SmallVector<func::FuncOp> forwards = findForwards(module);
    if (forwards.empty())
      return module.emitError("expected a function @forward");
    for (auto weight : module.getOps<tern::WeightOp>())
      if (!weight->hasAttr(lut::kOffsetAttr))
        return weight.emitError("has no place in the weights segment; run "
                                "lower-lay-out-weights first");
    OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
    for (func::FuncOp forward : forwards) {
      if (failed(buildSteps(forward, model, builder)))
        return failure();
      forward.erase();
    }
    CacheLayout cache = getCacheLayout(module, model);
    int64_t heads = model.getLayers() * model.getKvHeads();
    module->setAttr(
        lut::kCacheBytesAttr,
        builder.getI64IntegerAttr(
            heads * cache.getHeadBytes(lut::padded(model.getHeadDim())) /
            cache.positions));
    module->setAttr(lut::kCacheChunkAttr,
                    builder.getI64IntegerAttr(cache.positions));
    return success();
  }
};
} // namespace
} // namespace setun::passes
