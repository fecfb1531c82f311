//===- Rope.h - Rotary embedding as config.json describes it ----*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_FRONTENDS_SAFETENSORS_ROPE_H
#define SETUN_FRONTENDS_SAFETENSORS_ROPE_H

#include "frontends/safetensors/Keys.h"

#include <vector>

namespace setun::frontends {

struct Rope {
  /// transformers' `rope_type`; its definitions are in modeling_rope_utils.py.
  ///
  /// Dynamic: angles depend on the length of the sequence, but only beyond
  /// max_position_embeddings, which is the longest context here.
  /// LongRope: beyond `original` positions the angles of the whole sequence
  /// change, those of cached keys too; so the context ends there.
  enum Kind { Default, Linear, Dynamic, Yarn, LongRope, Llama3 };

  /// Radians that pair i turns a position, [rotary / 2], in fp64: θ^(−2i/d)
  /// (arXiv 2104.09864, section 3.2.2), scaled.
  std::vector<double> getAngles(int64_t rotary) const;

  /// The elements of a head that turn.
  int64_t getRotary(int64_t headDim) const {
    return int64_t(double(headDim) * partial);
  }

  double theta;
  Kind kind = Default;
  double factor = 1;
  double partial = 1; ///< of a head
  double scale = 1;   ///< of cosines and sines
  /// Llama3 and Yarn: turns within `original` positions of which more is fast,
  /// of which less is slow; between them angles are mixed.
  double slow = 1, fast = 4;
  double original = 8192;
  bool truncate = true;        ///< Yarn: the bounds between are whole pairs
  std::vector<double> factors; ///< LongRope: of each pair
};

/// Angles of layers that see all, and of those with a window if they differ.
struct Ropes {
  Rope full;
  std::optional<Rope> sliding;
};

/// Sizes and defaults that rotary embedding depends on.
struct RopeContext {
  double theta, slidingTheta; ///< 0: layers with a window have no own angles
  int64_t positions, headDim;
};

/// transformers 5 keeps all in `rope_parameters`, maybe for each type of layer;
/// before, there were `rope_theta`, `rope_local_base_freq` and `rope_scaling`.
Ropes readRopes(Keys &keys, llvm::StringRef origin, const RopeContext &context,
                Problems &problems);

} // namespace setun::frontends

#endif // SETUN_FRONTENDS_SAFETENSORS_ROPE_H
