//===- ShareLoops.cpp - One function for the same loop of all layers ------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Layers differ in numbers: offsets of weights and buffers, scales, counters.
// A loop that stands in a step once a layer is compiled once, and the numbers
// are handed over.
//
//===----------------------------------------------------------------------===//

#include "codegen/llvm/Emit.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Pass/Pass.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SmallVectorExtras.h"

using namespace mlir;

namespace setun::codegen {

/// A loop of fewer ops is not worth a call.
static constexpr size_t kSmallestShared = 16;

namespace {
/// Loops of one form, each with what its operands are that come from outside,
/// in the order of a walk.
struct Group {
  SmallVector<Operation *> loops;
  SmallVector<SmallVector<Value>> outside;
};
} // namespace

static bool isInside(Operation *loop, Value value) {
  return loop->isAncestor(value.getParentBlock()->getParentOp());
}

/// The operands in `loop` that come from outside, in the order of a walk.
static SmallVector<OpOperand *> getOutside(Operation *loop) {
  SmallVector<OpOperand *> operands;
  loop->walk<WalkOrder::PreOrder>([&](Operation *op) {
    for (OpOperand &operand : op->getOpOperands())
      if (!isInside(loop, operand.get()))
        operands.push_back(&operand);
  });
  return operands;
}

static SmallVector<Value> getValues(ArrayRef<OpOperand *> operands) {
  return llvm::map_to_vector(operands,
                             [](OpOperand *operand) { return operand->get(); });
}

/// Whether two loops are the same but for values from outside.
static bool haveSameForm(Operation *a, Operation *b) {
  DenseMap<Value, Value> known;
  auto check = [&](Value x, Value y) {
    bool inside = isInside(a, x);
    if (inside != isInside(b, y))
      return failure();
    return success(inside ? known.lookup(x) == y : x.getType() == y.getType());
  };
  auto mark = [&](Value x, Value y) { known[x] = y; };
  return OperationEquivalence::isEquivalentTo(
      a, b, check, mark, OperationEquivalence::IgnoreLocations);
}

/// Moves constants to the front, each there once: those of loops come from
/// outside then.
static void hoistConstants(func::FuncOp function) {
  IRRewriter rewriter(function.getContext());
  llvm::MapVector<std::pair<Type, Attribute>, Operation *> known;
  SmallVector<Operation *> constants;
  function.walk([&](Operation *op) {
    if (op->hasTrait<OpTrait::ConstantLike>() && op->getNumResults() == 1)
      constants.push_back(op);
  });
  Block &entry = function.front();
  for (Operation *op : llvm::reverse(constants)) {
    Attribute value;
    if (!matchPattern(op, m_Constant(&value)))
      continue;
    Operation *&first = known[{op->getResult(0).getType(), value}];
    if (first) {
      rewriter.replaceOp(op, first);
      continue;
    }
    op->moveBefore(&entry, entry.begin());
    first = op;
  }
}

static SmallVector<Group> findGroups(func::FuncOp function) {
  SmallVector<Group> groups;
  for (Operation &op : function.front()) {
    size_t size = 0;
    op.walk([&](Operation *) { ++size; });
    if (size < kSmallestShared || op.getNumResults())
      continue;
    auto same = llvm::find_if(groups, [&](const Group &group) {
      return haveSameForm(group.loops.front(), &op);
    });
    if (same == groups.end())
      same = groups.insert(same, Group());
    same->loops.push_back(&op);
    same->outside.push_back(getValues(getOutside(&op)));
  }
  return groups;
}

namespace {
/// What a loop is handed over: the parameters' values for every loop, and which
/// of them each operand from outside is; none for a constant of all.
struct Handover {
  explicit Handover(const Group &group);

  SmallVector<SmallVector<Value>> parameters; // [parameter][loop]
  SmallVector<std::optional<size_t>> of;      // [operand]
};
} // namespace

Handover::Handover(const Group &group) {
  for (size_t i = 0; i < group.outside.front().size(); ++i) {
    auto values = llvm::map_to_vector(
        group.outside, [i](const SmallVector<Value> &all) { return all[i]; });
    if (llvm::all_equal(values) && matchPattern(values[0], m_Constant())) {
      of.push_back(std::nullopt);
      continue;
    }
    auto *known = llvm::find(parameters, values);
    of.push_back(known - parameters.begin());
    if (known == parameters.end())
      parameters.push_back(values);
  }
}

/// The function of a group, private and in front of `step`.
static func::FuncOp makeFunction(const Group &group, const Handover &handover,
                                 func::FuncOp step, StringRef name) {
  OpBuilder builder(step);
  Location loc = group.loops.front()->getLoc();
  auto types = llvm::map_to_vector(
      handover.parameters,
      [](const SmallVector<Value> &values) { return values[0].getType(); });
  auto function = func::FuncOp::create(builder, loc, name,
                                       builder.getFunctionType(types, {}));
  function.setPrivate();
  if (Attribute target = step->getAttr(lut::kTargetAttr))
    function->setAttr(lut::kTargetAttr, target);
  builder.setInsertionPointToEnd(function.addEntryBlock());
  Operation *loop = builder.clone(*group.loops.front());
  func::ReturnOp::create(builder, loc);
  builder.setInsertionPointToStart(&function.front());
  // What the clone has from outside is still the step's.
  for (auto [operand, parameter] : llvm::zip(getOutside(loop), handover.of)) {
    Value value = operand->get();
    operand->set(parameter
                     ? Value(function.getArgument(*parameter))
                     : builder.clone(*value.getDefiningOp())->getResult(0));
  }
  return function;
}

static void share(const Group &group, func::FuncOp step, StringRef name) {
  Handover handover(group);
  func::FuncOp function = makeFunction(group, handover, step, name);
  for (auto [i, loop] : llvm::enumerate(group.loops)) {
    OpBuilder builder(loop);
    auto arguments = llvm::map_to_vector(
        handover.parameters,
        [i = i](const SmallVector<Value> &values) { return values[i]; });
    func::CallOp::create(builder, loop->getLoc(), function, arguments);
    loop->erase();
  }
}

/// Whether it has the signature of `StepFunction`.
static bool isStep(func::FuncOp function) {
  return !function.isDeclaration() &&
         llvm::equal(
             function.getArgumentTypes(),
             ArrayRef<Type>{LLVM::LLVMPointerType::get(function.getContext()),
                            IntegerType::get(function.getContext(), 64)});
}

namespace {
struct ShareLoops : PassWrapper<ShareLoops, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ShareLoops)

  StringRef getName() const final { return "ShareLoops"; }
  StringRef getArgument() const final { return "codegen-share-loops"; }
  StringRef getDescription() const final {
    return "loops that differ in numbers only → one function";
  }

  void runOnOperation() final {
    for (auto function :
         llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>())) {
      if (!isStep(function))
        continue;
      hoistConstants(function);
      unsigned count = 0;
      for (const Group &group : findGroups(function))
        if (group.loops.size() > 1)
          share(group, function,
                (function.getSymName() + ".loop" + Twine(count++)).str());
    }
  }
};
} // namespace

std::unique_ptr<Pass> createShareLoops() {
  return std::make_unique<ShareLoops>();
}

} // namespace setun::codegen
