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

/// Rule 1 of the loops.
LogicalResult StepOp::verifyRegions() {
  llvm::SmallDenseSet<uint64_t> claimed;
  auto result = walk([&](ParallelForOp loop) -> WalkResult {
    if (loop.getClaim() >= getClaims())
      return loop.emitOpError("claims counter ")
             << loop.getClaim() << ", expected one below " << getClaims()
             << " (rule 1)";
    if (!claimed.insert(loop.getClaim()).second)
      return loop.emitOpError("claims counter ")
             << loop.getClaim() << ", which another loop of the step has "
             << "(rule 1)";
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

} // namespace setun::spmd
