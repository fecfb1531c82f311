//===- Math.cpp - Elementary functions, the same on every ISA -------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/support/Math.h"

#include <bit>
#include <initializer_list>
#include <stdint.h>

namespace setun::runtime {

// π/2 in parts of at most 21 bits: a part times a quarter count below 2^32 is
// exact, and so are the first two subtractions. The last part holds the rest,
// rounded.
static constexpr double kHalfPi[] = {0x1.921fb0p+0, 0x1.5110a0p-22,
                                     0x1.4611a0p-42, 0x1.898cc51701b84p-64};
static constexpr double kTwoOverPi = 0x1.45f306dc9c883p-1;

// Taylor coefficients of odd and even powers. On |r| ≤ π/4 the first omitted
// terms are 5e-17 (r^17/17!) and 2e-18 (r^18/18!).
static double sine(double r) {
  double s = r * r, sum = -1.0 / 1307674368000;
  for (double c : {1.0 / 6227020800, -1.0 / 39916800, 1.0 / 362880, -1.0 / 5040,
                   1.0 / 120, -1.0 / 6})
    sum = sum * s + c;
  return r + r * (s * sum);
}

static double cosine(double r) {
  double s = r * r, sum = 1.0 / 20922789888000;
  for (double c : {-1.0 / 87178291200, 1.0 / 479001600, -1.0 / 3628800,
                   1.0 / 40320, -1.0 / 720, 1.0 / 24})
    sum = sum * s + c;
  return 1.0 - (0.5 * s - s * s * sum);
}

SinCos sinCos(double angle) {
  auto quarters = static_cast<uint64_t>(angle * kTwoOverPi + 0.5);
  double r = angle;
  for (double part : kHalfPi)
    r -= static_cast<double>(quarters) * part;
  double s = sine(r), c = cosine(r);
  switch (quarters % 4) {
  case 0:
    return {s, c};
  case 1:
    return {c, -s};
  case 2:
    return {-s, -c};
  default:
    return {-c, s};
  }
}

// e^x = 2^k · e^r, |r| ≤ ln(2)/2. ln(2) in two parts, the first of 32 bits;
// Taylor to r^13, the first omitted term is 4e-18.
double expOfNegative(double x) {
  if (!(x >= -700))
    return 0;
  auto k = static_cast<int64_t>(-x * 0x1.71547652b82fep+0 + 0.5);
  double r = x + k * 0x1.62e42feep-1 + k * 0x1.a39ef35793c76p-33;
  double sum = 1.0 / 6227020800;
  for (double c : {1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880,
                   1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24,
                   1.0 / 6, 1.0 / 2, 1.0, 1.0})
    sum = sum * r + c;
  return sum * std::bit_cast<double>(uint64_t(1023 - k) << 52);
}

// x = m·2^k with m in [√½, √2); ln m = 2·atanh s for s = (m − 1) / (m + 1), at
// most 0.1716: the series to s^23, the first omitted term is 1e-20 of the sum.
double logOfLarge(double x) {
  constexpr uint64_t kRootHalf = std::bit_cast<uint64_t>(0x1.6a09e667f3bcdp-1);
  uint64_t bits = std::bit_cast<uint64_t>(x);
  int64_t k = static_cast<int64_t>(bits - kRootHalf) >> 52;
  double m = std::bit_cast<double>(bits - (static_cast<uint64_t>(k) << 52));
  double s = (m - 1) / (m + 1), square = s * s, sum = 0;
  for (int n = 23; n > 1; n -= 2)
    sum = (sum + 1.0 / n) * square;
  double low = k * 0x1.a39ef35793c76p-33 + 2 * s * sum;
  return k * 0x1.62e42feep-1 + (2 * s + low);
}

} // namespace setun::runtime
