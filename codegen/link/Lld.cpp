//===- Lld.cpp - lld inside this process ----------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/link/Lld.h"

#include "codegen/link/ScratchFile.h"
#include "lld/Common/Driver.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/raw_ostream.h"

#include <vector>

using namespace llvm;
using namespace setun::codegen;

LLD_HAS_DRIVER(elf)

static Expected<ScratchFile> writeScratch(StringRef path, StringRef bytes) {
  Expected<ScratchFile> file = ScratchFile::create(path, 0600);
  if (!file)
    return file;
  raw_fd_ostream stream(file->descriptor(), /*shouldClose=*/false);
  stream << bytes;
  stream.flush();
  const std::error_code error = stream.error();
  stream.clear_error();
  if (error)
    return createFileError(path, error);
  return file;
}

/// Linker errors name the scratch files: put the names we know them by.
static std::string readable(std::string text, ArrayRef<LldFile> files,
                            ArrayRef<ScratchFile> scratch) {
  for (auto [file, onDisk] : zip(files, scratch))
    for (size_t at; (at = text.find(onDisk.name())) != std::string::npos;)
      text.replace(at, onDisk.name().size(), file.name);
  return StringRef(text).trim().str();
}

static bool callLld(ArrayRef<const char *> arguments, std::string &errors) {
  raw_string_ostream errorStream(errors);
  // Without a recovery context lld's fatal errors would end this process.
  CrashRecoveryContext::Enable();
  const lld::Result result = lld::lldMain(arguments, nulls(), errorStream,
                                          {{lld::Gnu, lld::elf::link}});
  CrashRecoveryContext::Disable();
  return result.retCode == 0;
}

Expected<std::unique_ptr<WritableMemoryBuffer>>
setun::codegen::runLld(ArrayRef<LldFile> files, ArrayRef<const char *> flags,
                       StringRef path) {
  std::vector<ScratchFile> scratch;
  for (const LldFile &file : files) {
    Expected<ScratchFile> onDisk = writeScratch(path, file.bytes);
    if (!onDisk)
      return onDisk.takeError();
    scratch.push_back(std::move(*onDisk));
  }
  Expected<ScratchFile> image = ScratchFile::create(path, 0600);
  if (!image)
    return image.takeError();

  std::vector<const char *> arguments = {"ld.lld", "-o", image->name().c_str()};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  for (auto [file, onDisk] : zip(files, scratch)) {
    if (!file.flag.empty())
      arguments.push_back(file.flag.data());
    arguments.push_back(onDisk.name().c_str());
  }

  std::string errors;
  if (!callLld(arguments, errors))
    return createStringError("'" + path + "': cannot be linked:\n" +
                             readable(errors, files, scratch));
  auto bytes = WritableMemoryBuffer::getFile(image->name());
  if (!bytes)
    return createFileError(path, bytes.getError());
  return std::move(*bytes);
}
