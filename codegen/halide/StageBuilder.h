//===- StageBuilder.h - A stage's arguments, in the C order -----*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_CODEGEN_HALIDE_STAGEBUILDER_H
#define SETUN_CODEGEN_HALIDE_STAGEBUILDER_H

#include "codegen/halide/Bitcode.h"

#include <Halide.h>

namespace setun::codegen {

/// Collects what a generator declares. Extents are constants or made from a
/// count, and rows lie back to back: so the code asks a buffer for nothing but
/// its host pointer.
class StageBuilder {
public:
  explicit StageBuilder(const FloatStage &stage) : stage(stage) {}

  int size(unsigned index) const { return int(stage.sizes.at(index)); }
  float epsilon() const { return float(stage.epsilon); }

  /// Throws std::invalid_argument(`expected`) unless `holds`.
  static void require(bool holds, const char *expected);

  /// The next argument: a pointer to `width` elements.
  Halide::ImageParam input(const char *name, Halide::Type type, int width);
  /// The next argument: a pointer to rows of `width` elements, the inner index
  /// first; as many as the stage reads.
  Halide::ImageParam inputRows(const char *name, Halide::Type type, int width);
  /// The next argument: a pointer to as many floats as the stage reads.
  Halide::ImageParam inputVector(const char *name);
  /// The next argument: a pointer to blocks of `rows` · 16 of FloatStage's
  /// elements, indexed lane, row, block.
  Halide::ImageParam storedBlocks(const char *name, int rows);
  /// The next argument: a pointer to the cosines and sines of `rotary` / 2
  /// pairs of a head of `width` elements.
  Halide::ImageParam angles(int rotary, int width);
  /// The next argument: int64_t, as an index.
  Halide::Expr count(const char *name);
  /// The next argument: a pointer to where `func` goes, a row or a scalar.
  /// Later outputs may read earlier ones.
  void output(Halide::Func func, const Halide::Expr &width = {});

  /// The same for rows `stride` apart, for blocks of 16 in rows `stride` apart,
  /// and for a row of elements `stride` apart.
  void outputRows(Halide::Func func, int width, const Halide::Expr &rows,
                  int stride);
  void outputRows(Halide::Func func, int width, const Halide::Expr &rows) {
    outputRows(func, width, rows, width);
  }
  void outputBlocks(Halide::Func func, const Halide::Expr &blocks,
                    const Halide::Expr &rows, int stride);
  void outputStrided(Halide::Func func, int width, int stride);

  /// inputRows of weights as the checkpoint stores them (FloatStage::element),
  /// and such a weight as fp32.
  Halide::ImageParam storedRows(const char *name, int width);
  Halide::Expr loadStored(const Halide::Expr &stored) const;
  const std::string &element() const { return stage.element; }
  /// i8: has scales beside it.
  bool isScaled() const { return stage.element == "i8"; }

  const std::vector<Parameter> &signature() const { return parameters; }
  Halide::Module lower(const Halide::Target &target) const;

private:
  Halide::OutputImageParam addOutput(Halide::Func func);

  const FloatStage &stage;
  std::vector<Parameter> parameters;
  std::vector<Halide::Argument> arguments;
  std::vector<Halide::Func> outputs;
};

} // namespace setun::codegen

#endif // SETUN_CODEGEN_HALIDE_STAGEBUILDER_H
