//===- Contract.h - The float arithmetic every ISA agrees on ----*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// DESIGN.md §4.3 in Halide; README.md says it in words.
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_CODEGEN_HALIDE_CONTRACT_H
#define SETUN_CODEGEN_HALIDE_CONTRACT_H

#include <Halide.h>

#include <functional>

namespace setun::codegen {

/// The virtual vector width: partial sums of a reduction.
inline constexpr int kLanes = 16;

inline int roundUpToLanes(int n) { return (n + kLanes - 1) / kLanes * kLanes; }

/// Whole heads lie on the stack.
inline constexpr int kWidestHead = 4096;

/// e^x, within 0.99 ulp; 0 below -87, infinity above 88.
Halide::Expr exponential(const Halide::Expr &x);

/// clamp(roundeven(x), -128, 127) as int8.
Halide::Expr roundToInt8(const Halide::Expr &x);

/// A reduction of `groups` · 16 terms in 16 lanes and a fixed tree, for each of
/// several rows.
class LaneReduction {
public:
  using Term =
      std::function<Halide::Expr(Halide::Expr index, Halide::Expr row)>;

  /// The same for terms that lie in blocks of 16.
  using BlockTerm = std::function<Halide::Expr(
      Halide::Expr lane, Halide::Expr block, Halide::Expr row)>;

  static LaneReduction sum(const std::string &name, Halide::Expr groups,
                           const Term &term);
  static LaneReduction max(const std::string &name, Halide::Expr groups,
                           const Term &term);

  static LaneReduction sumOfBlocks(const std::string &name, Halide::Expr groups,
                                   const BlockTerm &term);
  /// `lowest`: of no term, and of terms below it.
  static LaneReduction max(const std::string &name, Halide::Expr groups,
                           float lowest, const BlockTerm &term);

  Halide::Expr result(const Halide::Expr &row = 0) const;

  /// Reduces before everything else; for a single row.
  LaneReduction &computeRoot();
  /// Reduces a row in each iteration of `row`, a loop of the consumer.
  void computeAt(Halide::Func consumer, Halide::Var row);
  /// Reduces `rows` rows side by side in each iteration of `block`, a loop of
  /// the consumer's last update, whose inner loop `row` takes their results.
  void computeAt(Halide::Func consumer, Halide::RVar block, Halide::RVar row,
                 int rows);

private:
  using Combine = std::function<Halide::Expr(Halide::Expr, Halide::Expr)>;
  LaneReduction(const std::string &name, Halide::Expr groups,
                const BlockTerm &term, const Halide::Expr &identity,
                const Combine &combine);
  template <typename Fn> void forEachStep(Fn fn);

  Combine combine;
  Halide::RDom group;
  Halide::Var lane{"lane"}, row{"row"};
  /// steps[0] has 16 lanes, and each further one half of those before it.
  std::vector<Halide::Func> steps;
};

/// Elements of a row or a head.
using Row = std::function<Halide::Expr(Halide::Expr index)>;

/// A head on the stack, with zeros behind up to a multiple of 16.
Halide::Func holdHead(int width, const Row &element);

/// Adds updates for the `width` elements of a head: of the first `rotary` of
/// them, pairs that lie half of these apart turn by the angles of the
/// position, (a, b) becomes (a cos - b sin, b cos + a sin); others stay.
void defineRotated(Halide::Func y, const Row &x, Halide::ImageParam angles,
                   int width, int rotary);

/// Calls `define(i)` so that the RVar i runs through [begin, end):
/// as many whole vectors as fit, then 8, 4, 2, 1. `define` adds an update to
/// `func` and this vectorises it. For rows of any length without padding.
void defineInRuns(Halide::Func func, int begin, int end,
                  const std::function<void(Halide::RVar i)> &define);

} // namespace setun::codegen

#endif // SETUN_CODEGEN_HALIDE_CONTRACT_H
