//===- X86_64.cpp - x86-64: AVX2, AVX-512, VNNI, VBMI ---------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// u8·s8 products: `vpdpbusd` (VNNI) sums four into i32; before it, `vpmaddubsw`
// sums two into i16, which kernels widen with `vpmaddwd`. VBMI's `vpermi2b`
// indexes 128 bytes at once: base 3 pays from there on.
//
//===----------------------------------------------------------------------===//

#include "codegen/targets/Instructions.h"
#include "codegen/targets/Target.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/TargetSelect.h"

using namespace mlir;

namespace setun::codegen {

//===----------------------------------------------------------------------===//
// Facts
//===----------------------------------------------------------------------===//

/// What the back end may use on its own or at our request: `native` asks the
/// host for these, users may switch them, executables check them at start.
static constexpr llvm::StringRef kFeatures[] = {"cmov",
                                                "cx8",
                                                "cx16",
                                                "sahf",
                                                "sse3",
                                                "ssse3",
                                                "sse4.1",
                                                "sse4.2",
                                                "sse4a",
                                                "popcnt",
                                                "movbe",
                                                "crc32",
                                                "aes",
                                                "pclmul",
                                                "sha",
                                                "avx",
                                                "avx2",
                                                "fma",
                                                "fma4",
                                                "xop",
                                                "tbm",
                                                "f16c",
                                                "bmi",
                                                "bmi2",
                                                "lzcnt",
                                                "adx",
                                                "gfni",
                                                "vaes",
                                                "vpclmulqdq",
                                                "avxvnni",
                                                "avx512f",
                                                "avx512cd",
                                                "avx512bw",
                                                "avx512dq",
                                                "avx512vl",
                                                "avx512ifma",
                                                "avx512vbmi",
                                                "avx512vbmi2",
                                                "avx512vnni",
                                                "avx512bitalg",
                                                "avx512vpopcntdq",
                                                "avx512bf16",
                                                "avx512fp16"};

/// Short words for levels, `x86-64-v4+vnni`.
static llvm::StringRef findFeature(llvm::StringRef word) {
  return llvm::StringSwitch<llvm::StringRef>(word)
      .Case("vnni", "avx512vnni")
      .Case("vbmi", "avx512vbmi")
      .Default(word);
}

/// Two 512-bit dot products a cycle: ports 0 and 5 of Intel's server cores, the
/// full-width units of Zen 5 (uops.info, VPDPBUSD zmm).
static bool hasTwoWideDots(llvm::StringRef cpu) {
  return llvm::StringSwitch<bool>(cpu)
      .Cases({"sapphirerapids", "emeraldrapids", "graniterapids",
              "graniterapids-d", "icelake-server", "cascadelake", "cooperlake",
              "znver5", "znver6"},
             true)
      .Default(false);
}

/// Multiply-adds a cycle, counted in instructions: a 512-bit `vpdpbusd` does
/// 64, a 256-bit one 32 and two run at once; `vpmaddubsw` needs an addition for
/// 64 or 32. Skipping was measured with 512-bit vectors, see tests/bench. A
/// look-up of 4 trits is 4 loads and additions of 32 tokens and 2
/// moves of the sum for 512 multiply-adds, two vectors each below AVX-512.
static Facts describe(llvm::StringRef cpu, HasFeature has) {
  Facts facts;
  if (has("avx512vbmi")) {
    facts.permuteBytes = 128;
    facts.base3 = true;
  }
  if (has("avx512vnni") || has("avxvnni")) {
    facts.dot = lut::Dot::Quads;
    facts.mixes = has("avx512vnni");
    facts.dotMacs = has("avx512vnni") && hasTwoWideDots(cpu) ? 128 : 64;
  } else if (has("avx2")) {
    facts.dot = lut::Dot::Pairs;
    facts.dotMacs = has("avx512bw") ? 48 : 32;
  } else {
    facts.dotMacs = 8;
  }
  facts.u8Codes = facts.dot == lut::Dot::Quads;
  // Zen 4 reads 31 GB/s from one place and 19 from two. Activations need not be
  // shared: a broadcast is part of its load.
  facts.streams = 1;
  if (has("avx512vnni")) {
    facts.skipRows = {700, 620};
    facts.skipColumns = {550, 530};
  }
  facts.sums = has("avx512bw") ? 24 : has("avx2") ? 4 : 1;
  facts.lookupMacs = has("avx512bw") ? 85 : has("avx2") ? 42 : 16;
  return facts;
}

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

/// Applies a 256-bit instruction to both halves of 512-bit operands.
static Value callOnHalves(PatternRewriter &rewriter, Location loc,
                          llvm::StringRef name, VectorType type,
                          ValueRange operands) {
  auto half = VectorType::get(type.getNumElements() / 2, type.getElementType());
  SmallVector<Value> results;
  for (int64_t i = 0; i < 2; ++i) {
    SmallVector<Value> parts;
    for (Value operand : operands)
      parts.push_back(slice(rewriter, loc, operand, i, 2));
    results.push_back(callIntrinsic(rewriter, loc, name, half, parts));
  }
  return concat(rewriter, loc, results);
}

static Value spreadValues(lut::DotOp op, PatternRewriter &rewriter) {
  return lut::buildSpread(rewriter, op.getLoc(), op.getValues(),
                          cast<VectorType>(op.getCodes().getType()));
}

namespace {
/// An instruction in its 512-bit form, or twice in its 256-bit form.
struct Instruction {
  llvm::StringRef wide, half;
  bool hasWide;

  Value call(PatternRewriter &rewriter, Location loc, Type type,
             ValueRange operands) const {
    if (hasWide)
      return callIntrinsic(rewriter, loc, wide, type, operands);
    return callOnHalves(rewriter, loc, half, cast<VectorType>(type), operands);
  }
};

/// Four products into i32.
struct SelectDot : OpRewritePattern<lut::DotOp> {
  SelectDot(MLIRContext *context, Instruction dot)
      : OpRewritePattern(context), dot(dot) {}
  LogicalResult matchAndRewrite(lut::DotOp op,
                                PatternRewriter &rewriter) const override {
    if (!sums(op, lut::Dot::Quads))
      return rewriter.notifyMatchFailure(op, "not four products into i32");
    rewriter.replaceOp(
        op, dot.call(rewriter, op.getLoc(), op.getType(),
                     {op.getAcc(), op.getCodes(), spreadValues(op, rewriter)}));
    return success();
  }
  Instruction dot;
};

/// The same for tokens.
struct SelectDotTokens : OpRewritePattern<lut::DotTokensOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(lut::DotTokensOp op,
                                PatternRewriter &rewriter) const override {
    Value codes = lut::buildSpread(rewriter, op.getLoc(), op.getCodes(),
                                   op.getValues().getType());
    rewriter.replaceOp(
        op, callIntrinsic(rewriter, op.getLoc(), "llvm.x86.avx512.vpdpbusd.512",
                          op.getType(), {op.getAcc(), codes, op.getValues()}));
    return success();
  }
};

struct SelectDotLanes : OpRewritePattern<lut::DotLanesOp> {
  SelectDotLanes(MLIRContext *context, Instruction dot)
      : OpRewritePattern(context), dot(dot) {}
  LogicalResult matchAndRewrite(lut::DotLanesOp op,
                                PatternRewriter &rewriter) const override {
    rewriter.replaceOp(op,
                       dot.call(rewriter, op.getLoc(), op.getType(),
                                {op.getAcc(), op.getCodes(), op.getValues()}));
    return success();
  }
  Instruction dot;
};

/// vpcompressd into a register: into memory it is microcoded on Zen.
struct SelectAppend : OpRewritePattern<lut::AppendOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(lut::AppendOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Type type = op.getValues().getType(), i16 = rewriter.getI16Type();
    Value chosen =
        callIntrinsic(rewriter, loc, "llvm.x86.avx512.mask.compress.v16i32",
                      type, {op.getValues(), op.getValues(), op.getMask()});
    vector::StoreOp::create(rewriter, loc, chosen, op.getList(), op.getAt());
    Value bits = LLVM::BitcastOp::create(rewriter, loc, i16, op.getMask());
    Value count = callIntrinsic(rewriter, loc, "llvm.ctpop.i16", i16, bits);
    count = arith::IndexCastUIOp::create(rewriter, loc, rewriter.getIndexType(),
                                         count);
    rewriter.replaceOpWithNewOp<arith::AddIOp>(op, op.getAt(), count);
    return success();
  }
};

/// Two products into i16.
struct SelectDotPairs : OpRewritePattern<lut::DotOp> {
  SelectDotPairs(MLIRContext *context, Instruction multiply)
      : OpRewritePattern(context), multiply(multiply) {}
  LogicalResult matchAndRewrite(lut::DotOp op,
                                PatternRewriter &rewriter) const override {
    if (!sums(op, lut::Dot::Pairs))
      return rewriter.notifyMatchFailure(op, "not two products into i16");
    // Saturates at 2¹⁵, which two codes of at most 8 (in nibbles) cannot reach.
    Value pairs = multiply.call(rewriter, op.getLoc(), op.getType(),
                                {op.getCodes(), spreadValues(op, rewriter)});
    rewriter.replaceOpWithNewOp<arith::AddIOp>(op, op.getAcc(), pairs);
    return success();
  }
  Instruction multiply;
};

struct SelectWiden : OpRewritePattern<lut::WidenOp> {
  SelectWiden(MLIRContext *context, Instruction multiply)
      : OpRewritePattern(context), multiply(multiply) {}
  LogicalResult matchAndRewrite(lut::WidenOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto type = cast<VectorType>(op.getNarrow().getType());
    if (type != lut::getSumsType(lut::Dot::Pairs, op.getContext()))
      return rewriter.notifyMatchFailure(op, "not sums of pairs");
    Value ones = arith::ConstantOp::create(
        rewriter, loc,
        DenseElementsAttr::get(type, rewriter.getI16IntegerAttr(1)));
    Value sums =
        multiply.call(rewriter, loc, op.getType(), {op.getNarrow(), ones});
    rewriter.replaceOpWithNewOp<arith::AddIOp>(op, op.getAcc(), sums);
    return success();
  }
  Instruction multiply;
};

/// 64 indices into 128 bytes.
struct SelectPermute : OpRewritePattern<lut::PermuteOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(lut::PermuteOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getIndex().getType().getNumElements() != 64 ||
        op.getTable().getType().getNumElements() != 128)
      return rewriter.notifyMatchFailure(op, "vpermi2b has 128 entries");
    Location loc = op.getLoc();
    Value operands[] = {slice(rewriter, loc, op.getTable(), 0, 2),
                        op.getIndex(),
                        slice(rewriter, loc, op.getTable(), 1, 2)};
    rewriter.replaceOp(op, callIntrinsic(rewriter, loc,
                                         "llvm.x86.avx512.vpermi2var.qi.512",
                                         op.getType(), operands));
    return success();
  }
};

/// 16 of 16 floats, by the lower four bits of each index.
struct SelectPick : OpRewritePattern<lut::PickOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(lut::PickOp op,
                                PatternRewriter &rewriter) const override {
    Value operands[] = {op.getTable(), op.getCodes()};
    Value some =
        callIntrinsic(rewriter, op.getLoc(), "llvm.x86.avx512.permvar.sf.512",
                      op.getType(), operands);
    rewriter.replaceOpWithNewOp<arith::AddFOp>(op, op.getAcc(), some);
    return success();
  }
};

/// The same in halves: of 8 floats by three bits, twice, and a choice by the
/// fourth.
struct SelectPickHalves : OpRewritePattern<lut::PickOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(lut::PickOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto bits = VectorType::get(8, rewriter.getI32Type());
    auto floats = VectorType::get(8, rewriter.getF32Type());
    auto splat = [&](int32_t value) -> Value {
      return arith::ConstantOp::create(
          rewriter, loc,
          DenseElementsAttr::get(bits, rewriter.getI32IntegerAttr(value)));
    };
    SmallVector<Value> halves;
    for (int64_t half = 0; half < 2; ++half) {
      Value codes = slice(rewriter, loc, op.getCodes(), half, 2);
      auto fetch = [&](int64_t part) {
        Value operands[] = {slice(rewriter, loc, op.getTable(), part, 2),
                            codes};
        return callIntrinsic(rewriter, loc, "llvm.x86.avx2.permps", floats,
                             operands);
      };
      // blendv looks at the sign.
      Value sign = arith::ShLIOp::create(rewriter, loc, codes, splat(28));
      Value high = arith::CmpIOp::create(
          rewriter, loc, arith::CmpIPredicate::slt, sign, splat(0));
      halves.push_back(
          arith::SelectOp::create(rewriter, loc, high, fetch(1), fetch(0)));
    }
    rewriter.replaceOpWithNewOp<arith::AddFOp>(op, op.getAcc(),
                                               concat(rewriter, loc, halves));
    return success();
  }
};

/// Bytes have no shifts. LLVM takes `gf2p8affineqb`, which holds up dot
/// products on Zen 4: a fifth of the time of four tokens, against shifts of
/// words.
struct SelectByteShift : OpRewritePattern<arith::ShRUIOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(arith::ShRUIOp op,
                                PatternRewriter &rewriter) const override {
    auto type = dyn_cast<VectorType>(op.getType());
    APInt by;
    if (!type || !type.getElementType().isInteger(8) ||
        !matchPattern(op.getRhs(), m_ConstantInt(&by)))
      return rewriter.notifyMatchFailure(op, "not a shift of bytes");
    auto words =
        VectorType::get(type.getNumElements() / 2, rewriter.getI16Type());
    auto splat = [&](const APInt &value) -> Value {
      return arith::ConstantOp::create(rewriter, op.getLoc(),
                                       DenseElementsAttr::get(words, value));
    };
    Value bits =
        vector::BitCastOp::create(rewriter, op.getLoc(), words, op.getLhs());
    bits =
        arith::ShRUIOp::create(rewriter, op.getLoc(), bits, splat(by.zext(16)));
    APInt kept = APInt::getAllOnes(8).lshr(by);
    bits = arith::AndIOp::create(rewriter, op.getLoc(), bits,
                                 splat(APInt::getSplat(16, kept)));
    rewriter.replaceOpWithNewOp<vector::BitCastOp>(op, type, bits);
    return success();
  }
};
} // namespace

static void populate(RewritePatternSet &patterns, HasFeature has) {
  MLIRContext *context = patterns.getContext();
  bool wide = has("avx512bw");
  if (has("avx512vnni") || has("avxvnni"))
    patterns.add<SelectDot, SelectDotLanes>(
        context,
        Instruction{"llvm.x86.avx512.vpdpbusd.512",
                    "llvm.x86.avx512.vpdpbusd.256", has("avx512vnni")});
  if (has("avx512vnni"))
    patterns.add<SelectDotTokens>(context);
  if (has("avx512f"))
    patterns.add<SelectAppend, SelectPick>(context);
  else if (has("avx2"))
    patterns.add<SelectPickHalves>(context);
  if (has("avx2")) {
    patterns.add<SelectDotPairs>(
        context, Instruction{"llvm.x86.avx512.pmaddubs.w.512",
                             "llvm.x86.avx2.pmadd.ub.sw", wide});
    patterns.add<SelectWiden>(context,
                              Instruction{"llvm.x86.avx512.pmaddw.d.512",
                                          "llvm.x86.avx2.pmadd.wd", wide});
  }
  if (has("avx512vbmi"))
    patterns.add<SelectPermute>(context);
  if (has("gfni"))
    patterns.add<SelectByteShift>(context);
}

static void initialize() {
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86Target();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86AsmPrinter();
}

const Isa &getX86_64() {
  static const Isa isa{"x86-64",
                       "x86_64-unknown-linux-musl",
                       "x86-64,x86-64-v3,x86-64-v4+vnni",
                       "any x86-64 Linux; the features of --cpu",
                       llvm::CodeModel::Medium,
                       "512",
                       "64bit",
                       kFeatures,
                       initialize,
                       describe,
                       populate,
                       findFeature};
  return isa;
}

} // namespace setun::codegen
