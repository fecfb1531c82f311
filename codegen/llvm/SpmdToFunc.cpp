//===- SpmdToFunc.cpp - Steps become functions ----------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/llvm/Emit.h"
#include "dialects/IndexBuilder.h"
#include "dialects/spmd/Spmd.h"
#include "runtime/abi/Step.h"

#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;

namespace setun::codegen {

using abi::Step;

/// Where the pointer to a region lies in Step.
static int32_t offsetOf(spmd::Region region) {
  switch (region) {
  case spmd::Region::Weights:
    return offsetof(Step, weights);
  case spmd::Region::Arena:
    return offsetof(Step, arena);
  case spmd::Region::Scratch:
    return offsetof(Step, scratch);
  case spmd::Region::Cache:
    return offsetof(Step, cache);
  case spmd::Region::Tokens:
    return offsetof(Step, tokens);
  case spmd::Region::Rope:
    return offsetof(Step, rope);
  case spmd::Region::Logits:
    return offsetof(Step, logits);
  }
  llvm_unreachable("no such region");
}

static int32_t offsetOf(spmd::Field field) {
  switch (field) {
  case spmd::Field::Rows:
    return offsetof(Step, rows);
  case spmd::Field::Position:
    return offsetof(Step, position);
  case spmd::Field::FirstLogit:
    return offsetof(Step, firstLogit);
  case spmd::Field::Workers:
    return offsetof(Step, workers);
  case spmd::Field::Skips:
    return offsetof(Step, skips);
  }
  llvm_unreachable("no such field");
}

namespace {
/// Rewrites one step.
class StepConverter {
public:
  StepConverter(spmd::StepOp step, const LLVMTypeConverter &types)
      : rewriter(step.getContext()), types(types), step(step),
        pointer(LLVM::LLVMPointerType::get(step.getContext())) {}

  void run();

private:
  void convert(spmd::ViewOp op);
  void convert(spmd::GetOp op);
  void convert(spmd::BarrierOp op);
  void convert(spmd::MarkOp op);
  void convert(spmd::TallyOp op);
  void convert(spmd::FinishOp op);
  void convert(spmd::AwaitOp op);
  void convert(spmd::ParallelForOp op);
  void convertPart(spmd::ParallelForOp op, Value counter, Value first,
                   Value last);

  /// Counter `index` from `claim` on.
  template <typename Op> Value getCounter(Op op);

  Value gep(Location loc, Value base, Value bytes) {
    return LLVM::GEPOp::create(rewriter, loc, pointer, rewriter.getI8Type(),
                               base, ArrayRef<LLVM::GEPArg>{bytes});
  }
  Value gep(Location loc, Value base, int32_t bytes) {
    return LLVM::GEPOp::create(rewriter, loc, pointer, rewriter.getI8Type(),
                               base, ArrayRef<LLVM::GEPArg>{bytes});
  }
  Value load(Location loc, Type type, int32_t offset) {
    return LLVM::LoadOp::create(rewriter, loc, type,
                                gep(loc, function.getArgument(0), offset));
  }

  IRRewriter rewriter;
  const LLVMTypeConverter &types;
  spmd::StepOp step;
  LLVM::LLVMPointerType pointer;
  func::FuncOp function; // (step: !llvm.ptr, worker: i64)
  int64_t marks = 0;
  llvm::SetVector<StringAttr> tallied;
};
} // namespace

/// A pointer into the region, dressed as a memref.
void StepConverter::convert(spmd::ViewOp op) {
  Location loc = op.getLoc();
  rewriter.setInsertionPoint(op);
  Type i64 = rewriter.getI64Type();
  Value base = load(loc, pointer, offsetOf(op.getRegion()));
  if (op.getRegion() == spmd::Region::Scratch) {
    Value bytes =
        LLVM::ConstantOp::create(rewriter, loc, i64, step.getScratch());
    Value own =
        LLVM::MulOp::create(rewriter, loc, function.getArgument(1), bytes);
    base = gep(loc, base, own);
  }
  Value offset = arith::IndexCastOp::create(rewriter, loc, i64, op.getOffset());
  auto type = cast<MemRefType>(op.getType());
  Value view = MemRefDescriptor::fromStaticShape(rewriter, loc, types, type,
                                                 gep(loc, base, offset));
  rewriter.replaceOpWithNewOp<UnrealizedConversionCastOp>(op, type, view);
}

void StepConverter::convert(spmd::GetOp op) {
  rewriter.setInsertionPoint(op);
  Value number =
      load(op.getLoc(), rewriter.getI64Type(), offsetOf(op.getField()));
  rewriter.replaceOpWithNewOp<arith::IndexCastOp>(op, rewriter.getIndexType(),
                                                  number);
}

void StepConverter::convert(spmd::BarrierOp op) {
  rewriter.setInsertionPoint(op);
  Value barrier = load(op.getLoc(), pointer, offsetof(Step, barrier));
  rewriter.replaceOpWithNewOp<LLVM::CallOp>(op, TypeRange(), "setun_barrier",
                                            barrier);
}

/// if (step->profile) setun_mark(step->profile, worker, n) for the n-th mark.
void StepConverter::convert(spmd::MarkOp op) {
  Location loc = op.getLoc();
  rewriter.setInsertionPoint(op);
  Value profile = load(loc, pointer, offsetof(Step, profile));
  Value null = LLVM::ZeroOp::create(rewriter, loc, pointer);
  Value wanted = LLVM::ICmpOp::create(rewriter, loc, LLVM::ICmpPredicate::ne,
                                      profile, null);
  Value number =
      LLVM::ConstantOp::create(rewriter, loc, rewriter.getI64Type(), marks++);
  scf::IfOp::create(rewriter, loc, wanted, [&](OpBuilder &b, Location) {
    LLVM::CallOp::create(b, loc, TypeRange(), "setun_mark",
                         ValueRange{profile, function.getArgument(1), number});
    scf::YieldOp::create(b, loc);
  });
  rewriter.eraseOp(op);
}

/// tallies[worker][n].part += {inputs, zeros}
void StepConverter::convert(spmd::TallyOp op) {
  Location loc = op.getLoc();
  rewriter.setInsertionPoint(op);
  Type i64 = rewriter.getI64Type();
  auto *weight = llvm::find(tallied, op.getWeightAttr().getAttr());
  auto constant = [&](uint64_t value) {
    return LLVM::ConstantOp::create(rewriter, loc, i64, value);
  };
  Value own =
      LLVM::MulOp::create(rewriter, loc, function.getArgument(1),
                          constant(tallied.size() * sizeof(abi::Tally)));
  Value tally = gep(loc, load(loc, pointer, offsetof(Step, tallies)), own);
  tally = gep(loc, tally,
              constant((weight - tallied.begin()) * sizeof(abi::Tally)));
  size_t part = op.getSkipped() ? offsetof(abi::Tally, skipped)
                                : offsetof(abi::Tally, read);
  auto add = [&](Value number, size_t field) {
    Value at = gep(loc, tally, static_cast<int32_t>(part + field));
    Value sum = LLVM::AddOp::create(
        rewriter, loc, LLVM::LoadOp::create(rewriter, loc, i64, at),
        arith::IndexCastOp::create(rewriter, loc, i64, number));
    LLVM::StoreOp::create(rewriter, loc, sum, at);
  };
  add(op.getInputs(), offsetof(abi::Tally::Part, inputs));
  add(op.getZeros(), offsetof(abi::Tally::Part, zeros));
  rewriter.eraseOp(op);
}

template <typename Op> Value StepConverter::getCounter(Op op) {
  Location loc = op.getLoc();
  Type i64 = rewriter.getI64Type();
  auto constant = [&](uint64_t value) {
    return LLVM::ConstantOp::create(rewriter, loc, i64, value);
  };
  Value claims = load(loc, pointer, offsetof(Step, claims));
  Value first = gep(loc, claims, constant(op.getClaim() * sizeof(abi::Claim)));
  Value index = arith::IndexCastOp::create(rewriter, loc, i64, op.getIndex());
  return gep(
      loc, first,
      LLVM::MulOp::create(rewriter, loc, index, constant(sizeof(abi::Claim))));
}

void StepConverter::convert(spmd::FinishOp op) {
  Location loc = op.getLoc();
  rewriter.setInsertionPoint(op);
  Value one = LLVM::ConstantOp::create(rewriter, loc, rewriter.getI32Type(), 1);
  Value before = LLVM::AtomicRMWOp::create(
      rewriter, loc, LLVM::AtomicBinOp::add, getCounter(op), one,
      LLVM::AtomicOrdering::acq_rel);
  rewriter.replaceOpWithNewOp<arith::IndexCastUIOp>(op, rewriter.getIndexType(),
                                                    before);
}

void StepConverter::convert(spmd::AwaitOp op) {
  Location loc = op.getLoc();
  rewriter.setInsertionPoint(op);
  Value barrier = load(loc, pointer, offsetof(Step, barrier));
  Value count = arith::IndexCastOp::create(rewriter, loc, rewriter.getI64Type(),
                                           op.getCount());
  rewriter.replaceOpWithNewOp<LLVM::CallOp>(
      op, TypeRange(), "setun_await",
      ValueRange{barrier, getCounter(op), count});
}

/// for (k = 0; k < parts; ++k) {
///   part = (worker + k) mod parts; first = count · part / parts; last = …
///   while ((tile = first + claims[n].next[part]++) < last) body(tile)
/// }
void StepConverter::convert(spmd::ParallelForOp op) {
  rewriter.setInsertionPoint(op);
  IndexBuilder s{rewriter, op.getLoc()};
  Value claims = load(s.loc, pointer, offsetof(Step, claims));
  Value counters = gep(
      s.loc, claims, static_cast<int32_t>(op.getClaim() * sizeof(abi::Claim)));
  Value workers = load(s.loc, rewriter.getI64Type(), offsetof(Step, workers));
  auto cast = [&](Type type, Value x) -> Value {
    return arith::IndexCastOp::create(rewriter, s.loc, type, x);
  };
  Type index = rewriter.getIndexType(), i64 = rewriter.getI64Type();
  Value parts = s.min(cast(index, workers), s.index(abi::kLoopParts));
  Value worker = cast(index, function.getArgument(1));
  auto loop =
      scf::ForOp::create(rewriter, s.loc, s.index(0), parts, s.index(1));
  rewriter.setInsertionPointToStart(loop.getBody());
  s.b.setInsertionPointToStart(loop.getBody());
  Value part = s.rem(s.add(worker, loop.getInductionVar()), parts);
  auto edge = [&](Value part) {
    return s.div(s.mul(op.getCount(), part), parts);
  };
  Value first = edge(part), last = edge(s.add(part, 1));
  Value counter =
      gep(s.loc, counters, cast(i64, s.mul(part, sizeof(uint32_t))));
  convertPart(op, counter, first, last);
}

/// while ((tile = first + counter++) < last) body(tile)
void StepConverter::convertPart(spmd::ParallelForOp op, Value counter,
                                Value first, Value last) {
  Location loc = op.getLoc();
  Value one = LLVM::ConstantOp::create(rewriter, loc, rewriter.getI32Type(), 1);
  auto loop = scf::WhileOp::create(
      rewriter, loc, TypeRange(rewriter.getIndexType()), ValueRange(),
      [&](OpBuilder &b, Location, ValueRange) {
        Value next =
            LLVM::AtomicRMWOp::create(b, loc, LLVM::AtomicBinOp::add, counter,
                                      one, LLVM::AtomicOrdering::monotonic);
        next = arith::IndexCastUIOp::create(b, loc, b.getIndexType(), next);
        Value tile = arith::AddIOp::create(b, loc, first, next);
        Value more = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult,
                                           tile, last);
        scf::ConditionOp::create(b, loc, more, tile);
      },
      [&](OpBuilder &b, Location, ValueRange) {
        scf::YieldOp::create(b, loc);
      });
  Block *body = loop.getAfterBody();
  rewriter.inlineBlockBefore(&op.getBody().front(), body->getTerminator(),
                             body->getArguments());
  rewriter.eraseOp(op);
}

void StepConverter::run() {
  Location loc = step.getLoc();
  tallied = step.getTallied();
  rewriter.setInsertionPoint(step);
  function = func::FuncOp::create(
      rewriter, loc, step.getSymName(),
      rewriter.getFunctionType({pointer, rewriter.getI64Type()}, {}));
  if (Attribute target = step->getAttr(lut::kTargetAttr))
    function->setAttr(lut::kTargetAttr, target);
  Block *entry = function.addEntryBlock();
  rewriter.setInsertionPointToEnd(entry);
  auto end = func::ReturnOp::create(rewriter, loc);
  rewriter.inlineBlockBefore(&step.getBody().front(), end);
  auto convertAll = [&](auto tag) {
    using Op = decltype(tag);
    SmallVector<Op> ops;
    function.walk([&](Op op) { ops.push_back(op); });
    for (Op op : ops)
      convert(op);
  };
  convertAll(spmd::ParallelForOp());
  convertAll(spmd::ViewOp());
  convertAll(spmd::GetOp());
  convertAll(spmd::BarrierOp());
  convertAll(spmd::MarkOp());
  convertAll(spmd::TallyOp());
  convertAll(spmd::FinishOp());
  convertAll(spmd::AwaitOp());
  rewriter.eraseOp(step);
}

/// What generated code calls.
static void declareRuntime(ModuleOp module) {
  OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
  auto pointer = LLVM::LLVMPointerType::get(module.getContext());
  auto none = LLVM::LLVMVoidType::get(module.getContext());
  Type i64 = builder.getI64Type();
  LLVM::LLVMFuncOp::create(builder, module.getLoc(), "setun_barrier",
                           LLVM::LLVMFunctionType::get(none, {pointer}));
  auto mark = LLVM::LLVMFuncOp::create(
      builder, module.getLoc(), "setun_mark",
      LLVM::LLVMFunctionType::get(none, {pointer, i64, i64}));
  LLVM::LLVMFuncOp::create(
      builder, module.getLoc(), "setun_await",
      LLVM::LLVMFunctionType::get(none, {pointer, pointer, i64}));
  // Calls of it stand out of the way.
  mark.setPassthroughAttr(builder.getStrArrayAttr(StringRef("cold")));
}

namespace {
struct SpmdToFunc : PassWrapper<SpmdToFunc, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(SpmdToFunc)

  StringRef getName() const final { return "SpmdToFunc"; }
  StringRef getArgument() const final { return "codegen-spmd-to-func"; }
  StringRef getDescription() const final {
    return "steps → functions that every worker calls";
  }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<LLVM::LLVMDialect, scf::SCFDialect, func::FuncDialect,
                    arith::ArithDialect>();
  }

  void runOnOperation() final {
    ModuleOp module = getOperation();
    declareRuntime(module);
    LLVMTypeConverter types(&getContext());
    for (auto step : llvm::make_early_inc_range(module.getOps<spmd::StepOp>()))
      StepConverter(step, types).run();
  }
};
} // namespace

std::unique_ptr<Pass> createSpmdToFunc() {
  return std::make_unique<SpmdToFunc>();
}

} // namespace setun::codegen
