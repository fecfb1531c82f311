//===- StepBuilder.cpp - The vocabulary in which steps are written --------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/StepBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace setun::passes {

static constexpr int64_t kAlignment = 64;

int64_t Arena::allocate(int64_t bytes) {
  bytes = lut::roundUp(bytes, kAlignment);
  int64_t offset = 0;
  for (auto [begin, length] : live) {
    if (offset + bytes <= begin)
      break;
    offset = begin + length;
  }
  live[offset] = bytes;
  size = std::max(size, offset + bytes);
  return offset;
}

void Arena::free(int64_t offset) { live.erase(offset); }

StepBuilder::StepBuilder(spmd::StepOp step, Location loc)
    : IndexBuilder{OpBuilder::atBlockEnd(&step.getBody().emplaceBlock()), loc},
      step(step), module(step->getParentOfType<ModuleOp>()),
      level(step->getAttrOfType<lut::TargetAttr>(lut::kTargetAttr)) {}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

Value StepBuilder::get(spmd::Field field) {
  return spmd::GetOp::create(b, loc, b.getIndexType(), field);
}

Value StepBuilder::constant(float value) {
  return arith::ConstantOp::create(b, loc, b.getF32FloatAttr(value));
}

//===----------------------------------------------------------------------===//
// Views, loops, calls
//===----------------------------------------------------------------------===//

Value StepBuilder::view(spmd::Region region, Value offset,
                        ArrayRef<int64_t> shape, Type element) {
  return spmd::ViewOp::create(b, loc, MemRefType::get(shape, element), region,
                              offset);
}

void StepBuilder::parallelFor(Value count, Body body) {
  auto loop = spmd::ParallelForOp::create(b, loc, count, claims++);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToEnd(&loop.getBody().front());
  body(loop.getTile());
}

void StepBuilder::forEach(Value begin, Value end, Body body) {
  auto loop = scf::ForOp::create(b, loc, begin, end, index(1));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

Value StepBuilder::isEqual(Value x, Value y) {
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, x, y);
}

void StepBuilder::ifThen(Value condition, llvm::function_ref<void()> body) {
  auto conditional = scf::IfOp::create(b, loc, condition,
                                       /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(conditional.thenBlock());
  body();
}

void StepBuilder::barrier() {
  addMark("barrier");
  spmd::BarrierOp::create(b, loc);
  addMark(marked);
}

void StepBuilder::mark(StringRef name) {
  marked = name.str();
  addMark(name);
}

/// A mark right before another one tells nothing.
void StepBuilder::addMark(StringRef name) {
  Block *block = b.getInsertionBlock();
  if (!block->empty() && isa<spmd::MarkOp>(block->back()))
    block->back().erase();
  spmd::MarkOp::create(b, loc, name);
}

StepBuilder::Counters StepBuilder::counters(int64_t size) {
  int64_t claim = claims;
  claims += size;
  return {claim, size};
}

Value StepBuilder::finish(Counters counters, Value index) {
  return spmd::FinishOp::create(b, loc, b.getIndexType(), index, counters.claim,
                                counters.size);
}

void StepBuilder::await(Counters counters, Value index, Value count) {
  spmd::AwaitOp::create(b, loc, count, index, counters.claim, counters.size);
}

void StepBuilder::tally(FlatSymbolRefAttr weight, Value active, Value inputs,
                        bool skipped) {
  spmd::TallyOp::create(b, loc, weight.getValue(), sub(inputs, active), inputs,
                        skipped);
}

void StepBuilder::choose(Value condition, Branch then, Branch otherwise) {
  auto branch = scf::IfOp::create(b, loc, condition, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  then();
  b.setInsertionPointToStart(branch.elseBlock());
  otherwise();
}

void StepBuilder::call(StringRef symbol, ValueRange arguments) {
  func::CallOp::create(b, loc, symbol, TypeRange(), arguments);
}

void StepBuilder::stage(StringRef kind, ArrayRef<int64_t> sizes,
                        ValueRange arguments, Type element, double eps) {
  call(declareStage(kind, sizes, arguments.getTypes(), element, eps),
       arguments);
}

StringRef StepBuilder::declareStage(StringRef kind, ArrayRef<int64_t> sizes,
                                    TypeRange arguments, Type element,
                                    double eps) {
  if (!element)
    element = b.getF32Type();
  auto recipe = lut::StageAttr::get(b.getContext(), kind, sizes, element,
                                    b.getF64FloatAttr(eps));
  std::string name = kind.str();
  llvm::raw_string_ostream stream(name);
  stream << '_';
  llvm::interleave(sizes, stream, "x");
  if (!element.isF32())
    stream << '_' << element;
  return declare(name, lut::kStageAttr, recipe, arguments);
}

StringRef StepBuilder::declare(StringRef name, StringRef attribute,
                               Attribute recipe, TypeRange inputs) {
  FunctionType type = b.getFunctionType(inputs, {});
  std::string suffix = level ? ("." + level.getName()).str() : "";
  std::string unique = name.str() + suffix;
  for (int number = 1;; ++number) {
    auto known = module.lookupSymbol<func::FuncOp>(unique);
    if (!known)
      break;
    if (known->getAttr(attribute) == recipe && known.getFunctionType() == type)
      return known.getSymName();
    unique = (name + "_" + Twine(number) + suffix).str();
  }
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(step);
  auto function = func::FuncOp::create(b, loc, unique, type);
  function.setPrivate();
  function->setAttr(attribute, recipe);
  if (level)
    function->setAttr(lut::kTargetAttr, level);
  return function.getSymName();
}

void StepBuilder::needScratch(int64_t bytes) {
  scratch = std::max(scratch, lut::roundUp(bytes, kAlignment));
}

void StepBuilder::setHeadRows(int64_t offset) {
  step->setAttr(lut::kHeadRowsAttr, b.getI64IntegerAttr(offset));
}

void StepBuilder::finish() {
  step.setArena(arena.getSize());
  step.setScratch(scratch);
  step.setClaims(claims);
}

} // namespace setun::passes
