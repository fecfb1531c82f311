//===- Choices.h - What measurements choose ---------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_COMPILER_TUNING_CHOICES_H
#define SETUN_COMPILER_TUNING_CHOICES_H

#include "compiler/tuning/Tuning.pb.h"
#include "passes/tile/Candidates.h"

#include <map>
#include <optional>
#include <string>

namespace setun::tuning {

/// What is not at least so much faster leaves the facts' choice in place:
/// medians differ by as much from run to run.
inline constexpr double kWorthwhile = 0.98;

/// The fastest tile that was measured for a packing and batch class.
struct Best {
  Tile tile;
  double relative;
  int session; ///< that measured it
};

/// What one machine's measurements say of linears of one shape.
struct Choice {
  /// The word of a packing, or "" for the one that facts choose.
  std::string packing;
  /// Tiles better than those of the facts, by the packing's word. Of a packing
  /// that facts do not choose, all: nobody measured what facts would take.
  std::map<std::pair<std::string, passes::BatchClass>, Best> tiles;
};

/// What packings are compared by: the product of decode's and prefill's times,
/// each by the reference's. Infinite if one was not measured.
double getProduct(std::optional<double> decode, std::optional<double> prefill);

/// The choices for a target, as its facts are printed, from what this producer
/// measured with the most threads. A packing is the one whose product is
/// smallest.
std::map<passes::LinearShape, Choice> listChoices(const Tuning &tuning,
                                                  llvm::StringRef target,
                                                  llvm::StringRef producer);

} // namespace setun::tuning

#endif // SETUN_COMPILER_TUNING_CHOICES_H
