//===- Rows.cpp -----------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// All of a model's bytes pass through these loops, some of them twice. They
// have no branches, so that the compiler turns them into vectors; a search
// first asks whether a block holds what it looks for.
//
//===----------------------------------------------------------------------===//

#include "frontends/safetensors/Rows.h"

#include "frontends/File.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>

using namespace llvm;

namespace setun::frontends {

static constexpr StringLiteral kEncodings[] = {"hf-packed", "f32", "f16",
                                               "bf16"};

static constexpr StringLiteral kDerived[] = {"", "-inverse", "-peaks"};

std::string encodingName(Encoding encoding, Derived derived) {
  return (kEncodings[size_t(encoding)] + kDerived[size_t(derived)]).str();
}

std::optional<std::pair<Encoding, Derived>> parseEncoding(StringRef name) {
  Derived derived = Derived::Nothing;
  for (Derived each : {Derived::Inverse, Derived::Peaks})
    if (name.consume_back(kDerived[size_t(each)]))
      derived = each;
  const auto *found = find(kEncodings, name);
  if (found == std::end(kEncodings) ||
      (found == kEncodings && derived != Derived::Nothing))
    return std::nullopt;
  return std::pair(Encoding(found - kEncodings), derived);
}

std::optional<Encoding> floatEncoding(DType dtype) {
  switch (dtype) {
  case DType::F32:
    return Encoding::F32;
  case DType::F16:
    return Encoding::F16;
  case DType::BF16:
    return Encoding::BF16;
  default:
    return std::nullopt;
  }
}

uint64_t encodedBytes(Encoding encoding, int64_t rows, int64_t cols) {
  uint64_t weights = uint64_t(rows) * uint64_t(cols);
  if (encoding == Encoding::HfPacked)
    return weights / 4;
  return weights * (encoding == Encoding::F32 ? 4 : 2);
}

//===----------------------------------------------------------------------===//
// The three float formats. All ones under `exponent` mean NaN or infinity.
//===----------------------------------------------------------------------===//

namespace {

struct F32 {
  using Word = uint32_t;
  static constexpr Word exponent = 0x7f800000;
  static float decode(Word word) { return std::bit_cast<float>(word); }
};

struct BF16 {
  using Word = uint16_t;
  static constexpr Word exponent = 0x7f80;
  static float decode(Word word) {
    return std::bit_cast<float>(uint32_t(word) << 16);
  }
};

struct F16 {
  using Word = uint16_t;
  static constexpr Word exponent = 0x7c00;
  /// Exponent and mantissa as those of an fp32 are too small by 2^112; the
  /// product is exact and makes subnormals normal.
  static float decode(Word word) {
    float magnitude =
        std::bit_cast<float>(uint32_t(word & 0x7fff) << 13) * 0x1p112f;
    uint32_t special = (word & exponent) == exponent ? F32::exponent : 0;
    uint32_t sign = uint32_t(word & 0x8000) << 16;
    return std::bit_cast<float>(std::bit_cast<uint32_t>(magnitude) | special |
                                sign);
  }
};

/// A float tensor in its file.
template <typename Format> struct Values {
  using Word = typename Format::Word;

  const char *data;
  uint64_t size;

  explicit Values(StringRef bytes)
      : data(bytes.data()), size(bytes.size() / sizeof(Word)) {}

  Word word(uint64_t i) const {
    return support::endian::read<Word, endianness::little>(data +
                                                           i * sizeof(Word));
  }
  float operator[](uint64_t i) const { return Format::decode(word(i)); }
  bool isSpecial(uint64_t i) const {
    return (word(i) & Format::exponent) == Format::exponent;
  }
};

} // namespace

/// Calls `body` with the tensor as Values of its format.
template <typename Body>
static auto withValues(Encoding encoding, StringRef bytes, Body body) {
  switch (encoding) {
  case Encoding::F32:
    return body(Values<F32>(bytes));
  case Encoding::F16:
    return body(Values<F16>(bytes));
  case Encoding::BF16:
    return body(Values<BF16>(bytes));
  case Encoding::HfPacked:
    break;
  }
  llvm_unreachable("packed trits are no floats");
}

/// The first i < size with isBad(i). Asks block by block without a branch.
template <typename Predicate>
static std::optional<uint64_t> findFirst(uint64_t size, Predicate isBad) {
  constexpr uint64_t kBlock = 4096;
  for (uint64_t begin = 0; begin < size; begin += kBlock) {
    uint64_t end = std::min(size, begin + kBlock);
    bool any = false;
    for (uint64_t i = begin; i < end; ++i)
      any |= isBad(i);
    for (uint64_t i = begin; any && i < end; ++i)
      if (isBad(i))
        return i;
  }
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

/// One row: the codes at `shift` of `cols` bytes.
static void readPackedRow(const uint8_t *bytes, int64_t cols, unsigned shift,
                          int8_t *out) {
  for (int64_t c = 0; c < cols; ++c)
    out[c] = int8_t((bytes[c] >> shift) & 3) - 1;
}

void readTrits(Encoding encoding, StringRef bytes, int64_t rows, int64_t cols,
               int64_t firstRow, int64_t numRows, float scaleInv, int8_t *out) {
  assert(bytes.size() == encodedBytes(encoding, rows, cols));
  assert(0 <= firstRow && 0 <= numRows && numRows <= rows - firstRow);
  if (encoding == Encoding::HfPacked) {
    int64_t quarter = rows / 4;
    for (int64_t r = firstRow; r < firstRow + numRows; ++r, out += cols)
      readPackedRow(bytes.bytes_begin() + r % quarter * cols, cols,
                    2 * (r / quarter), out);
    return;
  }
  withValues(encoding, bytes, [&](auto values) {
    // Clamped to ±1, a half rounds to the even 0: what is beyond it is ±1.
    uint64_t first = uint64_t(firstRow) * cols;
    for (uint64_t i = 0, size = uint64_t(numRows) * cols; i < size; ++i) {
      float scaled = values[first + i] * scaleInv;
      out[i] = int8_t(scaled > 0.5f) - int8_t(scaled < -0.5f);
    }
  });
}

void readFloats(Encoding encoding, StringRef bytes, int64_t first,
                int64_t count, float *out) {
  withValues(encoding, bytes, [&](auto values) {
    assert(0 <= first && 0 <= count);
    assert(uint64_t(first) + uint64_t(count) <= values.size);
    for (int64_t i = 0; i < count; ++i)
      out[i] = values[first + i];
  });
}

//===----------------------------------------------------------------------===//
// Measuring
//===----------------------------------------------------------------------===//

double absMean(Encoding encoding, StringRef bytes) {
  return withValues(encoding, bytes, [](auto values) {
    constexpr uint64_t kLanes = 16;
    double sums[kLanes] = {}; // lane j: Σ |w[16 i + j]|, i ascending
    uint64_t whole = values.size / kLanes * kLanes;
    for (uint64_t i = 0; i < whole; i += kLanes)
      for (uint64_t j = 0; j < kLanes; ++j)
        sums[j] += std::fabs(values[i + j]);
    for (uint64_t i = whole; i < values.size; ++i)
      sums[i - whole] += std::fabs(values[i]);
    for (uint64_t width = kLanes / 2; width > 0; width /= 2)
      for (uint64_t j = 0; j < width; ++j)
        sums[j] += sums[j + width];
    return values.size ? sums[0] / double(values.size) : 0.0;
  });
}

uint64_t countNearTies(Encoding encoding, StringRef bytes, float scaleInv) {
  // The neighbours of 0.5 and itself are three consecutive bit patterns.
  constexpr uint32_t kBelow = std::bit_cast<uint32_t>(0.5f) - 1;
  return withValues(encoding, bytes, [&](auto values) {
    uint64_t ties = 0;
    for (uint64_t i = 0; i < values.size; ++i) {
      uint32_t scaled =
          std::bit_cast<uint32_t>(std::fabs(values[i] * scaleInv));
      ties += scaled - kBelow <= 2;
    }
    return ties;
  });
}

void readPeaks(Encoding encoding, StringRef bytes, int64_t run, int64_t first,
               int64_t count, float *out) {
  withValues(encoding, bytes, [&](auto values) {
    for (int64_t i = 0; i < count; ++i) {
      float peak = 0;
      for (uint64_t at = uint64_t(first + i) * run, end = at + run; at < end;
           ++at)
        peak = std::max(peak, std::fabs(values[at]));
      out[i] = peak;
    }
  });
}

/// The fewest columns that may share a scale.
static constexpr int64_t kUnit = 16;

/// The largest |w| of units of columns, [rows][units], if all others of a unit
/// are 0 or the same; else nothing.
static std::vector<float> findUnits(Encoding encoding, StringRef bytes,
                                    int64_t rows, int64_t cols) {
  int64_t units = (cols + kUnit - 1) / kUnit;
  std::vector<float> peaks(rows * units);
  bool good = withValues(encoding, bytes, [&](auto values) {
    for (int64_t i = 0; i < rows * units; ++i) {
      uint64_t first = i / units * cols + i % units * kUnit;
      uint64_t end = first + std::min(kUnit, cols - i % units * kUnit);
      float peak = 0;
      for (uint64_t at = first; at < end; ++at)
        peak = std::max(peak, std::fabs(values[at]));
      bool differs = false;
      for (uint64_t at = first; at < end; ++at) {
        float size = std::fabs(values[at]);
        differs |= !((size == peak) | (size == 0));
      }
      peaks[i] = peak;
      if (differs)
        return false;
    }
    return true;
  });
  return good ? peaks : std::vector<float>();
}

/// One number for those of [begin, end) that are not 0; negative: they differ.
static float findCommon(const float *begin, const float *end) {
  float common = 0;
  for (const float *peak = begin; peak < end; ++peak) {
    if (*peak != 0 && common != 0 && *peak != common)
      return -1;
    common = std::max(common, *peak);
  }
  return common;
}

std::optional<TernaryScales> findTernaryScales(Encoding encoding,
                                               StringRef bytes, int64_t rows,
                                               int64_t cols) {
  std::vector<float> peaks = findUnits(encoding, bytes, rows, cols);
  if (peaks.empty())
    return std::nullopt;
  const float *begin = peaks.data(), *end = begin + peaks.size();
  if (float scale = findCommon(begin, end); scale >= 0)
    return TernaryScales{0, scale == 0 ? 1 : scale};
  int64_t units = peaks.size() / rows;
  for (int64_t parts = 1; parts <= units; ++parts) {
    if (parts > 1 && cols % (parts * kUnit))
      continue;
    int64_t width = units / parts;
    const float *at = begin;
    while (at < end && findCommon(at, at + width) >= 0)
      at += width;
    if (at == end)
      return TernaryScales{cols / parts, 0};
  }
  return std::nullopt;
}

std::optional<uint64_t> findNonFinite(Encoding encoding, StringRef bytes) {
  return withValues(encoding, bytes, [](auto values) {
    return findFirst(values.size,
                     [=](uint64_t i) { return values.isSpecial(i); });
  });
}

std::optional<uint64_t> findNonTrit(Encoding encoding, StringRef bytes) {
  return withValues(encoding, bytes, [](auto values) {
    return findFirst(values.size, [=](uint64_t i) {
      float magnitude = std::fabs(values[i]);
      return (magnitude != 0) & (magnitude != 1);
    });
  });
}

Error checkPacked(StringRef bytes, int64_t rows, int64_t cols,
                  const Twine &name) {
  auto threes = [=](uint64_t i) {
    uint8_t byte = bytes.bytes_begin()[i];
    return byte & (byte >> 1) & 0x55; // the low bit of each code 3
  };
  std::optional<uint64_t> found =
      findFirst(bytes.size(), [=](uint64_t i) { return threes(i) != 0; });
  if (!found)
    return Error::success();
  int64_t row = int64_t(*found) / cols +
                std::countr_zero(unsigned(threes(*found))) / 2 * (rows / 4);
  return userError(name + ": found the code 3 at row " + Twine(row) +
                   ", column " + Twine(int64_t(*found) % cols) +
                   ", expected 0, 1 or 2 for the trits -1, 0 and 1; the file "
                   "is damaged or packed in another way");
}

Error checkFinite(Encoding encoding, StringRef bytes, const Twine &name) {
  std::optional<uint64_t> found = findNonFinite(encoding, bytes);
  if (!found)
    return Error::success();
  float value;
  readFloats(encoding, bytes, int64_t(*found), 1, &value);
  return userError(name + ": found " +
                   (std::isnan(value) ? "NaN" : "infinity") + " at index " +
                   Twine(*found) + ", expected finite values");
}

} // namespace setun::frontends
