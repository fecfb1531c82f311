//===- FloatStage.h - One dense float stage for one shape -------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_CODEGEN_HALIDE_FLOATSTAGE_H
#define SETUN_CODEGEN_HALIDE_FLOATSTAGE_H

#include <cstdint>
#include <string>
#include <vector>

namespace setun::codegen {

/// What to generate. README.md lists the kinds, what their sizes mean, and the
/// C signature of each.
struct FloatStage {
  std::string symbol;         ///< name of the function
  std::string kind;           ///< e.g. "norm"
  std::vector<int64_t> sizes; ///< in elements
  std::string element = {};   ///< stored weights: "f32", "bf16" or "f16"
  double epsilon =
      0; ///< of a norm; of embed and attend a factor, 0: its default
};

} // namespace setun::codegen

#endif // SETUN_CODEGEN_HALIDE_FLOATSTAGE_H
