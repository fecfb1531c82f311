//===- Summary.h - What tuning found ----------------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_COMPILER_TUNE_SUMMARY_H
#define SETUN_COMPILER_TUNE_SUMMARY_H

#include "compiler/tuning/Tuning.pb.h"

#include "llvm/Support/raw_ostream.h"

namespace setun::compiler {

/// A line for each linear and batch class: what facts choose, what
/// `setun compile --tuning` takes, how much faster that was; and the geometric
/// mean.
void printSummary(const tuning::Session &session, llvm::raw_ostream &out);

} // namespace setun::compiler

#endif // SETUN_COMPILER_TUNE_SUMMARY_H
