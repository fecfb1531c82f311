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
  int half = int(x.size()) / 2;
  Row y(x.size());
  for (int i = 0; i < half; ++i) {
    float cosine = angles[i], sine = angles[i + half];
    y[i] = x[i] * cosine - x[i + half] * sine;
    y[i + half] = x[i + half] * cosine + x[i] * sine;
  }
  return y;
}

Row attention(const Row &q, const std::vector<Row> &keys,
              const std::vector<Row> &values, Row &dots) {
  int width = int(q.size()), length = int(keys.size());
  float scale = float(1.0 / std::sqrt(double(width)));
  dots.clear();
  for (const Row &key : keys)
    dots.push_back(sum(width, [&](int d) { return q[d] * key[d]; }) * scale);
  float peak = *std::max_element(dots.begin(), dots.end());
  Row p;
  for (float dot : dots)
    p.push_back(exponential(dot - peak));
  float denominator = sum(length, [&](int j) { return p[j]; });
  Row out(width);
  for (int d = 0; d < width; ++d) {
    float running = 0;
    for (int j = 0; j < length; ++j)
      running += p[j] * values[j][d];
    out[d] = running / denominator;
  }
  return out;
}

float relu2(float gate, float up) {
  float positive = gate > 0 ? gate : 0;
  return (positive * positive) * up;
}

float silu(float gate, float up) {
  return (gate / (1.0f + exponential(0.0f - gate))) * up;
}

} // namespace setun::codegen::reference
