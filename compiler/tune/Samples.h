//===- Samples.h - What a measuring executable printed ----------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_COMPILER_TUNE_SAMPLES_H
#define SETUN_COMPILER_TUNE_SAMPLES_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <map>
#include <string>
#include <vector>

namespace setun::compiler {

/// What `measure` of runtime/commands/Measure.cpp tells, read from an output
/// that may be anything.
class Samples {
public:
  static llvm::Expected<Samples> parse(llvm::StringRef text);

  /// Nanoseconds that an op took, one a step; an error if there are none.
  llvm::Expected<llvm::ArrayRef<double>> find(llvm::StringRef step,
                                              llvm::StringRef op) const;

  std::string cpu; ///< what the machine calls itself
  unsigned threads = 0;

private:
  llvm::Error readLine(llvm::StringRef line);

  using Op = std::pair<std::string, std::string>; // step, label
  std::map<Op, std::vector<double>> times;
};

/// The middle one; of an even number the lower.
double getMedian(std::vector<double> values);

/// The median of what `times` are by `reference`, step by step: what slows down
/// a whole step does not count.
double compare(llvm::ArrayRef<double> times, llvm::ArrayRef<double> reference);

} // namespace setun::compiler

#endif // SETUN_COMPILER_TUNE_SAMPLES_H
