//===- AttentionTest.cpp --------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tests/codegen/halide/StageTest.h"

using namespace setun::codegen;
using reference::roundUp;
using reference::Row;

class AttentionTest : public StageTest {
protected:
  using Attention = void(const float *, const float *, const float *, int64_t,
                         float *, float *);

  /// One call against the reference. Rows have `width` elements.
  void expectAttention(Attention *attention, const Row &q,
                       const std::vector<Row> &keys,
                       const std::vector<Row> &values) {
    int width = int(q.size()), hdp = roundUp(width);
    size_t length = keys.size();
    Row flatKeys, flatValues;
    for (size_t j = 0; j < length; ++j) {
      Row key = padded(keys[j], hdp), value = padded(values[j], hdp);
      flatKeys.insert(flatKeys.end(), key.begin(), key.end());
      flatValues.insert(flatValues.end(), value.begin(), value.end());
    }
    Guarded<float> scores(roundUp(int(length))), out(width);
    attention(Guarded<float>(q, hdp), Guarded<float>(flatKeys, length * hdp),
              Guarded<float>(flatValues, length * hdp), int64_t(length), scores,
              out);
    Row dots, expected = reference::attention(q, keys, values, dots);
    expectSameBits(Row(scores.begin(), scores.begin() + length), dots);
    expectSameBits(out.values(), expected);
  }
};

static std::vector<Row> randomRows(int rows, int width, unsigned seed,
                                   float deviation = 1) {
  std::vector<Row> result;
  for (int row = 0; row < rows; ++row)
    result.push_back(randomRow(width, seed + row, deviation));
  return result;
}

TEST_P(AttentionTest, everyLength) {
  for (int width : {2, 16, 44, 64, 128}) {
    SCOPED_TRACE(width);
    auto *attention =
        compile<Attention>({"", "attention", {width, roundUp(width)}});
    ASSERT_TRUE(attention);
    for (int length : {1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33, 100, 1000}) {
      SCOPED_TRACE(length);
      expectAttention(attention, randomRow(width, length),
                      randomRows(length, width, 100),
                      randomRows(length, width, 2000));
    }
  }
}

TEST_P(AttentionTest, extremeScores) {
  auto *attention = compile<Attention>({"", "attention", {44, 48}});
  ASSERT_TRUE(attention);
  std::vector<Row> values = randomRows(37, 44, 3);
  // All but one key vanish; all keys are alike; all scores are far below 0.
  expectAttention(attention, randomRow(44, 1, 100), randomRows(37, 44, 2, 100),
                  values);
  expectAttention(attention, Row(44, 0.0f), randomRows(37, 44, 4), values);
  expectAttention(attention, Row(44, 1e10f),
                  std::vector<Row>(37, Row(44, -1e10f)), values);
}

TEST_P(AttentionTest, rope) {
  for (int width : {2, 16, 44, 64, 128}) {
    SCOPED_TRACE(width);
    int hdp = roundUp(width) + 16;
    auto *rope = compile<void(const float *, const float *, float *)>(
        {"", "rope", {width, hdp}});
    ASSERT_TRUE(rope);
    Row x = randomRow(width, 1), angles = randomRow(width, 2);
    Guarded<float> y(hdp);
    rope(Guarded<float>(x, width), Guarded<float>(angles, width), y);
    expectSameBits(y.values(), padded(reference::rope(x, angles), hdp));
  }
}

TEST_P(AttentionTest, copyHead) {
  for (int width : {1, 16, 44, 128}) {
    SCOPED_TRACE(width);
    int hdp = roundUp(width);
    auto *copy =
        compile<void(const float *, float *)>({"", "copy_head", {width, hdp}});
    ASSERT_TRUE(copy);
    Row x = randomRow(width, 1);
    Guarded<float> y(hdp);
    copy(Guarded<float>(x, width), y);
    expectSameBits(y.values(), padded(x, hdp));
  }
}

SETUN_EVERY_CPU_LEVEL(AttentionTest);
