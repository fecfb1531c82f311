//===- Runner.h - Where a tuning executable runs ----------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_COMPILER_TUNE_RUNNER_H
#define SETUN_COMPILER_TUNE_RUNNER_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace setun::compiler {

/// Here; behind a command, `qemu-aarch64 -cpu max` or `taskset -c 2`; or, if it
/// begins with ssh, on the machine that it leads to, where the executable lies
/// in /tmp as long as it runs.
class Runner {
public:
  /// `command` as a shell would cut it into words, "" for none.
  static llvm::Expected<Runner> create(llvm::StringRef command,
                                       unsigned timeoutSeconds);

  /// What the executable prints, called with these words.
  llvm::Expected<std::string> run(llvm::StringRef executable,
                                  llvm::ArrayRef<std::string> words) const;

private:
  bool copies() const;

  std::vector<std::string> prefix; ///< its first word is a path
  unsigned timeoutSeconds = 0;
};

} // namespace setun::compiler

#endif // SETUN_COMPILER_TUNE_RUNNER_H
