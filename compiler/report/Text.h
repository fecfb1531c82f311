//===- Text.h - The text of a module, op by op ------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_COMPILER_REPORT_TEXT_H
#define SETUN_COMPILER_REPORT_TEXT_H

#include "mlir/IR/AsmState.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/JSON.h"

#include <map>
#include <set>

namespace setun::compiler::report {

/// How the page shows IR: no aliases, so that a line stands for itself, and no
/// locations, which the page says in its own way.
mlir::OpPrintingFlags getPrintingFlags();

/// Lines of a text by their numbers, from 1 on.
using Lines = std::set<unsigned>;

/// A printed module. It keeps no reference to the module.
class Text {
public:
  Text() = default;
  explicit Text(mlir::ModuleOp module);

  /// The line where an op of the module begins, while that is unchanged.
  unsigned getLine(mlir::Operation *op) const { return lines.lookup(op).first; }
  /// The lines of an op whose parents, if any, have one block each.
  void addLines(mlir::Operation *op, Lines &to) const;
  /// Ops may change or go from now on.
  void forgetOps() { lines.clear(); }

  /// {"12": "line 12\nline 13", …}: the stretches of these lines.
  llvm::json::Object getStretches(const Lines &wanted) const;

private:
  unsigned getEnd(mlir::Operation *op) const;

  std::string text;
  std::vector<llvm::StringRef> split() const;
  mlir::AsmState::LocationMap lines;
};

/// [first, last, first, last, …]
llvm::json::Array toJson(const Lines &lines);

} // namespace setun::compiler::report

#endif // SETUN_COMPILER_REPORT_TEXT_H
