//===- ScratchFile.h - A file that goes away unless kept --------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_CODEGEN_LINK_SCRATCHFILE_H
#define SETUN_CODEGEN_LINK_SCRATCHFILE_H

#include "llvm/Support/FileSystem.h"

#include <optional>

namespace setun::codegen {

/// A new file beside `path`, removed by the destructor and by fatal signals
/// alike.
class ScratchFile {
public:
  static llvm::Expected<ScratchFile> create(llvm::StringRef path,
                                            unsigned mode) {
    llvm::Expected<llvm::sys::fs::TempFile> file =
        llvm::sys::fs::TempFile::create(path + ".%%%%%%.tmp", mode);
    if (!file)
      return llvm::createFileError(path, file.takeError());
    return ScratchFile(std::move(*file));
  }

  ScratchFile(ScratchFile &&) = default;
  ~ScratchFile() {
    if (!kept)
      llvm::consumeError(file.discard()); // of a moved-from file: does nothing
  }

  const std::string &name() const { return file.TmpName; }
  int descriptor() const { return file.FD; }

  /// Puts the file in the place of `path`.
  llvm::Error keep(llvm::StringRef path) {
    kept = true; // or discarded by a failing keep
    return file.keep(path);
  }

private:
  explicit ScratchFile(llvm::sys::fs::TempFile file) : file(std::move(file)) {}

  llvm::sys::fs::TempFile file;
  bool kept = false;
};

} // namespace setun::codegen

#endif // SETUN_CODEGEN_LINK_SCRATCHFILE_H
