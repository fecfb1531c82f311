//===- Lines.h - Copies by rows and columns ---------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_CODEGEN_LINK_LINES_H
#define SETUN_CODEGEN_LINK_LINES_H

#include "codegen/link/Weights.h"
#include "dialects/lut/Lut.h"

namespace setun::codegen {

/// Packs `weight` row by row or column by column; takes memory for the whole of
/// what it writes.
void writeLines(tern::WeightOp weight, lut::LinesAttr packing,
                WeightSource &source, llvm::raw_ostream &out);

} // namespace setun::codegen

#endif // SETUN_CODEGEN_LINK_LINES_H
