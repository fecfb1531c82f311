//===- B3.cpp - Base 3, five trits a byte ---------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//   byte = 84·t4 + c,  c = 27·t3 + 9·t2 + 3·t1 + t0 < 81     code = trit + 1
//
// t0 … t4 are rows of five blocks in one column, so that products with sums of
// codes are sums of products: what a byte is made of meets one activation, and
// need not be taken apart first. 84 and not 81: any stride from 81 to 87 keeps
// the byte below 256; of 84 a quarter is whole, so a table of 64 tells t4 from
// the upper six bits.
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
unsigned B3Attr::getPanelBlocks() const { return 5; }
/// 84·S4 must not wrap before it is divided.
int64_t B3Attr::getLargestShare() const { return 2 * kStride; }
bool B3Attr::knows(Form form) const {
  return form == Form::Codes || form == Form::Mixed;
}

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
  Value mask(Value value, int64_t bits) {
    return arith::AndIOp::create(builder, loc, value, splat(bits));
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

/// The two parts of a byte: t4, and c.
static std::pair<Value, Value> split(Bytes &bytes, Value packed, bool indexed) {
  if (!indexed)
    return {bytes.digit(packed, kStride), bytes.remainder(packed, kStride)};
  // Four neighbouring bytes have the same t4.
  Value quarter = bytes.shiftRight(packed, 2);
  auto topOf = [](int quarter) { return std::min(quarter / (kStride / 4), 2); };
  Value stride =
      lookUp(bytes, quarter, 64, [&](int n) { return kStride * topOf(n); });
  return {lookUp(bytes, quarter, 64, topOf), bytes.sub(packed, stride)};
}

/// The four fields of a 2-bit byte for c.
static int getFields(int c) {
  return c % 3 | c / 3 % 3 << 2 | c / 9 % 3 << 4 | c / 27 % 3 << 6;
}

/// The codes of c.
static SmallVector<Value> getDigits(Bytes &bytes, Value c) {
  SmallVector<Value> codes(4);
  for (int i = 3, unit = 27; i > 0; --i, unit /= 3) {
    codes[i] = bytes.digit(c, unit);
    c = bytes.remainder(c, unit);
  }
  codes[0] = c;
  return codes;
}

SmallVector<int64_t> B3Attr::getScales(Form) const {
  return SmallVector<int64_t>(5, 1);
}

/// The byte, c, the fields of c, the lower two of them and the lowest.
static SmallVector<Value> mix(Bytes &bytes, Value packed, int64_t entries) {
  Value c = bytes.remainder(packed, kStride), fields;
  if (entries >= kCombinations) {
    fields = lookUp(bytes, c, entries, getFields);
  } else {
    SmallVector<Value> codes = getDigits(bytes, c);
    fields = codes[0];
    for (int i = 1; i < 4; ++i)
      fields = bytes.add(fields, bytes.mul(codes[i], 1 << 2 * i));
  }
  return {packed, c, fields, bytes.mask(fields, 15), bytes.mask(fields, 3)};
}

SmallVector<Value> B3Attr::buildUnpack(OpBuilder &builder, Location loc,
                                       Value packed,
                                       const UnpackOptions &options) const {
  Bytes bytes{builder, loc, cast<VectorType>(packed.getType())};
  if (options.form == Form::Mixed)
    return mix(bytes, packed, options.permuteBytes);
  bool indexed = options.permuteBytes >= kCombinations;
  auto [top, c] = split(bytes, packed, indexed);
  SmallVector<Value> codes;
  if (indexed) {
    Value fields = lookUp(bytes, c, options.permuteBytes, getFields);
    codes =
        I2Attr::get(getContext()).buildUnpack(builder, loc, fields, options);
  } else {
    codes = getDigits(bytes, c);
  }
  codes.push_back(top);
  return codes;
}

/// With S0 … S4 for the sums, of which `mix` gives
///   84·S4 + C,  C = 27·S3 + 9·S2 + 3·S1 + S0,
///   64·S3 + 16·S2 + 4·S1 + S0,  4·S1 + S0,  S0.
SmallVector<Value> B3Attr::buildSeparate(OpBuilder &builder, Location loc,
                                         ValueRange sums) const {
  auto type = cast<VectorType>(sums[0].getType());
  auto splat = [&](const APInt &value) -> Value {
    return arith::ConstantOp::create(builder, loc,
                                     DenseElementsAttr::get(type, value));
  };
  auto sub = [&](Value a, Value b) -> Value {
    return arith::SubIOp::create(builder, loc, a, b);
  };
  auto times = [&](Value value, unsigned by) -> Value {
    return arith::MulIOp::create(builder, loc, value, splat(APInt(32, by)));
  };
  // Of a multiple of 2^shift · odd; odd numbers have an inverse modulo 2³².
  auto divide = [&](Value value, unsigned odd, unsigned shift) -> Value {
    if (shift)
      value =
          arith::ShRSIOp::create(builder, loc, value, splat(APInt(32, shift)));
    if (odd == 1)
      return value;
    Value inverse = splat(APInt(32, odd).multiplicativeInverse());
    return arith::MulIOp::create(builder, loc, value, inverse);
  };
  Value s0 = sums[4];
  Value s1 = divide(sub(sums[3], s0), 1, 2);
  Value three = divide(sub(sub(sums[1], s0), times(s1, 3)), 9, 0);
  Value four = divide(sub(sums[2], sums[3]), 1, 4);
  Value s3 = sub(four, three); // S2 + 4·S3 − (S2 + 3·S3)
  Value s2 = sub(three, times(s3, 3));
  Value s4 = divide(sub(sums[0], sums[1]), kStride / 4, 2);
  return {s0, s1, s2, s3, s4};
}

} // namespace setun::lut
