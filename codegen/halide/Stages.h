//===- Stages.h - The generators of the float stages ----------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_CODEGEN_HALIDE_STAGES_H
#define SETUN_CODEGEN_HALIDE_STAGES_H

#include <Halide.h>

#include <functional>

namespace setun::codegen {

class StageBuilder;

/// The next two arguments are a head and the weights of its RMSNorm, padded;
/// the result is normalized.
std::function<Halide::Expr(Halide::Expr)> normalizedHead(StageBuilder &stage,
                                                         int width);

namespace stages {
#define FLOAT_STAGE(kind, numSizes) void kind(StageBuilder &stage);
#include "codegen/halide/Stages.def"
} // namespace stages

} // namespace setun::codegen

#endif // SETUN_CODEGEN_HALIDE_STAGES_H
