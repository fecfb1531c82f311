//===- Jit.h - Native code from a module, for tests -------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_TESTS_CODEGEN_JIT_H
#define SETUN_TESTS_CODEGEN_JIT_H

#include "llvm/ExecutionEngine/Orc/LLJIT.h"

namespace setun::codegen {

/// A module of the host's triple, optimised and compiled as a program for
/// `cpu` would be: O3, no contraction.
class Jit {
public:
  /// `cpu` and `features` are LLVM's words, e.g. "x86-64-v3" and "+avx512f".
  static llvm::Expected<Jit> create(std::unique_ptr<llvm::Module> module,
                                    std::unique_ptr<llvm::LLVMContext> context,
                                    llvm::StringRef cpu,
                                    llvm::StringRef features = "");

  /// The function `symbol`, or null.
  template <typename Function> Function *lookup(llvm::StringRef symbol) {
    return reinterpret_cast<Function *>(address(symbol));
  }

  /// Whether this machine can run code for x86-64-v3 or -v4.
  static bool hostRuns(llvm::StringRef cpu);

private:
  explicit Jit(std::unique_ptr<llvm::orc::LLJIT> engine)
      : engine(std::move(engine)) {}
  uint64_t address(llvm::StringRef symbol);

  std::unique_ptr<llvm::orc::LLJIT> engine;
};

} // namespace setun::codegen

#endif // SETUN_TESTS_CODEGEN_JIT_H
