//===- Link.cpp - From objects and weights to one executable --------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/link/Link.h"

#include "codegen/link/Lld.h"
#include "codegen/link/ScratchFile.h"
#include "codegen/link/WeightsSegment.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/Path.h"

#include <vector>

using namespace llvm;
using namespace setun::codegen;

using Image = std::unique_ptr<WritableMemoryBuffer>;

/// Above this size an executable does without its symbol table.
static constexpr size_t kMaxBytesWithSymbols = 1 << 20;

/// Renaming would replace a device or a folder: only files are written to.
static Error checkOutput(StringRef path) {
  sys::fs::file_status status;
  if (sys::fs::status(path, status) || sys::fs::is_regular_file(status))
    return Error::success(); // a new file, or a file to replace
  return createStringError("'" + path + "': is not a regular file; name one");
}

static Error checkObject(StringRef name, StringRef bytes,
                         const Triple &triple) {
  auto object =
      object::ObjectFile::createELFObjectFile(MemoryBufferRef(bytes, name));
  if (!object)
    return createFileError(name, object.takeError());
  const Triple found = (*object)->makeTriple();
  if ((*object)->isLittleEndian() && found.isArch64Bit() &&
      found.getArch() == triple.getArch())
    return Error::success();
  return createStringError("the " + name + " is for " + found.getArchName() +
                           ", expected " + triple.getArchName());
}

/// The executable without its weights.
static Expected<Image> linkImage(const LinkInput &input, StringRef path) {
  const std::string weights =
      makeWeightsObject(input.modelObject, input.weightsBytes);
  const std::string script = weightsScript(input.weightsBytes);
  const LldFile files[] = {{"runtime object", "", input.runtimeObject},
                           {"model object", "", input.modelObject},
                           {"weights object", "", weights},
                           {"linker script", "-T", script}};
  // Static and without threads: nothing to relocate at start, and a few small
  // inputs are linked before a pool would have started.
  std::vector<const char *> flags = {
      "-static", "--gc-sections", "--strip-debug", "-z", "noexecstack",
      "-z",      "norelro",       "--threads=1"};
  Expected<Image> image = runLld(files, flags, path);
  if (!image || (*image)->getBufferSize() <= kMaxBytesWithSymbols)
    return image;
  flags.push_back("--strip-all");
  return runLld(files, flags, path);
}

/// A full disk is worth knowing before minutes of packing.
static Error checkSpace(StringRef path, uint64_t bytes) {
  StringRef folder = sys::path::parent_path(path);
  ErrorOr<sys::fs::space_info> space =
      sys::fs::disk_space(folder.empty() ? "." : folder);
  if (!space || space->available >= bytes)
    return Error::success(); // an unknown disk tells when it is full
  return createStringError("'" + path + "': needs " + Twine(bytes) +
                           " bytes, the disk has " + Twine(space->available) +
                           " bytes left; make room or choose another place");
}

/// Writes of two huge pages, from where one begins: file systems with
/// large folios (ext4 since Linux 6.16, XFS) then keep the weights in huge
/// pages, which are mapped as such. Decoding reads these up to 1.3 times as
/// fast.
static constexpr size_t kWriteBytes = 4 << 20;

/// The image up to `offset`, then the weights.
static Error writeAll(raw_fd_ostream &stream, StringRef image, uint64_t offset,
                      const LinkInput &input, StringRef path) {
  stream.SetBufferSize(kWriteBytes);
  stream << image;
  stream.seek(offset);
  if (Error error = input.writeWeights(stream, getCodeChecksum(image)))
    return error;
  stream.flush();
  if (stream.has_error())
    return createFileError(path, stream.error());
  if (const uint64_t written = stream.tell() - offset;
      written != input.weightsBytes)
    return createStringError("the weights came to " + Twine(written) +
                             " bytes, expected " + Twine(input.weightsBytes) +
                             ": this is a defect of setun");
  return Error::success();
}

static Error writeExecutable(const LinkInput &input, StringRef image,
                             uint64_t offset, StringRef path) {
  const uint64_t bytes = offset + input.weightsBytes;
  if (Error error = checkSpace(path, bytes))
    return error;
  Expected<ScratchFile> file = ScratchFile::create(path, 0777);
  if (!file)
    return file.takeError();

  raw_fd_ostream stream(file->descriptor(), /*shouldClose=*/false);
  Error failed = writeAll(stream, image, offset, input, path);
  stream.clear_error(); // it is in `failed`; unseen, it would be fatal
  if (failed)
    return failed;

  // A hole at the end, or no weights at all: the file still has its full size.
  if (std::error_code error = sys::fs::resize_file(file->descriptor(), bytes))
    return createFileError(path, error);
  if (Error error = file->keep(path))
    return createFileError(path, std::move(error));
  return Error::success();
}

Error setun::codegen::linkExecutable(const LinkInput &input, StringRef path) {
  if (Error error = checkOutput(path))
    return error;
  if (Error error = joinErrors(
          checkObject("runtime object", input.runtimeObject, input.triple),
          checkObject("model object", input.modelObject, input.triple)))
    return error;

  Expected<Image> image = linkImage(input, path);
  if (!image)
    return image.takeError();
  Expected<uint64_t> offset =
      backWeights((*image)->getBuffer(), input.weightsBytes);
  if (!offset)
    return offset.takeError();
  return writeExecutable(input, toStringRef((*image)->getBuffer()), *offset,
                         path);
}
