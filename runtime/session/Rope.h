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

/// Fills table[rows][pairs cosines, pairs sines] for the positions from
/// `position` on; frequencies[pairs] are radians a position. The angle and its
/// functions are fp64 (see Math.h), rounded to fp32 once at the end.
void fillRope(const double *frequencies, uint64_t pairs, uint64_t position,
              uint64_t rows, float *table);

} // namespace setun::runtime

#endif // SETUN_RUNTIME_SESSION_ROPE_H
