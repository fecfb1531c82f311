//===- Math.h - Elementary functions, the same on every ISA -----*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_SUPPORT_MATH_H
#define SETUN_RUNTIME_SUPPORT_MATH_H

namespace setun::runtime {

// Every libm rounds differently, and results are to be the same bits
// everywhere. So: fp64 additions, multiplications and conversions only, in a
// fixed order and never contracted.

struct SinCos {
  double sin, cos;
};

/// Sine and cosine of 0 ≤ angle ≤ 2^32, within 2e-16 of the true value.
SinCos sinCos(double angle);

/// e^x within 3 units in the last place; 0 below -700. x ≤ 0.
double expOfNegative(double x);

/// ln x within 3 units in the last place. x ≥ 1, finite.
double logOfLarge(double x);

} // namespace setun::runtime

#endif // SETUN_RUNTIME_SUPPORT_MATH_H
