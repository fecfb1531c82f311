//===- StepBuilder.h - The vocabulary in which steps are written -*- C++ -*-==//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_PASSES_LOWER_STEPBUILDER_H
#define SETUN_PASSES_LOWER_STEPBUILDER_H

#include "dialects/IndexBuilder.h"
#include "dialects/lut/Lut.h"
#include "dialects/spmd/Spmd.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"

#include <map>

namespace setun::passes {

/// Hands out byte ranges, first fit, and takes them back.
class Arena {
public:
  int64_t allocate(int64_t bytes);
  void free(int64_t offset);
  int64_t getSize() const { return size; }

private:
  std::map<int64_t, int64_t> live; // offset → bytes
  int64_t size = 0;
};

/// Writes the body of one spmd.step: small verbs for views, loops and calls.
class StepBuilder : public IndexBuilder {
public:
  StepBuilder(spmd::StepOp step, mlir::Location loc);

  Arena arena;

  mlir::Value get(spmd::Field field);
  mlir::Value constant(float value);

  /// A view of `shape` elements `offset` bytes into a region.
  mlir::Value view(spmd::Region region, mlir::Value offset,
                   llvm::ArrayRef<int64_t> shape, mlir::Type element);

  /// Loops. The body gets the induction variable.
  using Body = llvm::function_ref<void(mlir::Value)>;
  void parallelFor(mlir::Value count, Body body);
  void forEach(mlir::Value begin, mlir::Value end, Body body);
  mlir::Value isEqual(mlir::Value x, mlir::Value y);
  void ifThen(mlir::Value condition, llvm::function_ref<void()> body);
  void barrier();
  /// if (condition) then() else otherwise()
  using Branch = llvm::function_ref<void()>;
  void choose(mlir::Value condition, Branch then, Branch otherwise);

  /// Whatever follows belongs to `name` in profiles, barriers aside.
  void mark(llvm::StringRef name);
  /// Counters of finished tiles, apart from those that loops claim from.
  struct Counters {
    int64_t claim, size;
  };
  Counters counters(int64_t size);
  /// Counts a tile as finished; gives how many were before it.
  mlir::Value finish(Counters counters, mlir::Value index);
  /// Waits until `count` are finished.
  void await(Counters counters, mlir::Value index, mlir::Value count);

  /// Notes that `active` of `inputs` of a weight are not zero.
  void tally(mlir::FlatSymbolRefAttr weight, mlir::Value active,
             mlir::Value inputs, bool skipped);

  /// Calls `symbol`, which has no results.
  void call(llvm::StringRef symbol, mlir::ValueRange arguments);

  /// Declares the float stage `kind` for `sizes` unless it is there already;
  /// the signature is that of `arguments`. Then calls it.
  void stage(llvm::StringRef kind, llvm::ArrayRef<int64_t> sizes,
             mlir::ValueRange arguments, mlir::Type element = {},
             double eps = 0);
  /// Only declares it, and returns its symbol.
  llvm::StringRef declareStage(llvm::StringRef kind,
                               llvm::ArrayRef<int64_t> sizes,
                               mlir::TypeRange arguments, mlir::Type element,
                               double eps);

  /// Declares a private function with `recipe` under `name` and the suffix of
  /// the step's level, made unique if another recipe has that name. Returns the
  /// symbol.
  llvm::StringRef declare(llvm::StringRef name, llvm::StringRef attribute,
                          mlir::Attribute recipe, mlir::TypeRange inputs);

  /// Bytes of a worker's scratch that the step needs.
  void needScratch(int64_t bytes);

  /// Notes where in the arena the rows lie that the head reads.
  void setHeadRows(int64_t offset);

  /// Writes the sizes into the step.
  void finish();

private:
  void addMark(llvm::StringRef name);

  spmd::StepOp step;
  mlir::ModuleOp module;
  lut::TargetAttr level; // null if the module has only one
  int64_t claims = 0, scratch = 0;
  std::string marked; // what goes on behind a barrier
};

} // namespace setun::passes

#endif // SETUN_PASSES_LOWER_STEPBUILDER_H
