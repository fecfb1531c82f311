//===- B3.cpp - Base 3, five trits a byte ---------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//   byte = 84·t4 + c,  c = 27·t3 + 9·t2 + 3·t1 + t0 < 81     code = trit + 1
//
// 84 and not 81: any stride from 81 to 87 keeps the byte below 256; of 84 a
// quarter is whole, so a table of 64 tells t4 from the upper six bits.
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
  Value sub(Value value, int64_t amount) { return sub(value, splat(amount)); }
  Value sub(Value a, Value b) {
    return arith::SubIOp::create(builder, loc, a, b);
  }
  Value add(Value a, Value b) {
    return arith::AddIOp::create(builder, loc, a, b);
  }
  Value mul(Value value, int64_t by) {
    return by == 1 ? value
                   : arith::MulIOp::create(builder, loc, value, splat(by));
  }
  Value shiftRight(Value value, int64_t by) {
    return arith::ShRUIOp::create(builder, loc, value, splat(by));
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

using Entry = llvm::function_ref<int(int)>;

/// entry(index), where a table of `size` bytes holds every index.
static Value lookUp(Bytes &bytes, Value index, int64_t size, Entry entry) {
  SmallVector<int8_t> entries;
  for (int n = 0; n < size; ++n)
    entries.push_back(static_cast<int8_t>(entry(n)));
  auto type = VectorType::get(size, bytes.type.getElementType());
  Value table = arith::ConstantOp::create(
      bytes.builder, bytes.loc,
      DenseElementsAttr::get(type, ArrayRef<int8_t>(entries)));
  return PermuteOp::create(bytes.builder, bytes.loc, bytes.type, index, table);
}

/// What becomes of a byte: t4 times its scale, and c.
static std::pair<Value, Value> split(Bytes &bytes, Value packed, Form form,
                                     bool indexed) {
  bool scaled = form == Form::InPlaceU8;
  if (!indexed) {
    Value c = bytes.remainder(packed, kStride);
    return {scaled ? bytes.sub(packed, c) : bytes.digit(packed, kStride), c};
  }
  // Four neighbouring bytes have the same t4.
  Value quarter = bytes.shiftRight(packed, 2);
  auto topOf = [](int quarter) { return std::min(quarter / (kStride / 4), 2); };
  Value stride =
      lookUp(bytes, quarter, 64, [&](int n) { return kStride * topOf(n); });
  Value c = bytes.sub(packed, stride);
  return {scaled ? stride : lookUp(bytes, quarter, 64, topOf), c};
}

/// The four fields of a 2-bit byte for c.
static int getFields(int c) {
  return c % 3 | c / 3 % 3 << 2 | c / 9 % 3 << 4 | c / 27 % 3 << 6;
}

/// The first four are those of the 2-bit fields they become; the last is what
/// the others leave of the byte.
SmallVector<int64_t> B3Attr::getScales(Form form) const {
  SmallVector<int64_t> scales = I2Attr::get(getContext()).getScales(form);
  scales.push_back(form == Form::InPlaceU8 ? kStride : 1);
  return scales;
}

SmallVector<Value> B3Attr::buildUnpack(OpBuilder &builder, Location loc,
                                       Value packed,
                                       const UnpackOptions &options) const {
  Bytes bytes{builder, loc, cast<VectorType>(packed.getType())};
  bool indexed = options.permuteBytes >= kCombinations;
  auto [top, c] = split(bytes, packed, options.form, indexed);
  SmallVector<Value> codes;
  if (indexed) {
    Value fields = lookUp(bytes, c, options.permuteBytes, getFields);
    codes =
        I2Attr::get(getContext()).buildUnpack(builder, loc, fields, options);
  } else {
    codes.resize(4);
    for (int i = 3, unit = 27; i > 0; --i, unit /= 3) {
      codes[i] = bytes.digit(c, unit);
      c = bytes.remainder(c, unit);
    }
    codes[0] = c;
    for (auto [code, scale] : llvm::zip(codes, getScales(options.form)))
      code = bytes.mul(code, scale);
    if (options.form == Form::Pairs)
      codes = {bytes.add(codes[0], bytes.mul(codes[1], 4)),
               bytes.add(codes[2], bytes.mul(codes[3], 4))};
  }
  codes.push_back(top);
  return codes;
}

} // namespace setun::lut
