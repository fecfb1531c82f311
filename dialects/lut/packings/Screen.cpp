//===- Screen.cpp - Six bits a weight of dense rows -----------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//   third 0   c3 bits 1 0 | c0        a byte of each third: one row's columns
//   third 1   c3 bits 3 2 | c1        j, 4+j, 8+j and 12+j of the group
//   third 2   c3 bits 5 4 | c2
//
//===----------------------------------------------------------------------===//

#include "dialects/lut/Lut.h"

#include "mlir/IR/Builders.h"

using namespace mlir;

namespace setun::lut {

int64_t getScreenBlockBytes(int64_t columns) {
  int64_t groups = (columns + kScreenColumns - 1) / kScreenColumns;
  return kScreenHeadBytes + groups * kScreenGroupBytes;
}

void packScreenGroup(const uint8_t (*codes)[kGroupBytes], uint8_t *out) {
  for (int64_t third = 0; third < 3; ++third)
    for (int64_t i = 0; i < kGroupBytes; ++i)
      out[third * kGroupBytes + i] = static_cast<uint8_t>(
          codes[third][i] | (codes[3][i] >> (2 * third) & 3) << 6);
}

SmallVector<Value> buildScreenUnpack(OpBuilder &builder, Location loc,
                                     ValueRange thirds, unsigned laneBits) {
  auto bytes = cast<VectorType>(thirds[0].getType());
  auto lanes = VectorType::get(bytes.getNumElements() * 8 / laneBits,
                               builder.getIntegerType(laneBits));
  auto splat = [&](const APInt &value) -> Value {
    return arith::ConstantOp::create(builder, loc,
                                     DenseElementsAttr::get(lanes, value));
  };
  auto keep = [&](Value v, unsigned mask) -> Value {
    APInt bits = APInt::getSplat(laneBits, APInt(8, mask));
    return arith::AndIOp::create(builder, loc, v, splat(bits));
  };
  SmallVector<Value> codes;
  Value last;
  for (auto [i, third] : llvm::enumerate(thirds)) {
    Value packed = vector::BitCastOp::create(builder, loc, lanes, third);
    codes.push_back(keep(packed, 63));
    Value high = arith::ShRUIOp::create(builder, loc, packed,
                                        splat(APInt(laneBits, 6 - 2 * i)));
    high = keep(high, 3u << (2 * i));
    last = last ? arith::OrIOp::create(builder, loc, last, high) : high;
  }
  codes.push_back(last);
  for (Value &code : codes)
    code = vector::BitCastOp::create(builder, loc, bytes, code);
  return codes;
}

} // namespace setun::lut
