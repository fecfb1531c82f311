//===- OutputFile.h - A file that is whole or not there ---------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_SUPPORT_OUTPUTFILE_H
#define SETUN_RUNTIME_SUPPORT_OUTPUTFILE_H

#include "runtime/support/Text.h"

#include <span>
#include <stdio.h>

namespace setun::runtime {

/// What an option names. It is written beside, and appears under its name only
/// when it is whole.
class OutputFile {
public:
  OutputFile() = default;
  ~OutputFile();
  OutputFile(const OutputFile &) = delete;

  /// Does nothing, and neither do the others then, when the path is empty.
  Failure open(const std::string &path);
  bool wanted() const { return !path.empty(); }
  Failure write(std::span<const float> row); ///< little-endian
  Failure write(std::string_view text);
  Failure finish();

private:
  Failure describeError(const char *what) const;

  std::string path;     ///< empty: nothing is asked for
  std::string tempPath; ///< = path for devices and pipes
  FILE *file = nullptr;
};

} // namespace setun::runtime

#endif // SETUN_RUNTIME_SUPPORT_OUTPUTFILE_H
