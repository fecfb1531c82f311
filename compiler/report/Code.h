//===- Code.h - LLVM IR and assembly of kernels -----------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_COMPILER_REPORT_CODE_H
#define SETUN_COMPILER_REPORT_CODE_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

#include <map>

namespace setun::compiler::report {

/// A function in a language, and for every line the one of the lowered module
/// that it comes from; 0: none.
struct Listing {
  std::string text;
  std::vector<unsigned> from;

  void add(llvm::StringRef line, unsigned origin);
  llvm::json::Object toJson() const;
};

class Code {
public:
  /// Reads what the kernels of a lowered module became. The lines of that are
  /// found by compiling a copy with line tables; line n is that of `Text`.
  llvm::Error read(mlir::ModuleOp lowered, uint64_t tokenizerBytes,
                   llvm::Module &code, llvm::ArrayRef<std::string> kernels);

  /// By kernel: {"llvm": …, "asm": …}. Kernels that were inlined are missing.
  llvm::json::Object getListings() const;

private:
  std::map<std::string, Listing> llvmIR, assembly;
};

/// The functions of an assembly file with `.loc` directives, without
/// directives.
std::map<std::string, Listing> readAssembly(llvm::StringRef text);

} // namespace setun::compiler::report

#endif // SETUN_COMPILER_REPORT_CODE_H
