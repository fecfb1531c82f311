//===- Import.h - A checkpoint becomes a tern module ------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_FRONTENDS_SAFETENSORS_IMPORT_H
#define SETUN_FRONTENDS_SAFETENSORS_IMPORT_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/Error.h"

namespace setun::frontends {

/// Imports a Hugging Face directory of one of the architectures: a module with
/// a `tern.weight` a tensor and a function `@forward`, ids → logits, that reads
/// as the model is defined, with norm, quantize and matmul apart. Bytes
/// stay in the files; `tern.files` names them. The context must have loaded
/// tern and func.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
importCheckpoint(llvm::StringRef directory, mlir::MLIRContext &context);

} // namespace setun::frontends

#endif // SETUN_FRONTENDS_SAFETENSORS_IMPORT_H
