//===- Codes.cpp - Rows of integers with a scale a group ------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The layout of `#lut.codes`. Blocks of 16 columns divide groups, so the lanes
// of a vector share bytes, shifts and a scale.
//
//===----------------------------------------------------------------------===//

#include "codegen/halide/Contract.h"
#include "codegen/halide/StageBuilder.h"
#include "codegen/halide/Stages.h"

using namespace Halide;

namespace setun::codegen {

namespace {
/// Stored rows as bytes, and their weights as fp32.
class CodedRows {
public:
  CodedRows(StageBuilder &stage, int np, int bits, int group);
  Expr load(const Expr &lane, const Expr &block, const Expr &row) const;

private:
  Expr byte(const Expr &at, const Expr &row) const {
    return cast<int32_t>(bytes(at, row));
  }
  Expr loadCode(const Expr &lane, const Expr &block, const Expr &row) const;

  int bits, group, codeBytes;
  ImageParam bytes;
};
} // namespace

CodedRows::CodedRows(StageBuilder &stage, int np, int bits, int group)
    : bits(bits), group(group) {
  StageBuilder::require(np % kLanes == 0, "np, a multiple of 16");
  StageBuilder::require((bits == 4 || bits == 6 || bits == 8) &&
                            (group == 32 || group == 64),
                        "4, 6 or 8 bits in groups of 32 or 64");
  int width = (np + group - 1) / group * group;
  codeBytes = width * bits / 8;
  bytes = stage.inputRows("rows", UInt(8), codeBytes + width / group * 4);
}

/// The integer of a column of a block.
Expr CodedRows::loadCode(const Expr &lane, const Expr &block,
                         const Expr &row) const {
  if (bits == 8)
    return cast<int32_t>(
        reinterpret<int8_t>(bytes(block * kLanes + lane, row)));
  auto half = [&](const Expr &at) {
    return (byte(at + lane, row) >> (block % 2 * 4)) & 15;
  };
  if (bits == 4)
    return half(block / 2 * kLanes) - 8;
  Expr begin = block / 4 * (3 * kLanes); // of 64 columns
  Expr high = (byte(begin + 2 * kLanes + lane, row) >> (block % 4 * 2)) & 3;
  return (half(begin + block % 4 / 2 * kLanes) | (high << 4)) - 32;
}

Expr CodedRows::load(const Expr &lane, const Expr &block,
                     const Expr &row) const {
  Expr at = codeBytes + block / (group / kLanes) * 4;
  Expr word = cast<uint32_t>(bytes(at, row));
  for (int i = 1; i < 4; ++i)
    word = word | (cast<uint32_t>(bytes(at + i, row)) << (8 * i));
  return cast<float>(loadCode(lane, block, row)) * reinterpret<float>(word);
}

void stages::embed_codes(StageBuilder &stage) {
  int np = stage.size(0);
  CodedRows rows(stage, np, stage.size(1), stage.size(2));
  Func x("x");
  Var i("i");
  Expr value = rows.load(i % kLanes, i / kLanes, 0);
  x(i) = stage.epsilon() ? value * stage.epsilon() : value;
  x.vectorize(i, kLanes);
  stage.output(x, np);
}

void stages::head_codes(StageBuilder &stage) {
  int np = stage.size(0), rowsPerTile = stage.size(1);
  StageBuilder::require(int64_t(np) * rowsPerTile < INT32_MAX,
                        "a tile of less than 2147483647 weights");
  CodedRows rows(stage, np, stage.size(2), stage.size(3));
  ImageParam x = stage.input("x", Float(32), np);
  Func logits("logits");
  Var r("r");
  logits(r) = undef<float>();
  stage.output(logits, rowsPerTile);
  Expr count = stage.count("count");
  auto dots = LaneReduction::sumOfBlocks(
      "dots", np / kLanes, [&](Expr lane, Expr block, Expr row) {
        return rows.load(lane, block, row) * x(block * kLanes + lane);
      });
  RDom row(0, count);
  logits(row) = dots.result(row);
  dots.computeAt(logits, row, row, 1);
}

} // namespace setun::codegen
