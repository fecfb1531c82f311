//===- TuningFiles.h - What tuning files say of a module --------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_COMPILER_TUNING_TUNINGFILES_H
#define SETUN_COMPILER_TUNING_TUNINGFILES_H

#include "compiler/tuning/Choices.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

namespace setun::tuning {

/// The files of `--tuning`: of what they measured for the same candidate the
/// last holds.
class TuningFiles {
public:
  /// The error tells about all files that cannot be read.
  llvm::Error read(llvm::ArrayRef<std::string> paths);

  /// Puts what they choose for the module's machine on it, as `lut.tuning`.
  /// Warns of what is stale and what no kernel can be made of, which is left
  /// out: facts choose there, as without the file.
  void apply(mlir::ModuleOp module);

  /// A line for each tile that linears of the module have from the files, after
  /// the tile stage.
  void describe(mlir::ModuleOp module, llvm::raw_ostream &out) const;

  /// The same for programs: by "<level>/<class>/<weights of the linear>" the
  /// time of the tile by that of what facts choose.
  llvm::json::Object getTaken(mlir::ModuleOp module) const;

private:
  using ChoicesOfLevel = std::map<passes::LinearShape, Choice>;

  const Best *findTaken(tern::FusedLinearOp linear,
                        passes::BatchClass batchClass) const;
  void forEachTaken(mlir::ModuleOp module,
                    llvm::function_ref<void(tern::FusedLinearOp,
                                            passes::BatchClass, const Best &)>
                        visit) const;
  void judgeSessions(llvm::ArrayRef<lut::TargetAttr> machine);
  void dropImpossible(ChoicesOfLevel &choices, lut::TargetAttr level);
  std::string getPacking(const passes::LinearShape &shape) const;
  void addPackings(llvm::SmallVectorImpl<mlir::Attribute> &list,
                   mlir::MLIRContext *context) const;
  void addTiles(llvm::SmallVectorImpl<mlir::Attribute> &list,
                mlir::MLIRContext *context) const;

  std::vector<std::string> paths;
  Tuning all;
  std::vector<size_t> fileOfSession;
  std::vector<std::pair<lut::TargetAttr, ChoicesOfLevel>> levels;
};

} // namespace setun::tuning

#endif // SETUN_COMPILER_TUNING_TUNINGFILES_H
