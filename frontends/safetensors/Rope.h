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
  /// Of transformers' `rope_type`: angles as they are, all divided by `factor`,
  /// or (Llama 3.1) those that turn slowly divided by it.
  enum Kind { Default, Linear, Llama3 };

  /// Radians that pair i turns a position, [headDim / 2], in fp64: θ^(−2i/d)
  /// (arXiv 2104.09864, section 3.2.2), scaled as transformers does in
  /// modeling_rope_utils.py.
  std::vector<double> getAngles(int64_t headDim) const;

  double theta;
  Kind kind = Default;
  double factor = 1;
  /// Llama3: turns within `original` positions of which more is fast, of which
  /// less is slow; between them angles are mixed.
  double slow = 1, fast = 4;
  double original = 8192;
};

/// transformers 5 keeps all in `rope_parameters`; before, there were
/// `rope_theta` and `rope_scaling`.
Rope readRope(Keys &keys, llvm::StringRef origin, double theta,
              Problems &problems);

} // namespace setun::frontends

#endif // SETUN_FRONTENDS_SAFETENSORS_ROPE_H
