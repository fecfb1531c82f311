//===- Cost.h - What a tile costs -------------------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A prediction from the facts of the target and a linear's shape, in cycles of
// one core. Norm, quantizer and gate are not in it: no tile changes them.
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_PASSES_TILE_COST_H
#define SETUN_PASSES_TILE_COST_H

#include "passes/tile/Candidates.h"

namespace setun::passes {

/// Of a step, summed over the cores that share it.
struct Cost {
  double reading = 0;   ///< weights, from memory
  double computing = 0; ///< taking weights apart, products, fetching sums
  double preparing = 0; ///< tables and codes that every tile makes anew
  double waiting = 0;   ///< for the last tile

  double total() const;
};

/// Of a step of `tokens`.
Cost predictCost(const LinearShape &shape, lut::PackingInterface packing,
                 lut::TileAttr tile, lut::TargetAttr target, int64_t tokens);

/// What orders candidates: `tile.rows` tokens in one step or in four, the mean.
double predictCycles(const LinearShape &shape, lut::PackingInterface packing,
                     lut::TileAttr tile, lut::TargetAttr target);

} // namespace setun::passes

#endif // SETUN_PASSES_TILE_COST_H
