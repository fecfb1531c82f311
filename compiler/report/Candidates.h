//===- Candidates.h - Why a linear has its tiles ----------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_COMPILER_REPORT_CANDIDATES_H
#define SETUN_COMPILER_REPORT_CANDIDATES_H

#include "passes/tile/Candidates.h"

#include "llvm/Support/JSON.h"

namespace setun::compiler::report {

/// All that the answer depends on; layers ask the same again and again.
struct TileQuestion {
  /// None if the op is no linear with packing and tiles.
  static std::optional<TileQuestion> get(mlir::Operation *op);

  passes::LinearShape shape;
  lut::PackingInterface packing;
  mlir::ArrayAttr tiles;
  lut::TargetAttr target;

  auto tie() const {
    return std::tuple(shape.tie(), packing.getWord(),
                      tiles.getAsOpaquePointer());
  }
  bool operator<(const TileQuestion &other) const {
    return tie() < other.tie();
  }
};

/// Of each tile of the linear: it and the cheapest candidates of its class, the
/// cheapest first, with the parts of their costs; and the best of each other
/// strategy and packing.
llvm::json::Array answer(const TileQuestion &question);

} // namespace setun::compiler::report

#endif // SETUN_COMPILER_REPORT_CANDIDATES_H
