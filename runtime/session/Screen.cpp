//===- Screen.cpp - A head of which few rows are computed -----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/session/Screen.h"
#include "runtime/support/Math.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <math.h>
#include <string.h>

namespace setun::runtime {

/// A block is what the kernel counts in, a tile what a worker claims, a group
/// what has a maximum.
constexpr uint64_t kBlockRows = 16, kTileBlocks = 8, kGroupRows = 64;
constexpr uint64_t kTileRows = kBlockRows * kTileBlocks;
/// Rows that a worker computes at once.
constexpr uint64_t kRunRows = 8;

//===----------------------------------------------------------------------===//
// Activations: see abi/Screen.h for X, Y and why
//===----------------------------------------------------------------------===//

bool quantizeScreened(const float *x, uint32_t width, int8_t *high, int8_t *low,
                      abi::ScreenedRow &row) {
  constexpr double unit = 0x1p-24, margin = 1 + 0x1p-19, tiny = 0x1p-140;
  float peak = 0;
  for (uint32_t i = 0; i < width; ++i) {
    if (!(fabsf(x[i]) <= 0x1p60f))
      return false;
    peak = std::max(peak, fabsf(x[i]));
  }
  // t = Σ (code − 32)·v stays in int32, high and low in their bytes.
  int32_t limit = std::min<int64_t>(INT32_MAX / (32 * int64_t(width)), 16256);
  row.scale = static_cast<float>(double(peak) / limit);
  double inverse = row.scale > 0 ? 1 / double(row.scale) : 0;
  double squares = 0, rests = 0;
  int64_t sum = 0;
  for (uint32_t i = 0; i < width; ++i) {
    double scaled = x[i] * inverse;
    scaled = std::clamp<double>(scaled, -limit, limit);
    auto v = static_cast<int32_t>(scaled + (scaled < 0 ? -0.5 : 0.5));
    high[i] = static_cast<int8_t>((v + 64) >> 7);
    low[i] = static_cast<int8_t>(v - 128 * high[i]);
    double rest = x[i] - double(row.scale) * v;
    squares += double(x[i]) * x[i];
    rests += rest * rest;
    sum += v;
  }
  double norm = sqrt(squares), rest = sqrt(rests);
  double terms = width / 16.0 + 6;
  double gamma = terms * unit / (1 - terms * unit);
  row.high = high;
  row.low = low;
  row.offset = static_cast<int32_t>(static_cast<uint32_t>(32 * sum));
  row.norm = static_cast<float>(norm * margin + tiny);
  row.slack = static_cast<float>(
      (rest + (gamma + 16 * unit) * (norm + rest)) * margin + tiny);
  return true;
}

//===----------------------------------------------------------------------===//
// Bounds
//===----------------------------------------------------------------------===//

Failure ScreenedLogits::allocate(ScreenedHead &head) {
  shared = &head;
  uint64_t width = head.head.width, rows = head.paddedRows();
  maxima.resize((rows + kGroupRows - 1) / kGroupRows);
  constexpr const char *purpose = "logits";
  Failure failure = x.allocate(width * sizeof(float), purpose, Pages::Small);
  if (failure.empty())
    failure = high.allocate(width, purpose, Pages::Small);
  if (failure.empty())
    failure = low.allocate(width, purpose, Pages::Small);
  if (failure.empty())
    failure = upper.allocate(maxima.size() * kGroupRows * sizeof(float),
                             purpose, Pages::Huge);
  return failure;
}

void ScreenedLogits::begin() {
  exact.clear();
  bounded = quantizeScreened(x.as<float>(), shared->head.width,
                             high.as<int8_t>(), low.as<int8_t>(), row);
}

uint64_t ScreenedLogits::tiles() const {
  return (shared->rows + kTileRows - 1) / kTileRows;
}

void ScreenedLogits::screenTile(uint64_t tile) {
  const abi::Head &head = shared->head;
  uint64_t first = tile * kTileRows, block = tile * kTileBlocks;
  uint64_t blocks =
      std::min(kTileBlocks, shared->paddedRows() / kBlockRows - block);
  float *out = upper.as<float>() + first;
  if (bounded)
    head.screen(shared->weights + head.screenOffset + block * head.blockBytes,
                row.high, row.low, row.offset, row.scale, row.norm, row.slack,
                out, blocks);
  else
    std::fill_n(out, blocks * kBlockRows, INFINITY);
  uint64_t end = std::min(first + kTileRows, maxima.size() * kGroupRows);
  for (uint64_t r = std::min(end, shared->rows); r < end; ++r)
    upper.as<float>()[r] = -INFINITY; // no rows
  for (uint64_t group = first / kGroupRows; group * kGroupRows < end; ++group)
    updateGroup(group);
}

float *ScreenedLogits::groupOf(uint64_t group) const {
  return upper.as<float>() + group * kGroupRows;
}

/// In lanes, as vector units compare.
void ScreenedLogits::updateGroup(uint64_t group) {
  constexpr uint64_t lanes = 8;
  const float *bounds = groupOf(group);
  float most[lanes];
  std::copy_n(bounds, lanes, most);
  for (uint64_t i = lanes; i < kGroupRows; i += lanes)
    for (uint64_t lane = 0; lane < lanes; ++lane)
      most[lane] =
          bounds[i + lane] > most[lane] ? bounds[i + lane] : most[lane];
  maxima[group] = *std::max_element(most, most + lanes);
}

float ScreenedLogits::bound() const {
  return *std::max_element(maxima.begin(), maxima.end());
}

double ScreenedLogits::mass(double top) const {
  double sum = 0;
  for (uint64_t r = 0; r < shared->rows; ++r)
    if (float bound = upper.as<float>()[r]; bound > -INFINITY)
      sum += expOfNegative(bound - top);
  return sum * (1 + 1e-9);
}

//===----------------------------------------------------------------------===//
// Exact ones
//===----------------------------------------------------------------------===//

/// A bound that at least `count` rows reach, one of each group.
float ScreenedLogits::findCut(uint64_t count) const {
  if (count > maxima.size())
    return -INFINITY;
  std::vector<float> sorted = maxima;
  std::nth_element(sorted.begin(), sorted.begin() + (count - 1), sorted.end(),
                   std::greater<float>());
  return sorted[count - 1];
}

/// The rows with the `count` highest bounds, none below `least`.
void ScreenedLogits::collect(float least, uint64_t count) {
  for (uint64_t group = 0; group < maxima.size(); ++group) {
    if (!(maxima[group] >= least))
      continue;
    const float *bounds = groupOf(group);
    for (uint64_t i = 0; i < kGroupRows; ++i)
      if (bounds[i] >= least && bounds[i] > -INFINITY)
        chosen.push_back({bounds[i], int32_t(group * kGroupRows + i)});
  }
  if (chosen.size() <= count)
    return;
  std::nth_element(chosen.begin(), chosen.begin() + count, chosen.end(),
                   [](const Bounded &a, const Bounded &b) {
                     return a.upper != b.upper ? a.upper > b.upper
                                               : a.row < b.row;
                   });
  chosen.resize(count);
}

/// chosen[first, end) → exact, neighbours together.
void ScreenedLogits::computeRun(uint64_t first, uint64_t end) {
  const abi::Head &head = shared->head;
  Candidate *out = exact.data() + (exact.size() - chosen.size());
  float logits[kRunRows];
  for (uint64_t i = first, count; i < end; i += count) {
    uint64_t row = chosen[i].row;
    for (count = 1; i + count < end; ++count)
      if (uint64_t(chosen[i + count].row) != row + count)
        break;
    head.exact(shared->weights + head.rowsOffset + row * head.rowBytes,
               x.as<float>(), logits, count);
    for (uint64_t j = 0; j < count; ++j)
      out[i + j] = {logits[j], int32_t(row + j)};
  }
}

/// Makes what is chosen known.
void ScreenedLogits::compute() {
  if (chosen.empty())
    return;
  std::sort(chosen.begin(), chosen.end(),
            [](const Bounded &a, const Bounded &b) { return a.row < b.row; });
  exact.resize(exact.size() + chosen.size());
  uint64_t runs = (chosen.size() + kRunRows - 1) / kRunRows;
  std::atomic<uint64_t> next = 0;
  runStep(shared->workers, shared->profile,
          {"head.exact", nullptr, 0, chosen.size(), shared->position},
          [&](uint64_t) {
            for (uint64_t run; (run = next++) < runs;)
              computeRun(
                  run * kRunRows,
                  std::min<uint64_t>((run + 1) * kRunRows, chosen.size()));
          });
  for (const Bounded &row : chosen)
    upper.as<float>()[row.row] = -INFINITY;
  uint64_t last = maxima.size();
  for (const Bounded &row : chosen)
    if (uint64_t group = row.row / kGroupRows; group != last)
      updateGroup(last = group);
  shared->computed += chosen.size();
  chosen.clear();
}

void ScreenedLogits::know(std::span<const int32_t> tokens) {
  for (int32_t token : tokens)
    if (float &bound = upper.as<float>()[token]; bound > -INFINITY) {
      chosen.push_back({bound, token});
      bound = -INFINITY; // a token may come twice
    }
  compute();
}

void ScreenedLogits::knowMore(uint64_t count, float least) {
  collect(std::max(least, findCut(count)), count);
  compute();
}

//===----------------------------------------------------------------------===//
// Several rows
//===----------------------------------------------------------------------===//

Failure Screen::allocate(uint64_t rows) {
  Failure failure;
  while (failure.empty() && logits.size() < rows) {
    auto more = std::make_unique<ScreenedLogits>();
    failure = more->allocate(shared);
    if (failure.empty())
      logits.push_back(std::move(more));
  }
  return failure;
}

void Screen::run(uint64_t rows, uint64_t position, Profile *profile) {
  shared.position = position;
  shared.profile = profile;
  for (uint64_t r = 0; r < rows; ++r)
    logits[r]->begin();
  uint64_t tiles = logits[0]->tiles();
  std::atomic<uint64_t> next = 0;
  runStep(shared.workers, profile, {"head.screen", nullptr, 0, rows, position},
          [&](uint64_t) {
            for (uint64_t tile; (tile = next++) < tiles;)
              for (uint64_t r = 0; r < rows; ++r)
                logits[r]->screenTile(tile);
          });
}

} // namespace setun::runtime
