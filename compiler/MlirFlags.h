//===- MlirFlags.h - MLIR's own flags in setun ------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_COMPILER_MLIRFLAGS_H
#define SETUN_COMPILER_MLIRFLAGS_H

#include "mlir/Pass/PassManager.h"
#include "mlir/Support/Timing.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/CommandLine.h"

#include <map>

namespace setun::compiler {

/// Lets `command` take --mlir-print-ir-*, --mlir-timing and their kin. After
/// HideUnrelatedOptions, which would hide them from --help-hidden too.
void addMlirFlags(llvm::cl::SubCommand &command);

/// Whether --mlir-pass-statistics is given, which then is PassObserver's to do:
/// LLVM's own counters are compiled out of releases, and its report is empty.
bool takePassStatistics(llvm::cl::SubCommand &command);

/// Where LLVM is built without debug output, --debug-only and --debug say so.
void explainDebugFlags(llvm::cl::SubCommand &command);

/// What one pass did to operations, in all its runs.
struct PassChanges {
  unsigned runs = 0;
  int64_t before = 0, after = 0;
  std::map<llvm::StringRef, int64_t> kinds; ///< more or fewer of each
};
using PassStatistics = llvm::MapVector<llvm::StringRef, PassChanges>;

/// Does what these flags ask for; prints timing and statistics when it goes.
class PassObserver {
public:
  explicit PassObserver(bool countsOps);
  ~PassObserver();

  /// Counts until the scope ends.
  mlir::TimingScope time(llvm::StringRef what) { return root.nest(what); }
  /// Fails where flags contradict each other, and says so.
  mlir::LogicalResult observe(mlir::PassManager &pm, mlir::TimingScope &scope);

private:
  mlir::DefaultTimingManager timing;
  mlir::TimingScope root;
  bool countsOps;
  PassStatistics statistics;
};

} // namespace setun::compiler

#endif // SETUN_COMPILER_MLIRFLAGS_H
