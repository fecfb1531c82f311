//===- Image.cpp - An executable's bytes by address -----------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/inspect/Image.h"

#include "frontends/File.h"

#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/JSON.h"

using namespace llvm;
using Elf = object::ELF64LE;

namespace setun::compiler {

Error Image::damaged(const Twine &what) const {
  return frontends::userError(getPath() + ": " + what +
                              "; the file is damaged or incomplete");
}

Expected<Image> Image::open(StringRef path) {
  auto file = frontends::mapFile(path);
  if (!file)
    return file.takeError();
  StringRef bytes = (*file)->getBuffer();
  // Class and byte order are what follows the magic number.
  if (!bytes.starts_with("\177ELF\2\1"))
    return frontends::userError(
        path + ": expected a checkpoint's folder, a module that setun dumped "
               "(.mlir) or an executable that setun made");
  auto fail = [&](Error error) {
    return frontends::userError(path + ": " + toString(std::move(error)) +
                                "; the file is damaged or incomplete");
  };
  auto elf = object::ELF64LEFile::create(bytes);
  if (!elf)
    return fail(elf.takeError());
  auto segments = elf->program_headers();
  if (!segments)
    return fail(segments.takeError());
  return Image(std::move(*file), std::move(*elf), *segments);
}

Expected<uint64_t> Image::findSection(StringRef name) const {
  auto sections = elf.sections();
  if (!sections)
    return damaged(toString(sections.takeError()));
  for (const Elf::Shdr &section : *sections) {
    Expected<StringRef> found = elf.getSectionName(section);
    if (!found)
      return damaged(toString(found.takeError()));
    if (*found == name)
      return section.sh_addr;
  }
  return frontends::userError(
      getPath() + ": is an ELF file without a section '" + name +
      "'; setun did not make it, or its sections are stripped");
}

static bool covers(const Elf::Phdr &segment, uint64_t address) {
  return segment.p_type == ELF::PT_LOAD && address >= segment.p_vaddr &&
         address - segment.p_vaddr < segment.p_memsz;
}

uint64_t Image::getBytesBeside(uint64_t address) const {
  uint64_t bytes = 0;
  for (const Elf::Phdr &segment : segments)
    if (segment.p_type == ELF::PT_LOAD && !covers(segment, address))
      bytes = SaturatingAdd<uint64_t>(bytes, segment.p_memsz);
  return bytes;
}

Expected<StringRef> Image::find(uint64_t address, uint64_t size) const {
  if (!size)
    return StringRef();
  StringRef bytes = file->getBuffer();
  for (const Elf::Phdr &segment : segments) {
    if (!covers(segment, address))
      continue;
    uint64_t start = address - segment.p_vaddr;
    uint64_t offset = SaturatingAdd<uint64_t>(segment.p_offset, start);
    uint64_t end = SaturatingAdd(offset, size);
    if (SaturatingAdd(start, size) > segment.p_filesz)
      return damaged("found " + Twine(size) + " bytes at address 0x" +
                     utohexstr(address) + ", which end behind their segment");
    if (end > bytes.size())
      return damaged("expected " + Twine(end) + " bytes or more, found " +
                     Twine(bytes.size()));
    return bytes.substr(offset, size);
  }
  return damaged("address 0x" + utohexstr(address) + " lies in no segment");
}

Error Image::spend(uint64_t bytes) {
  if (bytes > left)
    return damaged("found lists and texts of more than " +
                   Twine(getFileBytes() + kShared) + " bytes together");
  left -= bytes;
  return Error::success();
}

Expected<StringRef> Image::read(uint64_t address, uint64_t size) {
  Expected<StringRef> bytes = find(address, size);
  if (!bytes)
    return bytes;
  if (Error error = spend(size))
    return error;
  return bytes;
}

Expected<std::string> Image::readText(const char *pointer) {
  uint64_t address = getAddress(pointer);
  auto found = llvm::find_if(
      segments, [&](const Elf::Phdr &s) { return covers(s, address); });
  uint64_t rest = found == segments.end()
                      ? 1
                      : found->p_filesz - (address - found->p_vaddr);
  Expected<StringRef> bytes = find(address, std::min(rest, kMost));
  if (!bytes)
    return bytes.takeError();
  size_t end = bytes->find('\0');
  StringRef text = bytes->take_front(end);
  if (end == StringRef::npos || !json::isUTF8(text) ||
      llvm::any_of(text, [](char c) { return uint8_t(c) < ' ' || c == 127; }))
    return damaged("found no text at address 0x" + utohexstr(address));
  if (Error error = spend(text.size() + 1))
    return error;
  return text.str();
}

} // namespace setun::compiler
