//===- Codes.h - Dense rows as integers with scales -------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_CODEGEN_LINK_CODES_H
#define SETUN_CODEGEN_LINK_CODES_H

#include "codegen/link/Weights.h"
#include "dialects/lut/Lut.h"

namespace setun::codegen {

/// Makes the stored bytes of a row of `columns` floats, and of the row what
/// they stand for.
void packCodes(lut::CodesAttr packing, float *row, int64_t columns,
               uint8_t *out);

/// What packing rows as codes changes.
struct CodesError {
  double relative = 0; ///< √(Σ(w − w')² / Σw²)
  double largest = 0;  ///< |w − w'|
  /// Of logits of x = z ∘ norm with ‖z‖² = n, whatever x is: the root of their
  /// mean square where z has no direction, and what no row can exceed.
  double logit = 0, logitBound = 0;
};

/// Of a matrix; `norm` are the factors of its columns, none: 1.
CodesError measureCodes(lut::CodesAttr packing, tern::WeightOp weight,
                        llvm::ArrayRef<float> norm, WeightSource &source);

/// The codes that a screen's rows are kept as; null: they are as in the file.
lut::CodesAttr findCodes(tern::WeightOp screen);

} // namespace setun::codegen

#endif // SETUN_CODEGEN_LINK_CODES_H
