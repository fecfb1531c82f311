//===- Rope.cpp - Rotation angles of a step's positions -------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/session/Rope.h"
#include "runtime/support/Math.h"

namespace setun::runtime {

void fillRope(const double *frequencies, uint64_t pairs, uint64_t position,
              uint64_t rows, float *table) {
  for (uint64_t row = 0; row < rows; ++row, table += 2 * pairs)
    for (uint64_t i = 0; i < pairs; ++i) {
      SinCos angle = sinCos(double(position + row) * frequencies[i]);
      table[i] = static_cast<float>(angle.cos);
      table[pairs + i] = static_cast<float>(angle.sin);
    }
}

} // namespace setun::runtime
