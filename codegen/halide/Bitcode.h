//===- Bitcode.h - The border between Halide and our LLVM -------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Halide has an LLVM of its own inside, and its headers need RTTI and
// exceptions. Nothing of either passes here: plain types go in, a bitcode file
// comes out.
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_CODEGEN_HALIDE_BITCODE_H
#define SETUN_CODEGEN_HALIDE_BITCODE_H

#include "codegen/halide/FloatStage.h"

namespace setun::codegen {

/// What an argument of the C function is. Halide's own function takes a
/// halide_buffer_t for each pointer, and all outputs last.
enum class Parameter { Input, Count, Output };

struct StageBitcode {
  /// Of each stage, in the order of the C arguments.
  std::vector<std::vector<Parameter>> signatures;
  /// One line a stage that failed; empty when the file was written.
  std::vector<std::string> errors;
};

/// Writes the Halide functions of all `stages` to the file `path`. They read
/// nothing of a buffer but its host pointer.
StageBitcode writeStageBitcode(const std::vector<FloatStage> &stages,
                               const std::string &path);

} // namespace setun::codegen

#endif // SETUN_CODEGEN_HALIDE_BITCODE_H
