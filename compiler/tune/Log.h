//===- Log.h - The tuning file while it grows -------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_COMPILER_TUNE_LOG_H
#define SETUN_COMPILER_TUNE_LOG_H

#include "compiler/tune/Search.h"
#include "compiler/tuning/TuningFile.h"

namespace setun::compiler {

/// What was measured for one target by this setun, in a file that may hold
/// other sessions, too.
class Log {
public:
  /// `threads`: 0 for any.
  Log(llvm::StringRef path, lut::TargetAttr target, unsigned threads);

  /// Reads the file, if there is one; an error if it could not be written.
  llvm::Error open();
  /// Tells the search what the session measured: the last one that may be this
  /// machine's, until `begin` says which is.
  void recall(Search &search) const;
  /// Says which machine measures. Its session goes on, or a new one begins; if
  /// it is not the recalled one, the search forgets that and recalls this.
  void begin(llvm::StringRef cpu, unsigned threads, Search &search);
  /// Of `trial` in a class; takes the place of an older one of the same.
  void add(const Trial &trial, passes::BatchClass batchClass,
           const Result &result, bool reference);
  void remove(const Trial &trial, passes::BatchClass batchClass);
  llvm::Error save() const;

  const tuning::Tuning &getTuning() const { return tuning; }
  const tuning::Session &getSession() const { return tuning.sessions(current); }

private:
  /// The last session for the target by this setun whose machine fits; or −1.
  int find(llvm::function_ref<bool(const tuning::Machine &machine)> fits) const;

  std::string path, target;
  unsigned threads;
  mlir::MLIRContext *context;
  tuning::Tuning tuning;
  int current = -1; ///< session
};

} // namespace setun::compiler

#endif // SETUN_COMPILER_TUNE_LOG_H
