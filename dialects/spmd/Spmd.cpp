//===- Spmd.cpp - Parsing and verifying the spmd dialect ------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/spmd/Spmd.h"

using namespace mlir;

#include "dialects/spmd/Dialect.cpp.inc"
#include "dialects/spmd/Enums.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/spmd/Ops.cpp.inc"

namespace setun::spmd {

void SpmdDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/spmd/Ops.cpp.inc"
      >();
}

void ParallelForOp::build(OpBuilder &builder, OperationState &state,
                          Value count, int64_t claim) {
  state.addOperands(count);
  state.addAttribute("claim", builder.getI64IntegerAttr(claim));
  Block *body = new Block;
  body->addArgument(builder.getIndexType(), state.location);
  state.addRegion()->push_back(body);
}

/// spmd.parallel_for %tile to %count claim 3 { … }
ParseResult ParallelForOp::parse(OpAsmParser &parser, OperationState &state) {
  OpAsmParser::Argument tile;
  OpAsmParser::UnresolvedOperand count;
  IntegerAttr claim;
  Type index = parser.getBuilder().getIndexType();
  if (parser.parseArgument(tile) || parser.parseKeyword("to") ||
      parser.parseOperand(count) ||
      parser.resolveOperand(count, index, state.operands) ||
      parser.parseKeyword("claim") ||
      parser.parseAttribute(claim, parser.getBuilder().getI64Type(), "claim",
                            state.attributes))
    return failure();
  tile.type = index;
  return failure(parser.parseRegion(*state.addRegion(), tile) ||
                 parser.parseOptionalAttrDict(state.attributes));
}

void ParallelForOp::print(OpAsmPrinter &printer) {
  printer << ' ' << getTile() << " to " << getCount() << " claim " << getClaim()
          << ' ';
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false);
  printer.printOptionalAttrDict((*this)->getAttrs(), {"claim"});
}

LogicalResult ParallelForOp::verify() {
  if (getBody().getNumArguments() != 1 ||
      !getBody().getArgument(0).getType().isIndex())
    return emitOpError("expected a body with one index, the tile");
  return success();
}

llvm::SetVector<StringAttr> StepOp::getTallied() {
  llvm::SetVector<StringAttr> weights;
  walk([&](TallyOp op) { weights.insert(op.getWeightAttr().getAttr()); });
  return weights;
}

//===----------------------------------------------------------------------===//
// Counters of a step
//===----------------------------------------------------------------------===//

namespace {
/// Who has which counters.
class Counters {
public:
  explicit Counters(StepOp step) : step(step) {}

  LogicalResult add(ParallelForOp loop);
  LogicalResult add(FinishOp finish);
  LogicalResult check(AwaitOp await);

private:
  /// The op of the step's body that `op` is, or stands in.
  Operation *getPart(Operation *op) {
    return step.getBody().front().findAncestorOpInBlock(*op);
  }

  StepOp step;
  llvm::DenseMap<uint64_t, ParallelForOp> loops;
  llvm::DenseMap<uint64_t, FinishOp> finished; // counter → its first finish
};
} // namespace

LogicalResult Counters::add(ParallelForOp loop) {
  if (loop.getClaim() >= step.getClaims())
    return loop.emitOpError("claims counter ")
           << loop.getClaim() << ", expected one below " << step.getClaims()
           << " (rule 1)";
  if (!loops.try_emplace(loop.getClaim(), loop).second)
    return loop.emitOpError("claims counter ")
           << loop.getClaim() << ", which another loop of the step has "
           << "(rule 1)";
  return success();
}

LogicalResult Counters::add(FinishOp finish) {
  uint64_t claim = finish.getClaim(), end = claim + finish.getSize();
  if (claim >= step.getClaims() || end > step.getClaims())
    return finish.emitOpError("counts in ")
           << claim << " to " << end - 1 << ", expected counters below "
           << step.getClaims() << " (rule 2)";
  for (uint64_t counter = claim; counter < end; ++counter) {
    FinishOp first = finished.try_emplace(counter, finish).first->second;
    if (loops.count(counter) || !first.isSameCounters(claim, finish.getSize()))
      return finish.emitOpError("counts in ")
             << counter << ", which a loop or another range has (rule 2)";
  }
  if (!finish->getParentOfType<ParallelForOp>())
    return finish.emitOpError("expected to stand in a loop (rule 3)");
  return success();
}

LogicalResult Counters::check(AwaitOp await) {
  FinishOp first = finished.lookup(await.getClaim());
  if (!first || !first.isSameCounters(await.getClaim(), await.getSize()))
    return await.emitOpError("waits for counters ")
           << await.getClaim() << " to "
           << await.getClaim() + await.getSize() - 1
           << ", which no finish counts in (rule 4)";
  auto result = step.walk([&](FinishOp finish) {
    if (finish.getClaim() == await.getClaim() &&
        !getPart(finish)->isBeforeInBlock(getPart(await)))
      return WalkResult::interrupt();
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return await.emitOpError("expected every finish of counter ")
           << await.getClaim() << " in an earlier part of the step (rule 4)";
  return success();
}

/// Rules 1 to 5.
LogicalResult StepOp::verifyRegions() {
  Counters counters(*this);
  auto result =
      walk([&](ParallelForOp op) -> WalkResult { return counters.add(op); });
  if (!result.wasInterrupted())
    result = walk([&](FinishOp op) -> WalkResult { return counters.add(op); });
  if (!result.wasInterrupted())
    result = walk([&](AwaitOp op) -> WalkResult { return counters.check(op); });
  // The runtime has counters for one class: the one that may skip.
  if (!result.wasInterrupted() && getRows() > 1)
    result = walk([&](TallyOp op) -> WalkResult {
      return op.emitOpError("counts in a step of up to ")
             << getRows() << " rows, expected 1 (rule 5)";
    });
  return failure(result.wasInterrupted());
}

} // namespace setun::spmd
