//===- LogitsFile.cpp - The file of --dump-logits -------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/commands/LogitsFile.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

namespace setun::runtime {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);

Failure LogitsFile::describeError(const char *what) const {
  return format("cannot %s '%s': %s", what, path.c_str(), strerror(errno));
}

Failure LogitsFile::open(const std::string &newPath) {
  path = newPath;
  if (path.empty())
    return {};
  struct stat status;
  bool special = stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
  tempPath = special ? path : path + format(".%d.tmp", int(getpid()));
  file = fopen(tempPath.c_str(), "wb");
  return file ? Failure() : describeError("write");
}

Failure LogitsFile::write(std::span<const float> row) {
  if (file && fwrite(row.data(), sizeof(float), row.size(), file) != row.size())
    return describeError("write");
  return {};
}

Failure LogitsFile::finish() {
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

LogitsFile::~LogitsFile() {
  if (!file)
    return;
  fclose(file);
  if (tempPath != path)
    unlink(tempPath.c_str());
}

} // namespace setun::runtime
