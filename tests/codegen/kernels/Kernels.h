//===- Kernels.h - Matmul kernels, compiled for a test ----------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_TESTS_CODEGEN_KERNELS_KERNELS_H
#define SETUN_TESTS_CODEGEN_KERNELS_KERNELS_H

#include "dialects/lut/Lut.h"
#include "tests/codegen/kernels/Machine.h"

#include "llvm/IR/Module.h"

#include <ostream>

namespace setun::codegen {

/// No word for qemu: this very machine.
inline constexpr const char *kHere[] = {""};

/// A CPU level in the words of --target and --cpu.
struct Cpu {
  const char *target, *level;
  /// Those that must run its code, in qemu's words.
  llvm::ArrayRef<const char *> machines = kHere;
  /// In the words of `#lut.target`, what no such CPU is good at; "": its own.
  const char *facts = "";
};

inline void PrintTo(const Cpu &cpu, std::ostream *out) { *out << cpu.level; }

lut::TargetAttr getTarget(mlir::MLIRContext &context, const Cpu &cpu);

/// An object for `target`, made as Emit.cpp does, in a program.
Program link(llvm::Module &module, lut::TargetAttr target);

/// Whether this machine or an emulator runs code for `cpu`.
bool canRun(const Cpu &cpu);

/// A kernel to be made; `maxTokens` is the row count of its batch class.
struct Recipe {
  lut::Strategy strategy;
  int64_t rows, columns;
  int64_t maxTokens, blocks, unroll, tokens;
  bool residual;
};

/// A recipe's kernel. All buffers hold `paddedTokens` rows of activations of
/// `stride` values, of outputs of `out`.
struct Shape {
  int64_t stride, out, paddedTokens, panelBlocks, panelBytes, scratchBytes;
};

/// Kernel 2i of the program is that of recipe i, 2i + 1 is its twin.
struct Kernels {
  Program program;
  std::vector<Shape> shapes;
};

/// Runs the recipes through the lower stage's passes into machine code.
/// `packing`: i2, b3, rows or columns.
Kernels compile(const Cpu &cpu, llvm::StringRef packing,
                llvm::ArrayRef<Recipe> recipes);

} // namespace setun::codegen

#endif // SETUN_TESTS_CODEGEN_KERNELS_KERNELS_H
