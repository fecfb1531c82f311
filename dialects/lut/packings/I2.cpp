//===- I2.cpp - Two bits a trit -------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//   bit   7 6 | 5 4 | 3 2 | 1 0
//   code   t3 |  t2 |  t1 |  t0      code = trit + 1
//
//===----------------------------------------------------------------------===//

#include "dialects/lut/Lut.h"

#include "mlir/IR/Builders.h"

using namespace mlir;

namespace setun::lut {

StringRef I2Attr::getWord() const { return "i2"; }
unsigned I2Attr::getTritsPerByte() const { return 4; }

uint8_t I2Attr::packByte(ArrayRef<int8_t> trits) const {
  uint8_t byte = 0;
  for (auto [i, trit] : llvm::enumerate(trits))
    byte |= static_cast<uint8_t>(trit + 1) << (2 * i);
  return byte;
}

/// The highest field moves down where 2·64 is too large.
SmallVector<int64_t> I2Attr::getScales(Form form) const {
  if (form == Form::InPlaceU8)
    return {1, 4, 16, 64};
  if (form == Form::InPlace)
    return {1, 4, 16, 1};
  if (form == Form::InNibbles)
    return {1, 4, 1, 4};
  return {1, 1, 1, 1};
}

SmallVector<Value> I2Attr::buildUnpack(OpBuilder &builder, Location loc,
                                       Value bytes,
                                       const UnpackOptions &options) const {
  auto type = cast<VectorType>(bytes.getType());
  auto lanes = VectorType::get(type.getShape()[0] * 8 / options.laneBits,
                               builder.getIntegerType(options.laneBits),
                               type.getScalableDims());
  auto splat = [&](const APInt &value) -> Value {
    return arith::ConstantOp::create(builder, loc,
                                     DenseElementsAttr::get(lanes, value));
  };
  Value packed = vector::BitCastOp::create(builder, loc, lanes, bytes);
  // `width` bits at `from`, moved down by `shift`. What a byte begins with has
  // nothing above it.
  auto field = [&](unsigned from, unsigned width, unsigned shift) -> Value {
    Value bits = packed;
    if (shift)
      bits = arith::ShRUIOp::create(builder, loc, bits,
                                    splat(APInt(options.laneBits, shift)));
    if (shift + width < 8 || options.laneBits > 8) {
      APInt mask = APInt::getBitsSet(8, from - shift, from - shift + width);
      bits = arith::AndIOp::create(
          builder, loc, bits, splat(APInt::getSplat(options.laneBits, mask)));
    }
    return vector::BitCastOp::create(builder, loc, type, bits);
  };
  if (options.form == Form::Pairs)
    return {field(0, 4, 0), field(4, 4, 4)};
  SmallVector<Value> codes;
  for (auto [i, scale] : llvm::enumerate(getScales(options.form)))
    codes.push_back(field(2 * i, 2, 2 * i - llvm::Log2_64(scale)));
  return codes;
}

} // namespace setun::lut
