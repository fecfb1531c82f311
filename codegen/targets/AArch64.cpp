//===- AArch64.cpp - AArch64: NEON, dot products, SMMLA, SVE --------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Codes are below 128, hence signed everywhere: `sdot` sums four products into
// i32 and `smmla` those of 2 rows, 8 columns and 2 tokens; before them, `smlal`
// adds one product a lane into i16. `tbl` indexes 64 bytes, `tbx` the next 64.
//
//===----------------------------------------------------------------------===//

#include "codegen/targets/Instructions.h"
#include "codegen/targets/Target.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/AArch64TargetParser.h"

using namespace mlir;

namespace setun::codegen {

//===----------------------------------------------------------------------===//
// Facts
//===----------------------------------------------------------------------===//

/// What executables check at start.
static constexpr llvm::StringRef kFeatures[] = {
    "fp-armv8", "neon",     "crc",     "aes",       "sha2",   "lse",
    "rdm",      "fullfp16", "fp16fml", "dotprod",   "jsconv", "complxnum",
    "rcpc",     "sha3",     "sm4",     "rcpc-immo", "flagm",  "altnzcv",
    "fptoint",  "i8mm",     "bf16",    "sve",       "sve2"};

static llvm::StringRef findFeature(llvm::StringRef word) {
  auto extension = llvm::AArch64::parseArchExtension(word);
  return extension ? extension->PosTargetFeature.drop_front() : word;
}

static CpuWords findArchitecture(llvm::StringRef word) {
  const llvm::AArch64::ArchInfo *found = llvm::AArch64::parseArch(word);
  if (!found)
    return {};
  llvm::AArch64::ExtensionSet extensions;
  extensions.addArchDefaults(*found);
  std::vector<llvm::StringRef> features;
  extensions.toLLVMFeatureList(features);
  return {"generic", llvm::join(features, ",")};
}

/// Two 128-bit dot products a cycle, or four (Arm's software optimization
/// guides, SDOT and SMMLA; Apple's P cores).
static bool hasFourDots(llvm::StringRef cpu) {
  return cpu.starts_with("apple-") ||
         llvm::StringSwitch<bool>(cpu)
             .Cases({"neoverse-v1", "neoverse-v2", "neoverse-v3", "cortex-x1",
                     "cortex-x2", "cortex-x3", "cortex-x4", "cortex-x925"},
                    true)
             .Default(false);
}

/// SVE vectors of 128 bits: NEON's kernels, which need no predicates, are as
/// wide.
static bool hasShortVectors(llvm::StringRef cpu) {
  return llvm::StringSwitch<bool>(cpu)
      .Cases({"neoverse-n2", "neoverse-n3", "neoverse-v2", "neoverse-v3",
              "cortex-a510", "cortex-a520", "cortex-a710", "cortex-a715",
              "cortex-a720", "cortex-a725", "cortex-x2", "cortex-x3",
              "cortex-x4", "cortex-x925"},
             true)
      .Default(false);
}

/// Multiply-adds a cycle: `sdot` does 16, `smmla` 32, two run at once or four;
/// `smlal` does 8. A look-up of 4 trits is 4 loads and additions of 4 vectors
/// each, and 8 moves of the sums, for 512 multiply-adds; two loads a cycle.
static Facts describe(llvm::StringRef cpu, HasFeature has) {
  Facts facts;
  unsigned pipes = hasFourDots(cpu) ? 4 : 2;
  facts.lookupMacs = 42;
  facts.permuteBytes = 128;
  if (has("i8mm") && has("dotprod")) {
    facts.dot = lut::Dot::Tiles;
    facts.dotMacs = 32 * pipes;
  } else if (has("dotprod")) {
    facts.dot = lut::Dot::Quads;
    facts.dotMacs = 16 * pipes;
  } else {
    facts.dotMacs = 8;
    facts.sums = 2;
  }
  // Where a sum is one register.
  if (has("sve2") && !hasShortVectors(cpu)) {
    facts.dot = lut::Dot::Quads;
    facts.dotMacs = 16 * pipes;
    facts.scalable = true;
    facts.sums = 16;
  }
  return facts;
}

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

namespace {
/// Vectors of 128 bits.
struct Neon {
  PatternRewriter &b;
  Location loc;
  VectorType bytes = VectorType::get(16, b.getI8Type());
  VectorType words = VectorType::get(4, b.getI32Type());

  Value call(llvm::StringRef name, Type type, ValueRange operands) {
    return callIntrinsic(b, loc, name, type, operands);
  }
  Value part(Value v, int64_t index, int64_t parts) {
    return slice(b, loc, v, index, parts);
  }
  Value shuffle(Value x, Value y, ArrayRef<int64_t> lanes) {
    return vector::ShuffleOp::create(b, loc, x, y, lanes);
  }
};

/// SVE's sdot.
struct SelectScalableDot : OpRewritePattern<lut::DotOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(lut::DotOp op,
                                PatternRewriter &rewriter) const override {
    auto codes = cast<VectorType>(op.getCodes().getType());
    if (!codes.isScalable())
      return rewriter.notifyMatchFailure(op, "of known length");
    Value q = lut::buildSpread(rewriter, op.getLoc(), op.getValues(), codes);
    rewriter.replaceOp(op, callIntrinsic(rewriter, op.getLoc(),
                                         "llvm.aarch64.sve.sdot.nxv4i32",
                                         op.getType(),
                                         {op.getAcc(), op.getCodes(), q}));
    return success();
  }
};

/// sdot, four rows at once.
struct SelectDot : OpRewritePattern<lut::DotOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(lut::DotOp op,
                                PatternRewriter &rewriter) const override {
    if (!sums(op, lut::Dot::Quads))
      return rewriter.notifyMatchFailure(op, "not four products into i32");
    Neon neon{rewriter, op.getLoc()};
    Value q =
        lut::buildSpread(rewriter, op.getLoc(), op.getValues(), neon.bytes);
    SmallVector<Value> parts;
    for (int64_t i = 0; i < 4; ++i)
      parts.push_back(neon.call(
          "llvm.aarch64.neon.sdot.v4i32.v16i8", neon.words,
          {neon.part(op.getAcc(), i, 4), neon.part(op.getCodes(), i, 4), q}));
    rewriter.replaceOp(op, concat(rewriter, op.getLoc(), parts));
    return success();
  }
};

/// smlal and smlal2, which extend, multiply and add.
struct SelectSingles : OpRewritePattern<lut::DotOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(lut::DotOp op,
                                PatternRewriter &rewriter) const override {
    if (!sums(op, lut::Dot::Singles))
      return rewriter.notifyMatchFailure(op, "not one product a lane");
    Neon neon{rewriter, op.getLoc()};
    auto type = VectorType::get(8, rewriter.getI16Type());
    Value q = spread(neon, op.getValues());
    SmallVector<Value> parts;
    for (int64_t i = 0; i < 8; ++i) {
      Value products =
          neon.call("llvm.aarch64.neon.smull.v8i16", type,
                    {neon.part(op.getCodes(), i, 8), neon.part(q, i % 2, 2)});
      parts.push_back(arith::AddIOp::create(
          rewriter, op.getLoc(), neon.part(op.getAcc(), i, 8), products));
    }
    rewriter.replaceOp(op, concat(rewriter, op.getLoc(), parts));
    return success();
  }

  /// Where the back end sees that both halves of q are the same, it moves the
  /// upper codes down instead of reading them with smlal2: an empty line of
  /// assembly hides it.
  static Value spread(Neon neon, Value four) {
    Value q = lut::buildSpread(neon.b, neon.loc, four, neon.bytes);
    return LLVM::InlineAsmOp::create(
               neon.b, neon.loc, TypeRange(neon.bytes), ValueRange(q),
               /*asm_string=*/"", /*constraints=*/"=w,0",
               /*has_side_effects=*/false, /*is_align_stack=*/false,
               LLVM::TailCallKind::None, LLVM::AsmDialectAttr(), ArrayAttr())
        .getResult(0);
  }
};

/// saddlp adds the first two columns of a row and the other two, addp these.
struct SelectWiden : OpRewritePattern<lut::WidenOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(lut::WidenOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getNarrow().getType() !=
        lut::getSumsType(lut::Dot::Singles, op.getContext()))
      return rewriter.notifyMatchFailure(op, "not sums of single products");
    Neon neon{rewriter, op.getLoc()};
    SmallVector<Value> parts;
    for (int64_t i = 0; i < 4; ++i) {
      Value halves[2];
      for (int64_t half = 0; half < 2; ++half)
        halves[half] =
            neon.call("llvm.aarch64.neon.saddlp.v4i32.v8i16", neon.words,
                      neon.part(op.getNarrow(), 2 * i + half, 8));
      parts.push_back(
          neon.call("llvm.aarch64.neon.addp.v4i32", neon.words, halves));
    }
    Value rows = concat(rewriter, op.getLoc(), parts);
    rewriter.replaceOpWithNewOp<arith::AddIOp>(op, op.getAcc(), rows);
    return success();
  }
};

/// smmla: two rows of eight codes, zipped from the low and the high ones.
struct SelectDotTile : OpRewritePattern<lut::DotTileOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(lut::DotTileOp op,
                                PatternRewriter &rewriter) const override {
    Neon neon{rewriter, op.getLoc()};
    SmallVector<Value> parts;
    for (int64_t p = 0; p < 8; ++p) {
      SmallVector<int64_t> lanes;
      for (int64_t a = 0; a < 2; ++a)
        for (int64_t k = 0; k < 8; ++k)
          lanes.push_back((p % 2 * 2 + a) * 4 + k % 4 + k / 4 * 16);
      Value rows = neon.shuffle(neon.part(op.getLow(), p / 2, 4),
                                neon.part(op.getHigh(), p / 2, 4), lanes);
      parts.push_back(
          neon.call("llvm.aarch64.neon.smmla.v4i32.v16i8", neon.words,
                    {neon.part(op.getAcc(), p, 8), rows, op.getValues()}));
    }
    rewriter.replaceOp(op, concat(rewriter, op.getLoc(), parts));
    return success();
  }
};

/// tbl indexes up to 64 bytes; tbx the next 64, and leaves alone what lies
/// elsewhere.
struct SelectPermute : OpRewritePattern<lut::PermuteOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(lut::PermuteOp op,
                                PatternRewriter &rewriter) const override {
    Neon neon{rewriter, op.getLoc()};
    int64_t registers = op.getTable().getType().getNumElements() / 16;
    SmallVector<Value> table;
    for (int64_t i = 0; i < registers; ++i)
      table.push_back(neon.part(op.getTable(), i, registers));
    int64_t count = op.getIndex().getType().getNumElements() / 16;
    SmallVector<Value> parts;
    for (int64_t i = 0; i < count; ++i)
      parts.push_back(lookUp(neon, table, neon.part(op.getIndex(), i, count)));
    rewriter.replaceOp(op, concat(rewriter, op.getLoc(), parts));
    return success();
  }

  static Value lookUp(Neon neon, ArrayRef<Value> table, Value index) {
    auto call = [&](llvm::StringRef name, SmallVector<Value> operands,
                    ArrayRef<Value> table, Value index) {
      operands.append(table.begin(), table.end());
      operands.push_back(index);
      return neon.call((name + Twine(table.size()) + ".v16i8").str(),
                       neon.bytes, operands);
    };
    if (table.size() <= 4)
      return call("llvm.aarch64.neon.tbl", {}, table, index);
    Value found = call("llvm.aarch64.neon.tbl", {}, table.take_front(4), index);
    Value rest = arith::ConstantOp::create(
        neon.b, neon.loc,
        DenseElementsAttr::get(neon.bytes, static_cast<int8_t>(64)));
    rest = arith::SubIOp::create(neon.b, neon.loc, index, rest);
    return call("llvm.aarch64.neon.tbx", {found}, table.drop_front(4), rest);
  }
};
} // namespace

static void populate(RewritePatternSet &patterns, HasFeature has) {
  MLIRContext *context = patterns.getContext();
  patterns.add<SelectSingles, SelectWiden, SelectPermute>(context);
  if (has("dotprod"))
    patterns.add<SelectDot>(context);
  if (has("i8mm"))
    patterns.add<SelectDotTile>(context);
  if (has("sve"))
    patterns.add<SelectScalableDot>(context);
}

static void initialize() {
  LLVMInitializeAArch64TargetInfo();
  LLVMInitializeAArch64Target();
  LLVMInitializeAArch64TargetMC();
  LLVMInitializeAArch64AsmPrinter();
}

const Isa &getAArch64() {
  static const Isa isa{"aarch64",
                       "aarch64-unknown-linux-musl",
                       "armv8-a,armv8.2-a+dotprod,armv8.2-a+dotprod+i8mm",
                       "any 64-bit Arm Linux, little-endian",
                       llvm::CodeModel::Small,
                       "128",
                       "neon",
                       kFeatures,
                       initialize,
                       describe,
                       populate,
                       findFeature,
                       findArchitecture};
  return isa;
}

} // namespace setun::codegen
