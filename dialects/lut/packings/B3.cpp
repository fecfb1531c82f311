//===- B3.cpp - Base 3, five trits a byte ---------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//   byte = 84·t4 + c,  c = 27·t3 + 9·t2 + 3·t1 + t0 < 81     code = trit + 1
//
// 84 and not 81: any stride from 81 to 87 keeps the byte below 256; 84 has the
// largest power of two among them.
//
//===----------------------------------------------------------------------===//

#include "dialects/lut/Lut.h"

#include "mlir/IR/Builders.h"

using namespace mlir;

namespace setun::lut {

static constexpr int kStride = 84;
static constexpr int kCombinations = 81;

StringRef B3Attr::getWord() const { return "b3"; }
unsigned B3Attr::getTritsPerByte() const { return 5; }

uint8_t B3Attr::packByte(ArrayRef<int8_t> trits) const {
  int byte = (trits[4] + 1) * kStride;
  for (int i = 0, weight = 1; i < 4; ++i, weight *= 3)
    byte += (trits[i] + 1) * weight;
  return static_cast<uint8_t>(byte);
}

namespace {
/// Byte arithmetic on vectors.
struct Bytes {
  OpBuilder &builder;
  Location loc;
  VectorType type;

  Value splat(int64_t value) {
    return arith::ConstantOp::create(
        builder, loc,
        DenseElementsAttr::get(
            type, builder.getIntegerAttr(type.getElementType(),
                                         static_cast<int8_t>(value))));
  }
  Value sub(Value value, int64_t amount) {
    return arith::SubIOp::create(builder, loc, value, splat(amount));
  }
  Value add(Value a, Value b) {
    return arith::AddIOp::create(builder, loc, a, b);
  }
  Value mul(Value value, int64_t by) {
    return by == 1 ? value
                   : arith::MulIOp::create(builder, loc, value, splat(by));
  }
  Value min(Value a, Value b) {
    return arith::MinUIOp::create(builder, loc, a, b);
  }
  /// 1 where value ≥ bound, else 0.
  Value reaches(Value value, int64_t bound) {
    Value is = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::uge,
                                     value, splat(bound));
    return arith::ExtUIOp::create(builder, loc, type, is);
  }
  /// value / unit for value < 3·unit.
  Value digit(Value value, int64_t unit) {
    return add(reaches(value, unit), reaches(value, 2 * unit));
  }
  /// value mod unit for value < 3·unit: what does not wrap below zero is the
  /// smallest.
  Value remainder(Value value, int64_t unit) {
    return min(value, min(sub(value, unit), sub(value, 2 * unit)));
  }
};
} // namespace

/// One table look-up turns c into the four fields of a 2-bit byte.
static Value lookUpFields(Bytes &bytes, Value c, unsigned permuteBytes) {
  SmallVector<int8_t> entries;
  for (int n = 0; n < kCombinations; ++n)
    entries.push_back(static_cast<int8_t>(n % 3 | n / 3 % 3 << 2 |
                                          n / 9 % 3 << 4 | n / 27 << 6));
  entries.resize(permuteBytes);
  auto type = VectorType::get(permuteBytes, bytes.type.getElementType());
  Value table = arith::ConstantOp::create(
      bytes.builder, bytes.loc,
      DenseElementsAttr::get(type, ArrayRef<int8_t>(entries)));
  return PermuteOp::create(bytes.builder, bytes.loc, bytes.type, c, table);
}

/// The first four are those of the 2-bit fields they become.
SmallVector<int64_t> B3Attr::getScales() const {
  SmallVector<int64_t> scales = I2Attr::get(getContext()).getScales();
  scales.push_back(1);
  return scales;
}

SmallVector<Value> B3Attr::buildUnpack(OpBuilder &builder, Location loc,
                                       Value packed,
                                       const UnpackOptions &options) const {
  Bytes bytes{builder, loc, cast<VectorType>(packed.getType())};
  Value top = bytes.digit(packed, kStride);
  Value c = bytes.remainder(packed, kStride);
  SmallVector<Value> codes;
  if (options.permuteBytes >= kCombinations) {
    Value fields = lookUpFields(bytes, c, options.permuteBytes);
    codes =
        I2Attr::get(getContext()).buildUnpack(builder, loc, fields, options);
  } else {
    codes.resize(4);
    for (int i = 3, unit = 27; i > 0; --i, unit /= 3) {
      codes[i] = bytes.digit(c, unit);
      c = bytes.remainder(c, unit);
    }
    codes[0] = c;
    if (options.form == Form::InPlace)
      for (auto [code, scale] : llvm::zip(codes, getScales()))
        code = bytes.mul(code, scale);
    if (options.form == Form::Pairs)
      codes = {bytes.add(codes[0], bytes.mul(codes[1], 4)),
               bytes.add(codes[2], bytes.mul(codes[3], 4))};
  }
  codes.push_back(top);
  return codes;
}

} // namespace setun::lut
