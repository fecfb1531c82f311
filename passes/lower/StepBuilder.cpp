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
    : builder(OpBuilder::atBlockEnd(&step.getBody().emplaceBlock())), loc(loc),
      step(step), module(step->getParentOfType<ModuleOp>()) {}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

Value StepBuilder::index(int64_t value) {
  return arith::ConstantIndexOp::create(builder, loc, value);
}

Value StepBuilder::get(spmd::Field field) {
  return spmd::GetOp::create(builder, loc, builder.getIndexType(), field);
}

Value StepBuilder::add(Value a, Value b) {
  return builder.createOrFold<arith::AddIOp>(loc, a, b);
}
Value StepBuilder::sub(Value a, Value b) {
  return builder.createOrFold<arith::SubIOp>(loc, a, b);
}
Value StepBuilder::mul(Value a, Value b) {
  return builder.createOrFold<arith::MulIOp>(loc, a, b);
}
Value StepBuilder::min(Value a, Value b) {
  return builder.createOrFold<arith::MinUIOp>(loc, a, b);
}
Value StepBuilder::div(Value a, int64_t b) {
  return builder.createOrFold<arith::DivUIOp>(loc, a, index(b));
}
Value StepBuilder::rem(Value a, int64_t b) {
  return builder.createOrFold<arith::RemUIOp>(loc, a, index(b));
}
Value StepBuilder::constant(float value) {
  return arith::ConstantOp::create(builder, loc,
                                   builder.getF32FloatAttr(value));
}

//===----------------------------------------------------------------------===//
// Views, loops, calls
//===----------------------------------------------------------------------===//

Value StepBuilder::view(spmd::Region region, Value offset,
                        ArrayRef<int64_t> shape, Type element) {
  return spmd::ViewOp::create(builder, loc, MemRefType::get(shape, element),
                              region, offset);
}

void StepBuilder::parallelFor(Value count, Body body) {
  auto loop = spmd::ParallelForOp::create(builder, loc, count, claims++);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(&loop.getBody().front());
  body(loop.getTile());
}

void StepBuilder::forEach(Value begin, Value end, Body body) {
  auto loop = scf::ForOp::create(builder, loc, begin, end, index(1));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

void StepBuilder::barrier() { spmd::BarrierOp::create(builder, loc); }

void StepBuilder::call(StringRef symbol, ValueRange arguments) {
  func::CallOp::create(builder, loc, symbol, TypeRange(), arguments);
}

void StepBuilder::stage(StringRef kind, ArrayRef<int64_t> sizes,
                        ValueRange arguments, FloatType element, double eps) {
  if (!element)
    element = builder.getF32Type();
  auto recipe = lut::StageAttr::get(builder.getContext(), kind, sizes, element,
                                    builder.getF64FloatAttr(eps));
  std::string name = kind.str();
  llvm::raw_string_ostream stream(name);
  stream << '_';
  llvm::interleave(sizes, stream, "x");
  if (!element.isF32())
    stream << '_' << element;
  call(declare(name, lut::kStageAttr, recipe, arguments.getTypes()), arguments);
}

StringRef StepBuilder::declare(StringRef name, StringRef attribute,
                               Attribute recipe, TypeRange inputs) {
  FunctionType type = builder.getFunctionType(inputs, {});
  std::string unique = name.str();
  for (int suffix = 1;; ++suffix) {
    auto known = module.lookupSymbol<func::FuncOp>(unique);
    if (!known)
      break;
    if (known->getAttr(attribute) == recipe && known.getFunctionType() == type)
      return known.getSymName();
    unique = (name + "_" + Twine(suffix)).str();
  }
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(step);
  auto function = func::FuncOp::create(builder, loc, unique, type);
  function.setPrivate();
  function->setAttr(attribute, recipe);
  return function.getSymName();
}

void StepBuilder::needScratch(int64_t bytes) {
  scratch = std::max(scratch, lut::roundUp(bytes, kAlignment));
}

void StepBuilder::finish() {
  step.setArena(arena.getSize());
  step.setScratch(scratch);
  step.setClaims(claims);
}

} // namespace setun::passes
