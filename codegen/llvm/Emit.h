//===- Emit.h - From a lowered module to an object --------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_CODEGEN_LLVM_EMIT_H
#define SETUN_CODEGEN_LLVM_EMIT_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"

namespace setun::codegen {

/// `codegen-spmd-to-func`: steps → functions of the signature `StepFunction`.
std::unique_ptr<mlir::Pass> createSpmdToFunc();

/// From what `lower` leaves to the LLVM dialect; drops weights.
void buildToLLVMPipeline(mlir::OpPassManager &pm);

/// Translates a lowered module: the LLVM module with steps, kernels, Halide's
/// float stages and `setun_model`, which is all that stays visible. The module
/// is left as it is. `tokenizerBytes`: 0 for none.
llvm::Expected<std::unique_ptr<llvm::Module>>
translate(mlir::ModuleOp module, uint64_t tokenizerBytes,
          llvm::TargetMachine &machine, llvm::LLVMContext &context);

/// O3 for the machine, without contraction of floats and without unrolling:
/// kernels come unrolled as they should be.
void optimize(llvm::Module &module, llvm::TargetMachine &machine);

/// Appends the object file or assembly to `out`.
llvm::Error emit(llvm::Module &module, llvm::TargetMachine &machine,
                 llvm::CodeGenFileType type, llvm::SmallVectorImpl<char> &out);

/// Defines `setun_model` (runtime/abi/Model.h) from the lowered `source`.
void emitModel(mlir::ModuleOp source, uint64_t tokenizerBytes,
               llvm::ArrayRef<std::string> features, llvm::Module &module);

} // namespace setun::codegen

#endif // SETUN_CODEGEN_LLVM_EMIT_H
