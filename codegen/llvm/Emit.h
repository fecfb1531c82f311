//===- Emit.h - From a lowered module to an object --------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_CODEGEN_LLVM_EMIT_H
#define SETUN_CODEGEN_LLVM_EMIT_H

#include "dialects/lut/Lut.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"

namespace setun::codegen {

/// `codegen-spmd-to-func`: steps → functions of the signature `StepFunction`.
std::unique_ptr<mlir::Pass> createSpmdToFunc();
/// `codegen-share-loops`: what steps do for many layers becomes one function.
std::unique_ptr<mlir::Pass> createShareLoops();

/// From what `lower` leaves to the LLVM dialect; drops weights.
void buildToLLVMPipeline(mlir::OpPassManager &pm);
/// Its passes by name: what flags and reproducers say.
void registerToLLVMPasses();

/// A CPU level, and LLVM's machine for it.
struct Level {
  lut::TargetAttr target;
  std::unique_ptr<llvm::TargetMachine> machine;
};

/// The levels that the steps of a lowered module are made for, the plainest
/// first.
llvm::Expected<std::vector<Level>> findLevels(mlir::ModuleOp module);

/// Translates a lowered module: the LLVM module with steps, kernels, Halide's
/// float stages and `setun_model`, which is all that stays visible. Functions
/// carry the CPU and features of their level. The module is left as it is.
/// `tokenizerBytes`: 0 for none. `chat`: abi::TemplateHeader and what belongs
/// to it, or nothing. `observe` sees the passes before they run.
llvm::Expected<std::unique_ptr<llvm::Module>>
translate(mlir::ModuleOp module, uint64_t tokenizerBytes,
          llvm::ArrayRef<char> chat, llvm::ArrayRef<Level> levels,
          llvm::LLVMContext &context,
          llvm::function_ref<mlir::LogicalResult(mlir::PassManager &)> observe);

/// The CPU of a level on one of its functions, Halide's too.
void setAttributes(llvm::Function &function,
                   const llvm::TargetMachine &machine);

/// The module's own words: triple, layout, calling convention.
void setTarget(llvm::Module &module, const llvm::TargetMachine &machine);

/// O3 for the levels of the functions, without contraction of floats and
/// without unrolling: kernels come unrolled as they should be. `machine`: of
/// the plainest level.
void optimize(llvm::Module &module, llvm::TargetMachine &machine);

/// Appends the object file or assembly to `out`.
llvm::Error emit(llvm::Module &module, llvm::TargetMachine &machine,
                 llvm::CodeGenFileType type, llvm::SmallVectorImpl<char> &out);

/// Defines `setun_model` (runtime/abi/Model.h) from the lowered `source`.
void emitModel(mlir::ModuleOp source, uint64_t tokenizerBytes,
               llvm::ArrayRef<char> chat, llvm::ArrayRef<Level> levels,
               llvm::Module &module);

} // namespace setun::codegen

#endif // SETUN_CODEGEN_LLVM_EMIT_H
