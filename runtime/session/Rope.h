//===- Rope.h - Rotation angles of a step's positions -----------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_SESSION_ROPE_H
#define SETUN_RUNTIME_SESSION_ROPE_H

#include <stdint.h>

namespace setun::runtime {

/// Tables of angles: frequencies[tables][pairs] are radians a position;
/// cosines and sines of a table are multiplied by its scale.
struct RopeTables {
  const double *frequencies, *scales;
  uint64_t tables, pairs;
};

/// Fills out[rows][tables][pairs cosines, pairs sines] for the positions from
/// `position` on. The angle, its functions and the scale are fp64 (see Math.h),
/// rounded to fp32 once at the end.
void fillRope(const RopeTables &rope, uint64_t position, uint64_t rows,
              float *out);

} // namespace setun::runtime

#endif // SETUN_RUNTIME_SESSION_ROPE_H
