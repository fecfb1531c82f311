//===- UnpackTest.cpp - What packings write for lut.unpack ----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Folded here, for every byte of a packing. Compiled for each CPU, inside
// kernels, it runs in tests/codegen/kernels.
//
//===----------------------------------------------------------------------===//

#include "dialects/lut/Lut.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

#include <climits>
#include <cstring>
#include <random>

using namespace mlir;
using namespace setun;

namespace {

/// The bytes of a constant; a splat holds one element only.
std::vector<uint8_t> expand(Attribute attr) {
  auto dense = cast<DenseElementsAttr>(attr);
  ArrayRef<char> raw = dense.getRawData();
  size_t copies = dense.isSplat() ? dense.getNumElements() : 1;
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i < copies; ++i)
    bytes.insert(bytes.end(), raw.begin(), raw.end());
  return bytes;
}

DenseElementsAttr makeBytes(ShapedType type, ArrayRef<uint8_t> bytes) {
  return DenseElementsAttr::getFromRawBuffer(
      type, {reinterpret_cast<const char *>(bytes.data()), bytes.size()});
}

/// The value of an op on constants. Arithmetic folds; what moves bytes about is
/// done here.
Attribute evaluate(Operation &op, ArrayRef<Attribute> operands) {
  if (auto bits = dyn_cast<vector::BitCastOp>(op))
    return makeBytes(bits.getType(), expand(operands[0]));
  if (auto permute = dyn_cast<lut::PermuteOp>(op)) {
    auto bytes = expand(operands[0]), table = expand(operands[1]);
    for (uint8_t &byte : bytes)
      byte = table.at(byte);
    return makeBytes(permute.getType(), bytes);
  }
  SmallVector<OpFoldResult> results;
  if (failed(op.fold(operands, results)) || results.size() != 1)
    return {};
  if (auto attr = dyn_cast<Attribute>(results[0]))
    return attr;
  for (auto [operand, attr] : llvm::zip(op.getOperands(), operands))
    if (operand == cast<Value>(results[0]))
      return attr;
  return {};
}

/// The vectors that a packing builds of constants.
template <typename T> class Folder {
public:
  explicit Folder(MLIRContext *context)
      : builder(context), loc(builder.getUnknownLoc()),
        module(ModuleOp::create(loc)) {
    builder.setInsertionPointToEnd(module->getBody());
  }

  Value constant(ArrayRef<T> values) {
    auto type =
        VectorType::get(values.size(), builder.getIntegerType(8 * sizeof(T)));
    auto raw = ArrayRef(reinterpret_cast<const char *>(values.data()),
                        values.size() * sizeof(T));
    return arith::ConstantOp::create(
        builder, loc, DenseElementsAttr::getFromRawBuffer(type, raw));
  }

  std::vector<std::vector<T>> fold(ValueRange built) {
    llvm::DenseMap<Value, Attribute> known;
    for (Operation &op : *module->getBody()) {
      SmallVector<Attribute> operands;
      for (Value operand : op.getOperands())
        operands.push_back(known.at(operand));
      Attribute value = evaluate(op, operands);
      if (!value) {
        ADD_FAILURE() << op.getName().getStringRef().str() << " did not fold";
        return {};
      }
      known[op.getResult(0)] = value;
    }
    std::vector<std::vector<T>> vectors;
    for (Value value : built) {
      std::vector<uint8_t> bytes = expand(known.at(value));
      std::vector<T> &vector = vectors.emplace_back(bytes.size() / sizeof(T));
      memcpy(vector.data(), bytes.data(), bytes.size());
    }
    return vectors;
  }

  OpBuilder builder;
  Location loc;

private:
  OwningOpRef<ModuleOp> module;
};

std::vector<std::vector<uint8_t>> unpack(lut::PackingInterface packing,
                                         ArrayRef<uint8_t> bytes,
                                         const lut::UnpackOptions &options) {
  Folder<uint8_t> folder(packing.getContext());
  return folder.fold(packing.buildUnpack(folder.builder, folder.loc,
                                         folder.constant(bytes), options));
}

/// What `lut.unpack` promises for one byte.
std::vector<int> getCodes(lut::PackingInterface packing, ArrayRef<int8_t> trits,
                          lut::Form form) {
  std::vector<int> codes;
  auto scales = packing.getScales(form);
  for (auto [i, trit] : llvm::enumerate(trits)) {
    int code = trit + 1;
    if (form == lut::Form::Pairs && i % 2)
      codes.back() += 4 * code;
    else
      codes.push_back(scales[i] * code);
  }
  return codes;
}

/// `lanes` bytes a vector; all bytes of the packing take their turn, next to
/// each other in a word too.
void checkUnpack(lut::PackingInterface packing, size_t lanes,
                 const lut::UnpackOptions &options) {
  SCOPED_TRACE(testing::Message()
               << packing.getWord().str() << ", " << lanes << " lanes of "
               << options.laneBits << " bits, form " << int(options.form)
               << ", table of " << options.permuteBytes);
  auto all = lut::enumerateBytes(packing);
  for (size_t first = 0; first < all.size(); first += lanes) {
    std::vector<uint8_t> bytes;
    for (size_t i = 0; i < lanes; ++i)
      bytes.push_back(all[(first + i) % all.size()].first);
    auto vectors = unpack(packing, bytes, options);
    for (size_t i = 0; i < lanes; ++i) {
      std::vector<int> found;
      for (const std::vector<uint8_t> &vector : vectors)
        found.push_back(vector[i]);
      EXPECT_EQ(found, getCodes(packing, all[(first + i) % all.size()].second,
                                options.form))
          << "byte " << int(bytes[i]);
    }
  }
}

TEST(UnpackTest, GivesTheCodesOfEveryByte) {
  MLIRContext context;
  context.loadDialect<lut::LutDialect>();
  lut::PackingInterface packings[] = {lut::I2Attr::get(&context),
                                      lut::B3Attr::get(&context)};
  for (lut::PackingInterface packing : packings)
    for (auto form :
         {lut::Form::Codes, lut::Form::InPlace, lut::Form::InPlaceU8,
          lut::Form::InNibbles, lut::Form::Pairs})
      for (size_t lanes : {8, 16, 64})
        for (unsigned permuteBytes : {0, 16, 128})
          for (unsigned laneBits : {8, 64})
            if (packing.knows(form))
              checkUnpack(packing, lanes, {form, permuteBytes, laneBits});
}

/// Sums of 16 lanes, over columns of random codes and activations or of the
/// largest that `lut.kernel` allows.
void checkMixed(unsigned permuteBytes, int64_t columns, bool largest) {
  SCOPED_TRACE(testing::Message()
               << "table of " << permuteBytes << ", " << columns << " columns");
  MLIRContext context;
  context.loadDialect<lut::LutDialect>();
  lut::PackingInterface b3 = lut::B3Attr::get(&context);
  auto all = lut::enumerateBytes(b3);
  std::vector<uint8_t> bytes;
  for (const auto &[byte, trits] : all)
    bytes.push_back(byte);
  bytes.resize(256);
  auto mixed = unpack(b3, bytes, {lut::Form::Mixed, permuteBytes});
  constexpr size_t kLanes = 16, kRows = 5;
  std::vector<std::vector<int32_t>> sums(kRows, std::vector<int32_t>(kLanes)),
      expected = sums;
  std::minstd_rand random(1);
  for (int64_t c = 0; c < columns; ++c)
    for (size_t lane = 0; lane < kLanes; ++lane) {
      size_t byte = largest ? all.size() - 1 : random() % all.size();
      int q = largest ? (lane % 2 ? 127 : -127) : int(random() % 255) - 127;
      for (size_t row = 0; row < kRows; ++row) {
        auto wrapped = static_cast<uint32_t>(sums[row][lane]);
        wrapped += static_cast<uint32_t>(mixed[row][byte] * q);
        sums[row][lane] = static_cast<int32_t>(wrapped);
        expected[row][lane] += (all[byte].second[row] + 1) * q;
      }
    }
  Folder<int32_t> folder(&context);
  SmallVector<Value> given;
  for (const std::vector<int32_t> &sum : sums)
    given.push_back(folder.constant(sum));
  EXPECT_EQ(folder.fold(b3.buildSeparate(folder.builder, folder.loc, given)),
            expected);
}

TEST(UnpackTest, SumsOfMixedCodesSeparate) {
  constexpr int64_t most = INT32_MAX / (2 * 84 * 127);
  for (unsigned permuteBytes : {0, 128}) {
    checkMixed(permuteBytes, 1, false);
    checkMixed(permuteBytes, 1000, false);
    checkMixed(permuteBytes, most, true);
  }
}

} // namespace
