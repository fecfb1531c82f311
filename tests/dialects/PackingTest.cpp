//===- PackingTest.cpp - The bits of a packed byte ------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/lut/Lut.h"

#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

#include <set>

using namespace mlir;
using namespace setun;

namespace {

class PackingTest : public testing::Test {
protected:
  PackingTest() {
    context.loadDialect<lut::LutDialect>();
    i2 = lut::I2Attr::get(&context);
    b3 = lut::B3Attr::get(&context);
  }

  MLIRContext context;
  lut::PackingInterface i2, b3;
};

/// Trits with a known spread of values: −1 0 1 −1 0 −1 0 1 …
int8_t golden(int i) { return static_cast<int8_t>((7 * i + i / 5) % 3 - 1); }

/// Four bytes of a group, byte j of trits golden(4i + j).
std::vector<int> packGolden(lut::PackingInterface packing) {
  std::vector<int> bytes;
  for (int j = 0; j < 4; ++j) {
    SmallVector<int8_t> trits;
    for (unsigned i = 0; i < packing.getTritsPerByte(); ++i)
      trits.push_back(golden(4 * i + j));
    bytes.push_back(packing.packByte(trits));
  }
  return bytes;
}

TEST_F(PackingTest, GoldenBytes) {
  // Codes 0 1 2 0 | 1 0 1 2 | 0 1 0 1 | 2 0 1 0 | 1 2 0 1, a column a byte:
  // 0 1 0 2 (1), 1 0 1 0 (2), 2 1 0 1 (0), 0 2 1 0 (1).
  EXPECT_EQ(packGolden(i2), (std::vector<int>{0x84, 0x11, 0x46, 0x18}));
  EXPECT_EQ(packGolden(b3), (std::vector<int>{3 + 54 + 84, 1 + 9 + 168,
                                              2 + 3 + 27, 6 + 9 + 84}));
}

TEST_F(PackingTest, EveryByteMeansOneRowOfTrits) {
  for (lut::PackingInterface packing : {i2, b3}) {
    std::set<uint8_t> bytes;
    std::set<std::vector<int8_t>> rows;
    for (const auto &[byte, trits] : lut::enumerateBytes(packing)) {
      EXPECT_EQ(byte, packing.packByte(trits));
      bytes.insert(byte);
      rows.insert(std::vector<int8_t>(trits.begin(), trits.end()));
    }
    size_t count = packing.getTritsPerByte() == 4 ? 81 : 243;
    EXPECT_EQ(bytes.size(), count) << packing.getWord().str();
    EXPECT_EQ(rows.size(), count) << packing.getWord().str();
  }
}

TEST_F(PackingTest, BytesUnpack) {
  for (const auto &[byte, trits] : lut::enumerateBytes(i2))
    for (int i = 0; i < 4; ++i)
      EXPECT_EQ((byte >> (2 * i)) % 4 - 1, trits[i]) << int(byte);
  const int units[] = {1, 3, 9, 27};
  for (const auto &[byte, trits] : lut::enumerateBytes(b3)) {
    EXPECT_EQ(byte / 84 - 1, trits[4]) << int(byte);
    EXPECT_LT(byte % 84, 81) << "room between the strides is never used";
    for (int i = 0; i < 4; ++i)
      EXPECT_EQ(byte % 84 / units[i] % 3 - 1, trits[i]) << int(byte);
  }
}

TEST_F(PackingTest, Groups) {
  EXPECT_EQ(lut::getGroupColumns(i2), 16);
  EXPECT_EQ(lut::getGroupColumns(b3), 4);
  EXPECT_EQ(lut::getGroups(i2, 1), 1);
  EXPECT_EQ(lut::getGroups(i2, 16), 1);
  EXPECT_EQ(lut::getGroups(i2, 17), 2);
  EXPECT_EQ(lut::getGroups(b3, 1), 4) << "as many as 16 columns make";
  EXPECT_EQ(lut::getGroups(b3, 32), 8);
  EXPECT_EQ(lut::getGroups(b3, 33), 12);
  EXPECT_EQ(lut::getBlocks(1), 1);
  EXPECT_EQ(lut::getBlocks(16), 1);
  EXPECT_EQ(lut::getBlocks(17), 2);
  EXPECT_EQ(lut::getPanels(i2, 81), 6);
  EXPECT_EQ(lut::getPanels(b3, 80), 1);
  EXPECT_EQ(lut::getPanels(b3, 81), 2);
  EXPECT_EQ(lut::getPackedBytes({81, 33}, b3), 2 * 12 * 64);
}

/// Codes fit into the bits of their form, and the sum of those with one scale
/// into what `lut.kernel` counts on.
TEST_F(PackingTest, ScaledCodesFit) {
  std::pair<lut::Form, int64_t> forms[] = {{lut::Form::Codes, 2},
                                           {lut::Form::InPlace, 127},
                                           {lut::Form::InPlaceU8, 255},
                                           {lut::Form::InNibbles, 15}};
  for (lut::PackingInterface packing : {i2, b3})
    for (auto [form, largest] : forms) {
      if (!packing.knows(form))
        continue;
      auto scales = packing.getScales(form);
      int64_t trits = packing.getTritsPerByte();
      EXPECT_EQ(static_cast<int64_t>(scales.size()), trits);
      EXPECT_TRUE(llvm::is_contained(scales, 1));
      for (int64_t scale : scales) {
        EXPECT_LE(2 * scale, largest);
        EXPECT_LE(2 * scale * llvm::count(scales, scale),
                  packing.getLargestShare() * trits);
      }
    }
}

/// The bound holds, and the next group would break it.
TEST(GroupsBeforeWrap, IsTight) {
  for (int64_t terms : {1, 8, 10, 16, 20})
    for (int64_t largest : {127, 254}) {
      int64_t groups = lut::getGroupsBeforeWrap(terms, largest);
      EXPECT_LE(groups * terms * largest, 32767);
      EXPECT_GT((groups + 1) * terms * largest, 32767);
    }
}

/// A row's sum after groups whose codes are all 2, of the trits that share
/// `scale`: lanes of 16 bits for one column or two, added up.
int64_t addLanes(lut::Dot dot, int64_t groups, int64_t trits, int64_t scale,
                 const int *q) {
  int64_t total = 0;
  int64_t lanes = dot == lut::Dot::Singles ? 4 : 2;
  for (int64_t lane = 0; lane < lanes; ++lane) {
    int16_t sum = 0;
    for (int64_t n = 0; n < groups * trits; ++n)
      for (int64_t j = lane * 4 / lanes; j < (lane + 1) * 4 / lanes; ++j)
        sum = static_cast<int16_t>(sum + 2 * scale * q[j]);
    total += sum;
  }
  return total;
}

/// The same for the rows 2p and 2p + 1, lanes 1 and 3 of a word.
std::pair<int64_t, int64_t> addWords(int64_t groups, int64_t trits,
                                     const int *q) {
  uint64_t acc = 0, codes = 0x0002000200020002;
  auto pair = [&](int low, int high) {
    return static_cast<uint64_t>(q[low] + q[high] * int64_t(1 << 16));
  };
  for (int64_t n = 0; n < groups * trits; ++n)
    acc += codes * pair(2, 0) + codes * pair(3, 1);
  acc += 0x0000800080008000;
  return {static_cast<int16_t>((acc >> 16) - 0x8000),
          static_cast<int16_t>(acc >> 48)};
}

/// Counted out, product by product, with the largest codes and activations of
/// any sign.
TEST_F(PackingTest, SumsHoldTheGroupsBeforeTheyWrap) {
  for (lut::PackingInterface packing : {i2, b3})
    for (auto [dot, form] : {std::pair{lut::Dot::Words, lut::Form::Codes},
                             {lut::Dot::Singles, lut::Form::Codes},
                             {lut::Dot::Pairs, lut::Form::Codes},
                             {lut::Dot::Pairs, lut::Form::InNibbles}}) {
      if (!packing.knows(form))
        continue;
      SCOPED_TRACE(packing.getWord().str() + " " +
                   lut::stringifyDot(dot).str() + " " +
                   lut::stringifyForm(form).str());
      auto scales = packing.getScales(form); // of one block's quads
      scales.truncate(scales.size() / packing.getPanelBlocks());
      int64_t groups = lut::getGroupsBeforeWrap(lut::getSumsType(dot, &context),
                                                packing, form);
      auto isExact = [&, dot = dot](int64_t groups, const int *q) {
        return llvm::all_of(scales, [&](int64_t scale) {
          int64_t trits = llvm::count(scales, scale);
          int64_t sum =
              groups * trits * 2 * scale * (q[0] + q[1] + q[2] + q[3]);
          return dot == lut::Dot::Words
                     ? addWords(groups, trits, q) == std::pair(sum, sum)
                     : addLanes(dot, groups, trits, scale, q) == sum;
        });
      };
      for (int signs = 0; signs < 16; ++signs) {
        int q[4];
        for (int j = 0; j < 4; ++j)
          q[j] = signs >> j & 1 ? 127 : -127;
        EXPECT_TRUE(isExact(groups, q)) << signs;
      }
      const int largest[] = {127, 127, 127, 127};
      EXPECT_FALSE(isExact(groups + 1, largest)) << "the bound is too low";
    }
}

} // namespace
