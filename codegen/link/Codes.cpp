//===- Codes.cpp - Dense rows as integers with scales ---------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/link/Codes.h"

#include "llvm/Support/Parallel.h"

#include <algorithm>
#include <cmath>
#include <cstring>

using namespace mlir;

namespace setun::codegen {

/// A group whose largest weight is smaller becomes 0: its scale has an inverse.
static constexpr float kSmallest = 0x1p-100f;

/// The integer nearest to w · inverse, in [−limit, limit].
static float roundTo(float w, float inverse, float limit) {
  constexpr float magic = 12582912; // 1.5 · 2²³
  float scaled = w * inverse;
  scaled = scaled < limit ? scaled : limit;
  scaled = scaled > -limit ? scaled : -limit;
  return (scaled + magic) - magic;
}

/// The scale that leaves the least: limiting a few large weights may pay.
static float chooseScale(ArrayRef<float> group, float limit) {
  float peak = 0;
  for (float w : group)
    peak = std::max(peak, std::fabs(w));
  if (peak < kSmallest)
    return 0;
  float best = 0;
  double least = HUGE_VAL;
  for (float part : {1.0f, 0.96f, 0.92f, 0.88f, 0.84f}) {
    float scale = peak * part / limit, inverse = 1 / scale;
    double rest = 0;
    for (float w : group) {
      double error = w - roundTo(w, inverse, limit) * scale;
      rest += error * error;
    }
    if (rest < least)
      best = scale, least = rest;
  }
  return best;
}

/// Writes a code above its lowest value, or as s8.
static void storeCode(unsigned bits, int64_t column, int code, uint8_t *out) {
  int64_t block = column / 16, lane = column % 16;
  auto put = [&](int64_t at, unsigned value, int64_t shift) {
    out[at] |= static_cast<uint8_t>(value << shift);
  };
  if (bits == 8)
    return put(column, static_cast<uint8_t>(code), 0);
  if (bits == 4)
    return put(block / 2 * 16 + lane, code + 8, block % 2 * 4);
  unsigned value = code + 32;
  int64_t begin = block / 4 * 48;
  put(begin + block % 4 / 2 * 16 + lane, value & 15, block % 2 * 4);
  put(begin + 32 + lane, value >> 4, block % 4 * 2);
}

void packCodes(lut::CodesAttr packing, float *row, int64_t columns,
               uint8_t *out) {
  int64_t width = packing.getWidth(columns), size = packing.getGroup();
  unsigned bits = packing.getBits();
  float limit = static_cast<float>((1 << (bits - 1)) - 1);
  uint8_t *scales = out + packing.getCodeBytes(columns);
  std::memset(out, 0, packing.getRowBytes(columns));
  for (int64_t first = 0; first < width; first += size, scales += 4) {
    int64_t count = std::clamp<int64_t>(columns - first, 0, size);
    float scale = chooseScale({row + first, size_t(count)}, limit);
    float inverse = scale > 0 ? 1 / scale : 0;
    for (int64_t i = 0; i < size; ++i) {
      float code = i < count ? roundTo(row[first + i], inverse, limit) : 0;
      storeCode(bits, first + i, int(code), out);
      if (i < count)
        row[first + i] = code * scale;
    }
    std::memcpy(scales, &scale, 4);
  }
}

namespace {
/// Sums over rows, and what no row of them exceeds.
struct Sums {
  double squares = 0, rest = 0, logits = 0, largest = 0, logit = 0;

  void add(const Sums &other) {
    squares += other.squares;
    rest += other.rest;
    logits += other.logits;
    largest = std::max(largest, other.largest);
    logit = std::max(logit, other.logit);
  }
};
} // namespace

static Sums measureRow(lut::CodesAttr packing, ArrayRef<float> norm,
                       const std::vector<float> &row) {
  std::vector<float> kept = row;
  std::vector<uint8_t> bytes(packing.getRowBytes(row.size()));
  packCodes(packing, kept.data(), row.size(), bytes.data());
  Sums found;
  for (size_t i = 0; i < row.size(); ++i) {
    double error = double(row[i]) - kept[i];
    double weighted = error * (norm.empty() ? 1 : norm[i]);
    found.squares += double(row[i]) * row[i];
    found.rest += error * error;
    found.logits += weighted * weighted;
    found.largest = std::max(found.largest, std::fabs(error));
  }
  found.logit = std::sqrt(found.logits);
  return found;
}

CodesError measureCodes(lut::CodesAttr packing, tern::WeightOp weight,
                        ArrayRef<float> norm, WeightSource &source) {
  constexpr int64_t kRowsAtOnce = 256;
  int64_t rows = weight.getType().getShape()[0];
  int64_t columns = weight.getType().getShape()[1];
  // Parts are added in their order, whatever thread made them.
  std::vector<Sums> parts(lut::ceilDiv(rows, kRowsAtOnce));
  llvm::parallelFor(0, parts.size(), [&](size_t part) {
    int64_t first = part * kRowsAtOnce;
    std::vector<float> row(columns);
    for (int64_t r = first; r < std::min(rows, first + kRowsAtOnce); ++r) {
      source.readFloats(weight, r * columns, columns, row.data());
      parts[part].add(measureRow(packing, norm, row));
    }
  });
  source.release(weight);
  Sums all;
  for (const Sums &part : parts)
    all.add(part);
  return {all.squares > 0 ? std::sqrt(all.rest / all.squares) : 0, all.largest,
          std::sqrt(all.logits / double(rows)),
          all.logit * std::sqrt(double(columns))};
}

lut::CodesAttr findCodes(tern::WeightOp screen) {
  auto module = screen->getParentOfType<ModuleOp>();
  for (auto weight : module.getOps<tern::WeightOp>())
    if (weight.getSource() == screen.getSource())
      if (auto codes = weight->getAttrOfType<lut::CodesAttr>(lut::kPackingAttr))
        return codes;
  return {};
}

} // namespace setun::codegen
