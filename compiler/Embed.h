//===- Embed.h - What a user is told of weights -----------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_COMPILER_EMBED_H
#define SETUN_COMPILER_EMBED_H

#include "codegen/link/Weights.h"

#include <string>

namespace setun::compiler {

/// How embedding and head are stored: q8, q6 or q4; "": as in the checkpoint.
llvm::Error setEmbed(mlir::ModuleOp module, llvm::StringRef word);

/// What weights of floats turned out to be, behind their number; "": nothing.
std::string describeRecovered(mlir::ModuleOp module);

/// Measures all of embedding and head of a module that the encode stage left.
std::string describeEmbedError(mlir::ModuleOp module,
                               codegen::WeightSource &source);

} // namespace setun::compiler

#endif // SETUN_COMPILER_EMBED_H
