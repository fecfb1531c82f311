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

SmallVector<Value> I2Attr::buildUnpack(OpBuilder &builder, Location loc,
                                       Value bytes, unsigned) const {
  auto type = cast<VectorType>(bytes.getType());
  // Shift words, not bytes: few ISAs shift bytes, and the mask drops what
  // crosses over.
  auto wide = VectorType::get(type.getNumElements() / 2, builder.getI16Type());
  auto splat = [&](VectorType t, int64_t value) -> Value {
    return arith::ConstantOp::create(
        builder, loc,
        DenseElementsAttr::get(
            t, builder.getIntegerAttr(t.getElementType(), value)));
  };
  Value words = vector::BitCastOp::create(builder, loc, wide, bytes);
  Value mask = splat(type, 3);
  SmallVector<Value> codes;
  for (int64_t i = 0; i < 4; ++i) {
    Value field = bytes;
    if (i) {
      Value moved =
          arith::ShRUIOp::create(builder, loc, words, splat(wide, 2 * i));
      field = vector::BitCastOp::create(builder, loc, type, moved);
    }
    codes.push_back(arith::AndIOp::create(builder, loc, field, mask));
  }
  return codes;
}

} // namespace setun::lut
