//===- AttentionTest.cpp --------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tests/codegen/halide/StageTest.h"

#include <array>
#include <bit>
#include <limits>

using namespace setun::codegen;
using reference::roundUp;
using reference::Row;
using reference::Stored;

static constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

static std::vector<Row> randomRows(int rows, int width, unsigned seed,
                                   float deviation = 1) {
  std::vector<Row> result;
  for (int row = 0; row < rows; ++row)
    result.push_back(randomRow(width, seed + row, deviation));
  return result;
}

static std::vector<Stored> store(const std::vector<Row> &heads,
                                 const std::string &element) {
  std::vector<Stored> stored;
  for (const Row &head : heads)
    stored.push_back(reference::store(head, element));
  return stored;
}

namespace {
struct Shape {
  int width, chunk, group, together;
  std::string element = "f32";
  int window = 0; ///< positions that a row sees; 0: all
  double scale = 0;
  int padded() const { return roundUp(width); }
};

/// Elements of the cache as bytes, garbage where nothing was written.
class Plane {
public:
  Plane(const Shape &shape) : shape(shape) {
    bytes.assign(shape.padded() * shape.chunk * elementBytes(), 0xff);
  }
  size_t elementBytes() const {
    return shape.element == "f32" ? 4 : shape.element == "i8" ? 1 : 2;
  }
  size_t keyIndex(int j, int d) const {
    return (j / 16 * shape.padded() + d) * 16 + j % 16;
  }
  size_t valueIndex(int j, int d) const {
    return (d / 16 * shape.chunk + j) * 16 + d % 16;
  }
  void put(size_t index, float x) {
    uint8_t *at = &bytes[index * elementBytes()];
    uint32_t bits = std::bit_cast<uint32_t>(x);
    if (shape.element == "i8")
      *at = uint8_t(int8_t(x));
    else if (shape.element == "f16")
      putHalf(at, x);
    else
      memcpy(at, reinterpret_cast<char *>(&bits) + 4 - elementBytes(),
             elementBytes());
  }
  const std::vector<uint8_t> &get() const { return bytes; }

private:
  static void putHalf(uint8_t *at, float x) {
    _Float16 half = _Float16(x);
    memcpy(at, &half, sizeof half);
  }
  Shape shape;
  std::vector<uint8_t> bytes;
};
} // namespace

static std::vector<uint8_t> layOutKeys(const Shape &shape,
                                       const std::vector<Stored> &keys) {
  Plane plane(shape);
  for (size_t j = 0; j < keys.size(); ++j)
    for (int d = 0; d < shape.width; ++d)
      plane.put(plane.keyIndex(j, d), keys[j].values[d]);
  return plane.get();
}

static std::vector<uint8_t> layOutValues(const Shape &shape,
                                         const std::vector<Stored> &values) {
  Plane plane(shape);
  for (size_t j = 0; j < values.size(); ++j)
    for (int d = 0; d < shape.padded(); ++d)
      plane.put(plane.valueIndex(j, d),
                d < shape.width ? values[j].values[d] : 0);
  return plane.get();
}

static Row getScales(const std::vector<Stored> &heads) {
  Row scales;
  for (const Stored &head : heads)
    scales.push_back(head.scale);
  return scales;
}

class AttentionTest : public StageTest {
protected:
  using Attend = void(const float *, const void *, const void *, int64_t,
                      int64_t, float *, float *, float *, float *, float *);
  using Windowed = void(const float *, const void *, const void *, int64_t,
                        int64_t, int64_t, float *, float *, float *, float *,
                        float *);
  using ScaledAttend = void(const float *, const void *, const void *,
                            const float *, const float *, int64_t, int64_t,
                            float *, float *, float *, float *, float *);

  bool make(const Shape &wanted) {
    shape = wanted;
    FloatStage stage{
        "",
        shape.window ? "attend_window" : "attend",
        {shape.width, shape.padded(), shape.chunk, shape.group, shape.together},
        shape.element,
        shape.scale};
    attend = nullptr, scaled = nullptr, windowed = nullptr;
    if (shape.window)
      windowed = compile<Windowed>(stage);
    else if (shape.element == "i8")
      scaled = compile<ScaledAttend>(stage);
    else
      attend = compile<Attend>(stage);
    return attend || scaled || windowed;
  }

  /// Position 17 of a chunk, between others that stay.
  void expectStoredKey(const Shape &shape, const Row &x);
  void expectStoredValue(const Shape &shape, const Row &x);

  /// Row r has the queries q[r · group …] and sees length + r positions. Each
  /// must come out as if it were alone.
  void expectAttended(const std::vector<Row> &q, const std::vector<Row> &keys,
                      const std::vector<Row> &values, int length) {
    auto k = store(keys, shape.element), v = store(values, shape.element);
    int queries = int(q.size()), padded = shape.padded();
    Row flat;
    for (const Row &query : q) {
      Row row = query;
      row.resize(padded, kNaN);
      flat.insert(flat.end(), row.begin(), row.end());
    }
    size_t room =
        (queries + shape.together - 1) / shape.together * shape.together;
    flat.resize(room * padded, kNaN);
    size_t cells = room * shape.chunk;
    Guarded<float> scores(cells), weights(cells);
    Guarded<float> peaks(queries), denominators(queries);
    Guarded<float> sums(room * padded);
    call(Guarded<float>(flat, flat.size()), layOutKeys(shape, k),
         layOutValues(shape, v), getScales(k), getScales(v), length,
         queries / shape.group, scores, weights, peaks, denominators, sums);
    for (int i = 0; i < queries; ++i) {
      SCOPED_TRACE(i);
      int seen = std::clamp(length + i / shape.group, 0, int(keys.size()));
      int first = shape.window ? length + i / shape.group - shape.window : 0;
      auto expected = reference::attend(q[i], k, v, seen, first, shape.scale);
      Row row(sums.begin() + i * padded,
              sums.begin() + i * padded + shape.width);
      expectSameBits(Row{peaks.begin()[i], denominators.begin()[i]},
                     Row{expected.peak, expected.denominator});
      expectSameBits(row, expected.sums);
    }
  }

private:
  void call(const float *q, const std::vector<uint8_t> &keys,
            const std::vector<uint8_t> &values, const Row &keyScales,
            const Row &valueScales, int64_t length, int64_t rows, float *scores,
            float *weights, float *peaks, float *denominators, float *sums) {
    Guarded<uint8_t> k(keys, keys.size()), v(values, values.size());
    if (windowed)
      return windowed(q, k, v, length - shape.window, length, rows, scores,
                      weights, peaks, denominators, sums);
    if (attend)
      return attend(q, k, v, length, rows, scores, weights, peaks, denominators,
                    sums);
    Guarded<float> ks(keyScales, shape.chunk, kNaN);
    Guarded<float> vs(valueScales, shape.chunk, kNaN);
    scaled(q, k, v, ks, vs, length, rows, scores, weights, peaks, denominators,
           sums);
  }

  Shape shape;
  Attend *attend = nullptr;
  ScaledAttend *scaled = nullptr;
  Windowed *windowed = nullptr;
};

void AttentionTest::expectStoredKey(const Shape &shape, const Row &x) {
  using Store = void(const float *, const float *, void *, float *);
  auto *stage = compile<Store>(
      {"", "store_key", {shape.width, shape.width}, shape.element});
  ASSERT_TRUE(stage);
  Row angles(shape.width, 1.0f); // (a - b, b + a)
  Row rotated = reference::rope(x, angles);
  Stored expected = reference::store(rotated, shape.element);
  Plane found(shape), plane(shape);
  for (int d = 0; d < shape.width; ++d)
    plane.put(plane.keyIndex(17, d), expected.values[d]);
  Guarded<uint8_t> bytes(found.get(), found.get().size());
  Guarded<float> scale(1);
  stage(Guarded<float>(x, shape.width), Guarded<float>(angles, shape.width),
        bytes + plane.keyIndex(17, 0) * plane.elementBytes(), scale);
  expectSameBits(bytes.values(), plane.get());
  if (shape.element == "i8")
    expectSameBits(scale.values(), {expected.scale});
}

void AttentionTest::expectStoredValue(const Shape &shape, const Row &x) {
  using Store = void(const float *, void *, float *);
  auto *stage = compile<Store>(
      {"", "store_value", {shape.width, shape.chunk}, shape.element});
  ASSERT_TRUE(stage);
  Stored expected = reference::store(x, shape.element);
  Plane found(shape), plane(shape);
  for (int d = 0; d < shape.padded(); ++d)
    plane.put(plane.valueIndex(17, d),
              d < shape.width ? expected.values[d] : 0);
  Guarded<uint8_t> bytes(found.get(), found.get().size());
  Guarded<float> scale(1);
  stage(Guarded<float>(x, shape.width),
        bytes + plane.valueIndex(17, 0) * plane.elementBytes(), scale);
  expectSameBits(bytes.values(), plane.get());
  if (shape.element == "i8")
    expectSameBits(scale.values(), {expected.scale});
}

TEST_P(AttentionTest, everyLength) {
  for (Shape shape :
       {Shape{2, 16, 1, 1}, Shape{16, 64, 2, 4}, Shape{44, 64, 3, 3},
        Shape{44, 64, 3, 4}, Shape{64, 256, 8, 4}, Shape{128, 256, 4, 4}}) {
    SCOPED_TRACE(shape.width);
    SCOPED_TRACE(shape.together);
    ASSERT_TRUE(make(shape));
    for (int length : {1, 2, 15, 16, 17, 33, 63, 64, 100, 256}) {
      if (length > shape.chunk)
        break;
      SCOPED_TRACE(length);
      expectAttended(randomRows(shape.group, shape.width, length),
                     randomRows(length, shape.width, 100),
                     randomRows(length, shape.width, 2000), length);
    }
  }
}

// Rows that end in the chunk, before it and behind it.
TEST_P(AttentionTest, rowsAreAlone) {
  for (const char *element : {"f32", "bf16", "f16", "i8"}) {
    SCOPED_TRACE(element);
    ASSERT_TRUE(make({48, 64, 3, 4, element}));
    for (auto [length, rows, held] : {std::array{1, 16, 16},
                                      {-5, 16, 10},
                                      {50, 16, 64},
                                      {64, 3, 64},
                                      {900, 2, 64}}) {
      SCOPED_TRACE(length);
      expectAttended(randomRows(3 * rows, 48, 1), randomRows(held, 48, 500),
                     randomRows(held, 48, 900), length);
    }
  }
}

// Rows that see a few positions of the chunk, its end, or none of it.
TEST_P(AttentionTest, windows) {
  for (int window : {1, 7, 40}) {
    SCOPED_TRACE(window);
    ASSERT_TRUE(make({44, 64, 3, 4, "f32", window}));
    for (auto [length, rows, held] : {std::array{1, 16, 16},
                                      {-5, 16, 10},
                                      {50, 16, 64},
                                      {80, 16, 64},
                                      {900, 2, 64}}) {
      SCOPED_TRACE(length);
      expectAttended(randomRows(3 * rows, 44, 1), randomRows(held, 44, 500),
                     randomRows(held, 44, 900), length);
    }
  }
}

TEST_P(AttentionTest, factorOfScores) {
  ASSERT_TRUE(make({44, 64, 3, 3, "f32", 0, 1 / 7.0}));
  expectAttended(randomRows(3, 44, 1), randomRows(33, 44, 2),
                 randomRows(33, 44, 3), 33);
}

TEST_P(AttentionTest, extremeScores) {
  ASSERT_TRUE(make({44, 48, 1, 1}));
  std::vector<Row> values = randomRows(37, 44, 3);
  // All but one key vanish; all keys are alike; all scores are far below 0.
  expectAttended(randomRows(1, 44, 1, 100), randomRows(37, 44, 2, 100), values,
                 37);
  expectAttended({Row(44, 0.0f)}, randomRows(37, 44, 4), values, 37);
  expectAttended({Row(44, 1e10f)}, std::vector<Row>(37, Row(44, -1e10f)),
                 values, 37);
}

// A chunk that is not seen changes nothing, on either side.
TEST_P(AttentionTest, merge) {
  using Merge =
      void(const float *, const float *, const float *, const float *,
           const float *, const float *, int64_t, float *, float *, float *);
  auto *merge = compile<Merge>({"", "merge", {32}});
  ASSERT_TRUE(merge);
  float none = std::numeric_limits<float>::lowest();
  Row peaks[] = {{1, none, 2, -3, 50}, {2, 1, none, -3, -50}};
  Row denominators[] = {{3, 0, 5, 7, 9}, {4, 6, 0, 8, 1}};
  Row sums[] = {randomRow(5 * 32, 1), randomRow(5 * 32, 2)};
  std::fill_n(sums[0].begin() + 32, 32, 0.0f);
  std::fill_n(sums[1].begin() + 2 * 32, 32, 0.0f);
  Guarded<float> outPeaks(5), outDenominators(5), outSums(5 * 32);
  merge(Guarded<float>(peaks[0], 5), Guarded<float>(denominators[0], 5),
        Guarded<float>(sums[0], 5 * 32), Guarded<float>(peaks[1], 5),
        Guarded<float>(denominators[1], 5), Guarded<float>(sums[1], 5 * 32), 5,
        outPeaks, outDenominators, outSums);
  for (int i = 0; i < 5; ++i) {
    SCOPED_TRACE(i);
    auto part = [&](int which) {
      auto first = sums[which].begin() + i * 32;
      return reference::Attended{peaks[which][i], denominators[which][i],
                                 Row(first, first + 32)};
    };
    auto expected = reference::merge(part(0), part(1));
    expectSameBits(Row{outPeaks.begin()[i], outDenominators.begin()[i]},
                   Row{expected.peak, expected.denominator});
    Row row(outSums.begin() + i * 32, outSums.begin() + i * 32 + 32);
    expectSameBits(row, expected.sums);
    if (i == 1 || i == 2)
      expectSameBits(row, part(i % 2).sums);
  }
}

TEST_P(AttentionTest, attended) {
  auto *attended = compile<void(const float *, const float *, float *)>(
      {"", "attended", {44}});
  ASSERT_TRUE(attended);
  Row sums = randomRow(44, 1), expected;
  for (float x : sums)
    expected.push_back(x / 3.0f);
  Guarded<float> out(44);
  attended(Guarded<float>({3.0f}, 1), Guarded<float>(sums, 44), out);
  expectSameBits(out.values(), expected);
}

TEST_P(AttentionTest, rope) {
  for (auto [width, rotary] : {std::pair{2, 2},
                               {16, 16},
                               {44, 44},
                               {44, 22},
                               {64, 16},
                               {80, 2},
                               {128, 128}}) {
    SCOPED_TRACE(width);
    int hdp = roundUp(width) + 16;
    auto *rope = compile<void(const float *, const float *, float *)>(
        {"", "rope", {width, hdp, rotary}});
    ASSERT_TRUE(rope);
    Row x = randomRow(width, 1), angles = randomRow(rotary, 2);
    Row weight = randomRow(width, 3);
    Guarded<float> y(hdp), z(hdp);
    rope(Guarded<float>(x, width), Guarded<float>(angles, rotary), y);
    expectSameBits(y.values(), padded(reference::rope(x, angles), hdp));
    auto *normed =
        compile<void(const float *, const float *, const float *, float *)>(
            {"", "norm_rope", {width, hdp, rotary}, "", 1e-6});
    ASSERT_TRUE(normed);
    normed(Guarded<float>(x, width), Guarded<float>(weight, roundUp(width)),
           Guarded<float>(angles, rotary), z);
    Row normal = reference::norm(x, weight, 1e-6);
    expectSameBits(z.values(), padded(reference::rope(normal, angles), hdp));
  }
}

// Normalized, a part of it rotated, as f32.
TEST_P(AttentionTest, normalizedKey) {
  const int width = 44, rotary = 12;
  auto *stage =
      compile<void(const float *, const float *, const float *, float *)>(
          {"", "norm_store_key", {width, rotary}, "f32", 1e-5});
  ASSERT_TRUE(stage);
  Row x = randomRow(width, 1), weight = randomRow(width, 2);
  Row angles = randomRow(rotary, 3);
  Guarded<float> key((width - 1) * 16 + 1);
  stage(Guarded<float>(x, width), Guarded<float>(weight, roundUp(width)),
        Guarded<float>(angles, rotary), key);
  Row expected = reference::rope(reference::norm(x, weight, 1e-5), angles);
  for (int d = 0; d < width; ++d)
    EXPECT_EQ(key.begin()[d * 16], expected[d]) << d;
}

/// Halves between two values, values beyond the largest, subnormals of f16.
static Row hardToNarrow(int width) {
  Row row = randomRow(width, 5);
  const float hard[] = {
      1.00390625f, 1.01171875f, 1.00048828125f, 1.00146484375f,  65519.0f,
      -70000.0f,   6e-8f,       3e-8f,          -2.98023224e-8f, 1e-30f,
      0.0f,        -0.0f,       3e38f};
  for (int i = 0; i < width && i < int(std::size(hard)); ++i)
    row[i] = hard[i];
  return row;
}

TEST_P(AttentionTest, storeKeyAndValue) {
  for (const char *element : {"f32", "bf16", "f16", "i8"}) {
    for (int width : {2, 16, 44, 128}) {
      SCOPED_TRACE(element + std::to_string(width));
      Shape shape{width, 32, 1, 1, element};
      for (const Row &x :
           {hardToNarrow(width), randomRow(width, 7), Row(width, 0.0f)}) {
        expectStoredKey(shape, x);
        expectStoredValue(shape, x);
      }
    }
  }
}

SETUN_EVERY_CPU_LEVEL(AttentionTest);
