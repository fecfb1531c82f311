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

/// What newer CPUs have and executables do not check for: APX, AVX10.2 and the
/// small vector extensions around it.
static constexpr llvm::StringLiteral kNever =
    "-egpr,-push2pop2,-ppx,-ndd,-ccmp,-nf,-cf,-zu,-avx10.2,-avxvnniint8,"
    "-avxvnniint16,-avxneconvert,-avxifma,-cmpccxadd";

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
/// 64 or 32. A look-up of 4 trits is 4 loads and additions of 32 tokens and 2
/// moves of the sum for 512 multiply-adds, two vectors each below AVX-512.
static Facts describe(llvm::StringRef cpu, HasFeature has) {
  Facts facts;
  if (has("avx512vbmi"))
    facts.permuteBytes = 128;
  if (has("avx512vnni") || has("avxvnni")) {
    facts.dot = lut::Dot::Quads;
    facts.dotMacs = has("avx512vnni") && hasTwoWideDots(cpu) ? 128 : 64;
  } else if (has("avx2")) {
    facts.dot = lut::Dot::Pairs;
    facts.dotMacs = has("avx512bw") ? 48 : 32;
  }
  facts.lookupMacs = has("avx512bw") ? 85 : has("avx2") ? 42 : 16;
  return facts;
}

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

static Value callIntrinsic(PatternRewriter &rewriter, Location loc,
                           llvm::StringRef name, Type type,
                           ValueRange operands) {
  return LLVM::CallIntrinsicOp::create(rewriter, loc, type,
                                       rewriter.getStringAttr(name), operands)
      .getResult(0);
}

/// Applies a 256-bit instruction to both halves of 512-bit operands.
static Value callOnHalves(PatternRewriter &rewriter, Location loc,
                          llvm::StringRef name, VectorType type,
                          ValueRange operands) {
  Value halves[2];
  for (int64_t half = 0; half < 2; ++half) {
    SmallVector<Value> parts;
    for (Value operand : operands) {
      int64_t size = cast<VectorType>(operand.getType()).getNumElements() / 2;
      parts.push_back(vector::ExtractStridedSliceOp::create(
          rewriter, loc, operand, ArrayRef<int64_t>{half * size},
          ArrayRef<int64_t>{size}, ArrayRef<int64_t>{1}));
    }
    halves[half] = callIntrinsic(
        rewriter, loc, name,
        VectorType::get(type.getNumElements() / 2, type.getElementType()),
        parts);
  }
  auto lanes = llvm::to_vector(llvm::seq<int64_t>(0, type.getNumElements()));
  return vector::ShuffleOp::create(rewriter, loc, halves[0], halves[1], lanes);
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

struct SelectDot : OpRewritePattern<lut::DotOp> {
  SelectDot(MLIRContext *context, Instruction dot)
      : OpRewritePattern(context), dot(dot) {}
  LogicalResult matchAndRewrite(lut::DotOp op,
                                PatternRewriter &rewriter) const override {
    rewriter.replaceOp(
        op, dot.call(rewriter, op.getLoc(), op.getType(), op.getOperands()));
    return success();
  }
  Instruction dot;
};

struct SelectDotPairs : OpRewritePattern<lut::DotPairsOp> {
  SelectDotPairs(MLIRContext *context, Instruction multiply)
      : OpRewritePattern(context), multiply(multiply) {}
  LogicalResult matchAndRewrite(lut::DotPairsOp op,
                                PatternRewriter &rewriter) const override {
    // Saturates at 2¹⁵, which codes of at most 2 cannot reach.
    Value pairs = multiply.call(rewriter, op.getLoc(), op.getType(),
                                {op.getCodes(), op.getValues()});
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
    auto type = cast<VectorType>(op.getPairs().getType());
    Value ones = arith::ConstantOp::create(
        rewriter, loc,
        DenseElementsAttr::get(type, rewriter.getI16IntegerAttr(1)));
    Value sums =
        multiply.call(rewriter, loc, op.getType(), {op.getPairs(), ones});
    rewriter.replaceOpWithNewOp<arith::AddIOp>(op, op.getAcc(), sums);
    return success();
  }
  Instruction multiply;
};

struct SelectPermute : OpRewritePattern<lut::PermuteOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(lut::PermuteOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getTable().size() != 128)
      return rewriter.notifyMatchFailure(op, "vpermi2b has 128 entries");
    Location loc = op.getLoc();
    auto half = [&](int64_t first) -> Value {
      return arith::ConstantOp::create(
          rewriter, loc,
          DenseElementsAttr::get(cast<VectorType>(op.getType()),
                                 op.getTable().slice(first, 64)));
    };
    Value operands[] = {half(0), op.getIndex(), half(64)};
    rewriter.replaceOp(op, callIntrinsic(rewriter, loc,
                                         "llvm.x86.avx512.vpermi2var.qi.512",
                                         op.getType(), operands));
    return success();
  }
};
} // namespace

static void populate(RewritePatternSet &patterns, HasFeature has) {
  MLIRContext *context = patterns.getContext();
  bool wide = has("avx512bw");
  if (has("avx512vnni") || has("avxvnni"))
    patterns.add<SelectDot>(context, Instruction{"llvm.x86.avx512.vpdpbusd.512",
                                                 "llvm.x86.avx512.vpdpbusd.256",
                                                 has("avx512vnni")});
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
                       "x86-64-v3",
                       "any x86-64 Linux; the features of --cpu",
                       llvm::CodeModel::Medium,
                       "512",
                       "64bit",
                       kNever,
                       kFeatures,
                       initialize,
                       describe,
                       populate};
  return isa;
}

} // namespace setun::codegen
