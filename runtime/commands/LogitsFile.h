//===- LogitsFile.h - The file of --dump-logits -----------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_COMMANDS_LOGITSFILE_H
#define SETUN_RUNTIME_COMMANDS_LOGITSFILE_H

#include "runtime/support/Text.h"

#include <span>
#include <stdio.h>

namespace setun::runtime {

/// Rows of little-endian fp32. They are written beside the file, which appears
/// under its name only when it is whole.
class LogitsFile {
public:
  LogitsFile() = default;
  ~LogitsFile();
  LogitsFile(const LogitsFile &) = delete;

  /// Does nothing, and neither do the others then, when the path is empty.
  Failure open(const std::string &path);
  Failure write(std::span<const float> row);
  Failure finish();

private:
  Failure describeError(const char *what) const;

  std::string path;     ///< empty: nothing is asked for
  std::string tempPath; ///< = path for devices and pipes
  FILE *file = nullptr;
};

} // namespace setun::runtime

#endif // SETUN_RUNTIME_COMMANDS_LOGITSFILE_H
