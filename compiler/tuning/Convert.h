//===- Convert.h - Between messages and what passes know --------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_COMPILER_TUNING_CONVERT_H
#define SETUN_COMPILER_TUNING_CONVERT_H

#include "compiler/tuning/Tuning.pb.h"
#include "passes/tile/Candidates.h"

namespace setun::tuning {

Linear toMessage(const passes::LinearShape &shape);
Tile toMessage(lut::TileAttr tile);

passes::LinearShape toShape(const Linear &linear);

/// Null, with what the verifier says, if there is no such tile.
lut::TileAttr
toAttribute(const Tile &tile, mlir::MLIRContext *context,
            llvm::function_ref<mlir::InFlightDiagnostic()> emitError);

/// For people: "2560 > 6912,6912 relu2", columns, rows, gate; "+" a residual.
std::string print(const passes::LinearShape &shape);

/// The facts of a target as a session names them.
std::string print(lut::TargetAttr target);

} // namespace setun::tuning

#endif // SETUN_COMPILER_TUNING_CONVERT_H
