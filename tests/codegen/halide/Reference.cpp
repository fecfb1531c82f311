//===- Reference.cpp ------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tests/codegen/halide/Reference.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace setun::codegen::reference {

float sum(int n, const std::function<float(int)> &term) {
  float lanes[16] = {};
  for (int i = 0; i < n; ++i)
    lanes[i % 16] += term(i);
  for (int width = 8; width > 0; width /= 2)
    for (int lane = 0; lane < width; ++lane)
      lanes[lane] += lanes[lane + width];
  return lanes[0];
}

float exponential(float x) {
  if (x < -87.0f)
    return 0.0f;
  if (x > 88.0f)
    return INFINITY;
  float n = std::nearbyint(x * 0x1.715476p+0f);
  float r = (x - n * 0x1.63p-1f) - n * -0x1.bd0106p-13f;
  float q = 0x1.6a23d0p-10f;
  for (float coefficient :
       {0x1.123a20p-7f, 0x1.5558f2p-5f, 0x1.555492p-3f, 0x1.fffffcp-2f})
    q = q * r + coefficient;
  return ((q * (r * r) + r) + 1.0f) * std::ldexp(1.0f, int(n));
}

static float narrowToBf16(float x) {
  uint32_t bits = std::bit_cast<uint32_t>(x);
  uint32_t below = bits & 0xffff;
  bits -= below;
  if (below > 0x8000 || (below == 0x8000 && (bits >> 16 & 1)))
    bits += 0x10000;
  return std::bit_cast<float>(bits);
}

/// By the distance between neighbours, which frexp gives.
static float narrowToHalf(float x) {
  int exponent;
  std::frexp(x, &exponent);
  float step = std::ldexp(1.0f, std::max(exponent - 11, -24));
  return std::clamp(std::nearbyint(x / step) * step, -65504.0f, 65504.0f);
}

Row norm(const Row &x, const Row &weight, double epsilon) {
  int n = int(x.size());
  float squares = sum(n, [&](int i) { return x[i] * x[i]; });
  float r = 1.0f / std::sqrt(squares / float(n) + float(epsilon));
  Row y(n);
  for (int i = 0; i < n; ++i)
    y[i] = (x[i] * r) * weight[i];
  return y;
}

Quantized quantize(const Row &x) {
  float peak = 1e-5f;
  for (float value : x)
    peak = std::max(peak, std::fabs(value));
  Quantized result{{}, 127.0f / peak, 0};
  for (float value : x) {
    float rounded = std::nearbyint(value * result.scale);
    result.q.push_back(int8_t(std::clamp(rounded, -128.0f, 127.0f)));
    result.sum += result.q.back();
  }
  return result;
}

Row rope(const Row &x, const Row &angles) {
  int half = int(angles.size()) / 2;
  Row y = x;
  for (int i = 0; i < half; ++i) {
    float cosine = angles[i], sine = angles[i + half];
    y[i] = x[i] * cosine - x[i + half] * sine;
    y[i + half] = x[i + half] * cosine + x[i] * sine;
  }
  return y;
}

Stored store(const Row &head, const std::string &element) {
  Stored stored;
  float peak = 1e-5f;
  for (float x : head)
    peak = std::max(peak, std::fabs(x));
  for (float x : head)
    stored.values.push_back(element == "bf16"  ? narrowToBf16(x)
                            : element == "f16" ? narrowToHalf(x)
                            : element == "i8"
                                ? std::nearbyint(x * (127.0f / peak))
                                : x);
  stored.scale = element == "i8" ? peak / 127.0f : 1.0f;
  return stored;
}

Attended attend(const Row &q, const std::vector<Stored> &keys,
                const std::vector<Stored> &values, int length, int first,
                double factor) {
  int width = int(q.size());
  float scale = float(factor ? factor : 1.0 / std::sqrt(double(width)));
  Attended result{-std::numeric_limits<float>::max(), 0, Row(width)};
  Row scores;
  for (int j = 0; j < length; ++j) {
    float dot = 0;
    for (int d = 0; d < width; ++d)
      dot += q[d] * keys[j].values[d];
    scores.push_back((dot * keys[j].scale) * scale);
    if (j >= first)
      result.peak = std::max(result.peak, scores.back());
  }
  auto p = [&](int j) {
    return j < first ? 0 : exponential(scores[j] - result.peak);
  };
  result.denominator = sum(length, p);
  for (int j = 0; j < length; ++j) {
    float weight = p(j) * values[j].scale;
    for (int d = 0; d < width; ++d)
      result.sums[d] += weight * values[j].values[d];
  }
  return result;
}

Attended merge(const Attended &before, const Attended &next) {
  Attended result{std::max(before.peak, next.peak), 0, {}};
  float older = exponential(before.peak - result.peak);
  float newer = exponential(next.peak - result.peak);
  result.denominator = before.denominator * older + next.denominator * newer;
  for (size_t d = 0; d < before.sums.size(); ++d)
    result.sums.push_back(before.sums[d] * older + next.sums[d] * newer);
  return result;
}

float relu2(float gate, float up) {
  float positive = gate > 0 ? gate : 0;
  return (positive * positive) * up;
}

float silu(float gate, float up) {
  return (gate / (1.0f + exponential(0.0f - gate))) * up;
}

float geluTanh(float gate, float up) {
  float inner = gate + ((gate * gate) * gate) * 0.044715f;
  return (gate / (1.0f + exponential(inner * -0x1.988454p+0f))) * up;
}

} // namespace setun::codegen::reference
