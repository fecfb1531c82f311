//===- Samples.h - Bytes that weights may hold ------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_CODEGEN_LLVM_SAMPLES_H
#define SETUN_CODEGEN_LLVM_SAMPLES_H

#include "mlir/IR/Attributes.h"

#include <string>

namespace setun::codegen {

/// Some kilobytes of random weights in a packing, of trits or of rows: what the
/// runtime repeats where no file has weights. Always the same ones.
std::string makeSample(mlir::Attribute packing);

} // namespace setun::codegen

#endif // SETUN_CODEGEN_LLVM_SAMPLES_H
