//===- OutputFile.cpp - A file that is whole or not there -----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/support/OutputFile.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

namespace setun::runtime {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);

Failure OutputFile::describeError(const char *what) const {
  return format("cannot %s '%s': %s", what, path.c_str(), strerror(errno));
}

Failure OutputFile::open(const std::string &newPath) {
  path = newPath;
  if (path.empty())
    return {};
  struct stat status;
  bool special = stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
  tempPath = special ? path : path + format(".%d.tmp", int(getpid()));
  file = fopen(tempPath.c_str(), "wb");
  return file ? Failure() : describeError("write");
}

Failure OutputFile::write(std::string_view text) {
  if (file && fwrite(text.data(), 1, text.size(), file) != text.size())
    return describeError("write");
  return {};
}

Failure OutputFile::write(std::span<const float> row) {
  return write(std::string_view(reinterpret_cast<const char *>(row.data()),
                                row.size_bytes()));
}

Failure OutputFile::finish() {
  if (!file)
    return {};
  int closed = fclose(file);
  file = nullptr;
  if (closed == 0 &&
      (tempPath == path || rename(tempPath.c_str(), path.c_str()) == 0))
    return {};
  Failure failure = describeError("write");
  if (tempPath != path)
    unlink(tempPath.c_str());
  return failure;
}

OutputFile::~OutputFile() {
  if (!file)
    return;
  fclose(file);
  if (tempPath != path)
    unlink(tempPath.c_str());
}

} // namespace setun::runtime
