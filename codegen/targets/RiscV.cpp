//===- RiscV.cpp - RISC-V 64: general registers, RVV 1.0 ------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A group is 64 bytes, so that RVV code asks for vl = 64 and is right on any
// VLEN: `vwmaccsu` adds one product a lane into i16, or without RVV one 64-bit
// multiplication adds four; plain operations become these instructions. Tables
// by `vrgather` need 0.37 instructions a weight where `vwmaccsu` needs 0.09
// (tests/bench): `lut.permute` has its instruction, no choice leads to it.
//
//===----------------------------------------------------------------------===//

#include "codegen/targets/Instructions.h"
#include "codegen/targets/Target.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/RISCVISAInfo.h"

using namespace mlir;

namespace setun::codegen {

/// What executables check at start.
static constexpr llvm::StringRef kFeatures[] = {
    "i",       "m",       "a",      "f",      "d",        "c",       "v",
    "zaamo",   "zalrsc",  "zmmul",  "zicsr",  "zifencei", "zca",     "zcd",
    "zba",     "zbb",     "zbs",    "b",      "zicond",   "zfhmin",  "zfh",
    "zfa",     "zvfhmin", "zvfh",   "zvbb",   "zvkb",     "zve32x",  "zve32f",
    "zve64x",  "zve64f",  "zve64d", "zvl32b", "zvl64b",   "zvl128b", "zvl256b",
    "zvl512b", "zvl1024b"};

/// Multiply-adds a cycle. `vwmaccsu` at 128 bits of data path does 8; a look-up
/// of 4 trits is 4 loads and additions of 64 bytes, and moves of the sums, for
/// 512. A 64-bit multiplication does 4 and needs four instructions around it;
/// a look-up needs three a sum.
static Facts describe(llvm::StringRef, HasFeature has) {
  Facts facts;
  if (has("v")) {
    facts.sums = 2;
    facts.dotMacs = 8;
    facts.lookupMacs = 12;
  } else {
    facts.dot = lut::Dot::Words;
    facts.sums = 1;
  }
  return facts;
}

namespace {
/// Four activations go through a general register: the back end builds a splat
/// of a vector's element by slides.
struct SpreadScalar : OpRewritePattern<lut::DotOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(lut::DotOp op,
                                PatternRewriter &rewriter) const override {
    if (!sums(op, lut::Dot::Singles))
      return rewriter.notifyMatchFailure(op, "not one product a lane");
    Location loc = op.getLoc();
    Type i32 = rewriter.getI32Type();
    Value word = LLVM::BitcastOp::create(rewriter, loc, i32, op.getValues());
    Value words = vector::BroadcastOp::create(rewriter, loc,
                                              VectorType::get(16, i32), word);
    Value q = vector::BitCastOp::create(rewriter, loc, op.getCodes().getType(),
                                        words);
    Type type = op.getAcc().getType();
    Value c = arith::ExtUIOp::create(rewriter, loc, type, op.getCodes());
    q = arith::ExtSIOp::create(rewriter, loc, type, q);
    Value products = arith::MulIOp::create(rewriter, loc, c, q);
    rewriter.replaceOpWithNewOp<arith::AddIOp>(op, op.getAcc(), products);
    return success();
  }
};

/// vrgather of 16 entries: a register holds as many bytes on any VLEN.
struct SelectPermute : OpRewritePattern<lut::PermuteOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(lut::PermuteOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getIndex().getType() != op.getTable().getType() ||
        op.getTable().getType().getNumElements() != 16)
      return rewriter.notifyMatchFailure(op, "16 indices into 16 bytes");
    Location loc = op.getLoc();
    // 64 bits a vscale are one register, and VLEN ≥ 128 makes vscale ≥ 2.
    auto whole =
        VectorType::get(8, rewriter.getI8Type(), /*scalableDims=*/true);
    Value none = LLVM::PoisonOp::create(rewriter, loc, whole);
    auto widen = [&](Value v) -> Value {
      return LLVM::vector_insert::create(rewriter, loc, none, v, 0);
    };
    Value length =
        LLVM::ConstantOp::create(rewriter, loc, rewriter.getI64IntegerAttr(16));
    Value found = callIntrinsic(
        rewriter, loc, "llvm.riscv.vrgather.vv", whole,
        {none, widen(op.getTable()), widen(op.getIndex()), length});
    rewriter.replaceOpWithNewOp<LLVM::vector_extract>(op, op.getType(), found,
                                                      0);
    return success();
  }
};
} // namespace

static void populate(RewritePatternSet &patterns, HasFeature has) {
  if (has("v"))
    patterns.add<SpreadScalar, SelectPermute>(patterns.getContext());
}

/// "rv64gc_zba_zbb"
static CpuWords findArchitecture(llvm::StringRef word) {
  auto found = llvm::RISCVISAInfo::parseArchString(
      word, /*EnableExperimentalExtension=*/false);
  if (!found) {
    llvm::consumeError(found.takeError());
    return {};
  }
  if ((*found)->getXLen() != 64)
    return {};
  return {"generic-rv64", llvm::join((*found)->toFeatures(), ",")};
}

static void initialize() {
  LLVMInitializeRISCVTargetInfo();
  LLVMInitializeRISCVTarget();
  LLVMInitializeRISCVTargetMC();
  LLVMInitializeRISCVAsmPrinter();
}

const Isa &getRiscV() {
  static const Isa isa{
      "riscv64", "riscv64-unknown-linux-musl", "rv64gc,rv64gcv",
      "RV64GC Linux (lp64d)", llvm::CodeModel::Medium, "128",
      "64bit,m,zmmul,a,zaamo,zalrsc,f,d,c,zvl32b:zve32x", kFeatures, initialize,
      describe, populate, nullptr, findArchitecture, "lp64d",
      // Without a model of the core, code for 31 registers
      // spills twice as often.
      "sifive-u74"};
  return isa;
}

} // namespace setun::codegen
