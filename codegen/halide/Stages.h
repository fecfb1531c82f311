//===- Stages.h - The generators of the float stages ----------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_CODEGEN_HALIDE_STAGES_H
#define SETUN_CODEGEN_HALIDE_STAGES_H

namespace setun::codegen {

class StageBuilder;

namespace stages {
#define FLOAT_STAGE(kind, numSizes) void kind(StageBuilder &stage);
#include "codegen/halide/Stages.def"
} // namespace stages

} // namespace setun::codegen

#endif // SETUN_CODEGEN_HALIDE_STAGES_H
