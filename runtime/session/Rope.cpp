//===- Rope.cpp - Rotation angles of a step's positions -------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/session/Rope.h"
#include "runtime/support/Math.h"

namespace setun::runtime {

void fillRope(const RopeTables &rope, uint64_t position, uint64_t rows,
              float *out) {
  uint64_t pairs = rope.pairs;
  for (uint64_t row = 0; row < rows; ++row)
    for (uint64_t table = 0; table < rope.tables; ++table, out += 2 * pairs)
      for (uint64_t i = 0; i < pairs; ++i) {
        SinCos angle = sinCos(double(position + row) *
                              rope.frequencies[table * pairs + i]);
        out[i] = static_cast<float>(angle.cos * rope.scales[table]);
        out[pairs + i] = static_cast<float>(angle.sin * rope.scales[table]);
      }
}

} // namespace setun::runtime
