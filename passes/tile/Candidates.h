//===- Candidates.h - Tiles that a linear can have, and their costs -*- C++
//-*-//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_PASSES_TILE_CANDIDATES_H
#define SETUN_PASSES_TILE_CANDIDATES_H

#include "passes/Linear.h"

namespace setun::passes {

struct Candidate {
  lut::PackingInterface packing;
  lut::TileAttr tile;
  double cycles; ///< predicted, of one core; see Cost.h
};

/// Tokens of a step at most; the same for every shape.
int64_t getRows(BatchClass batchClass, lut::TargetAttr target);

/// The legal tiles that make sense, at least one, the cheapest first: that is
/// what `tile-choose` takes.
llvm::SmallVector<Candidate> listCandidates(const LinearShape &shape,
                                            lut::PackingInterface packing,
                                            BatchClass batchClass,
                                            lut::TargetAttr target);

} // namespace setun::passes

#endif // SETUN_PASSES_TILE_CANDIDATES_H
