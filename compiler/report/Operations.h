//===- Operations.h - What a model consists of, stage by stage --*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An operation of a report is an op of what the last stage with a forward
// function leaves: a fused linear of a layer, its attention, the head. Ops of
// earlier stages belong to it if they name the same tensors, by a symbol or by
// their location.
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_COMPILER_REPORT_OPERATIONS_H
#define SETUN_COMPILER_REPORT_OPERATIONS_H

#include "compiler/report/Text.h"
#include "dialects/tern/Tern.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace setun::compiler::report {

/// Tensors by name.
using Names = std::set<std::string>;

class Operations {
public:
  /// What a stage from import to tile leaves.
  void addStage(llvm::StringRef name, mlir::ModuleOp module);

  /// Names and numbers of every operation, with its lines a stage.
  llvm::json::Array getOperations() const;
  std::vector<std::string> getLabels() const;
  /// Names and texts of the stages.
  llvm::json::Array getStages() const;
  /// Facts of every level.
  llvm::json::Array getLevels() const { return levels; }
  /// Of every level and shape: the tiles that linears can have, with costs.
  llvm::json::Array getCandidates() const { return candidates; }
  /// Bytes of the weights segment by what they are.
  llvm::json::Array getSections() const;

private:
  struct Line {
    unsigned first;
    std::string kind; ///< of the op, "matmul"
    std::string label;
    Names names;
    Lines lines;
  };
  struct Stage {
    std::string name;
    Text text;
    std::vector<Line> ops;
  };
  struct Operation {
    Line line;
    llvm::json::Object facts;
  };

  void readForward(mlir::ModuleOp module);
  void addCandidates(mlir::func::FuncOp forward);
  void addSections(mlir::ModuleOp module);
  static Line describe(mlir::Operation *op, const Text &text);
  static bool belongs(const Line &line, const Line &to);

  std::vector<Stage> stages;
  std::vector<Operation> operations;
  llvm::json::Array levels;
  llvm::json::Array candidates;
  std::map<std::string, int64_t> sections;
};

} // namespace setun::compiler::report

#endif // SETUN_COMPILER_REPORT_OPERATIONS_H
