//===- Temporary.h - A file that goes with its object -----------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_COMPILER_TUNE_TEMPORARY_H
#define SETUN_COMPILER_TUNE_TEMPORARY_H

#include "llvm/ADT/StringRef.h"

#include <string>
#include <system_error>

namespace setun::compiler {

/// A file that goes with the object, or by a signal that ends the process.
class Temporary {
public:
  explicit Temporary(llvm::StringRef suffix);
  ~Temporary();
  Temporary(const Temporary &) = delete;

  std::error_code getError() const { return code; }
  llvm::StringRef getPath() const { return path; }

private:
  std::error_code code;
  std::string path;
};

} // namespace setun::compiler

#endif // SETUN_COMPILER_TUNE_TEMPORARY_H
