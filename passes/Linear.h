//===- Linear.h - Packing and tiles of a linear -----------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_PASSES_LINEAR_H
#define SETUN_PASSES_LINEAR_H

#include "dialects/lut/Lut.h"
#include "dialects/tern/Tern.h"
#include "passes/BatchClass.h"

#include "llvm/Support/Error.h"

#include <string>

namespace setun::passes {

/// All that tiles depend on of a linear.
struct LinearShape {
  static LinearShape get(tern::FusedLinearOp linear);
  static LinearShape get(lut::ChoiceAttr choice);

  llvm::SmallVector<int64_t> rows; ///< of each weight: q, k, v; gate, up
  int64_t columns = 0;
  std::string gate; ///< "", "silu", "relu2"
  bool residual = false;

  auto tie() const { return std::tie(rows, columns, gate, residual); }
  bool operator==(const LinearShape &other) const {
    return tie() == other.tie();
  }
  bool operator<(const LinearShape &other) const { return tie() < other.tie(); }
};

/// Whether floats are summed for it: its activations are not quantized, or
/// groups of a row have scales. Nothing of it is tuned.
bool isPicked(tern::FusedLinearOp linear);

/// The packing of a word; the error tells which there are.
llvm::Expected<lut::PackingInterface> findPacking(llvm::StringRef word,
                                                  mlir::MLIRContext *context);

/// Packings of blocks of trits, the one that the target prefers first.
llvm::SmallVector<lut::PackingInterface> listPackings(lut::TargetAttr target);

/// What the weights of a linear share; an error if one has none.
llvm::Expected<lut::PackingInterface> getPacking(tern::FusedLinearOp linear);
void setPacking(tern::FusedLinearOp linear, lut::PackingInterface packing);

/// Fields of a #lut.tile that somebody chose.
struct TileChange {
  /// The error tells what was expected of a field's value.
  llvm::Error set(llvm::StringRef field, llvm::StringRef value);
  /// Fields of the other one hold.
  void merge(const TileChange &other);

  std::optional<int64_t> rows, blocks, unroll, tokens;
  std::optional<lut::Strategy> strategy;
};

/// Whether kernels of a linear can be made so; the error is the verifiers'.
llvm::Error verifyTile(lut::TileAttr tile, const LinearShape &shape,
                       lut::PackingInterface packing, BatchClass batchClass);

/// Changes the tile of one batch class, if verifiers take what comes of it.
llvm::Error changeTile(tern::FusedLinearOp linear, BatchClass batchClass,
                       const TileChange &change);

} // namespace setun::passes

#endif // SETUN_PASSES_LINEAR_H
