//===- FloatStages.h - Halide's float stages as an LLVM module --*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_CODEGEN_HALIDE_FLOATSTAGES_H
#define SETUN_CODEGEN_HALIDE_FLOATSTAGES_H

#include "codegen/halide/FloatStage.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <memory>

namespace llvm {
class LLVMContext;
class Module;
class Triple;
} // namespace llvm

namespace setun::codegen {

/// All `stages` in one module of plain C functions for a 64-bit little-endian
/// `triple`. The body is the same for every CPU: 16-lane vectors that the back
/// end splits to fit. It calls nothing, and carries no fast-math flag. Fails
/// with one line a stage that cannot be generated.
llvm::Expected<std::unique_ptr<llvm::Module>>
generateFloatStages(llvm::ArrayRef<FloatStage> stages,
                    const llvm::Triple &triple, llvm::LLVMContext &context);

} // namespace setun::codegen

#endif // SETUN_CODEGEN_HALIDE_FLOATSTAGES_H
