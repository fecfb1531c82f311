//===- WeightsSegment.cpp - The weights' place in an ELF file -------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/link/WeightsSegment.h"

#include "llvm/Object/ELFTypes.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/xxhash.h"

#include <cassert>
#include <cstddef>
#include <cstring>

using namespace llvm;
using Elf = object::ELF64LE;

/// Small models are not padded to a huge page; large ones may profit from one.
static uint64_t segmentAlignment(uint64_t bytes) {
  return bytes > (64 << 20) ? 2 << 20 : 64 << 10;
}

namespace {
/// The whole object file, as it lies on the disk.
struct WeightsObject {
  enum { Null, Weights, SymbolTable, Strings, NumSections };

  Elf::Ehdr header;
  Elf::Shdr sections[NumSections];
  Elf::Sym symbols[2];
  char strings[32] = "\0.setun_weights\0.symtab\0.strtab";
};
} // namespace

std::string setun::codegen::makeWeightsObject(StringRef modelObject,
                                              uint64_t bytes) {
  assert(modelObject.size() >= sizeof(Elf::Ehdr) && "not an object file");
  WeightsObject object = {};
  const StringRef names(object.strings, sizeof(object.strings));

  // Class, machine and, on RISC-V, the float ABI in the flags must agree.
  std::memcpy(&object.header, modelObject.data(), sizeof(Elf::Ehdr));
  object.header.e_type = ELF::ET_REL;
  object.header.e_shoff = offsetof(WeightsObject, sections);
  object.header.e_shnum = WeightsObject::NumSections;
  object.header.e_shstrndx = WeightsObject::Strings;

  Elf::Shdr &weights = object.sections[WeightsObject::Weights];
  weights.sh_name = names.find(".setun_weights");
  weights.sh_type = ELF::SHT_NOBITS;
  weights.sh_flags = ELF::SHF_ALLOC;
  weights.sh_size = bytes;
  weights.sh_addralign = 1; // weightsScript sees to it

  Elf::Shdr &symbolTable = object.sections[WeightsObject::SymbolTable];
  symbolTable.sh_name = names.find(".symtab");
  symbolTable.sh_type = ELF::SHT_SYMTAB;
  symbolTable.sh_offset = offsetof(WeightsObject, symbols);
  symbolTable.sh_size = sizeof(object.symbols);
  symbolTable.sh_link = WeightsObject::Strings;
  symbolTable.sh_info = 1; // the first global
  symbolTable.sh_entsize = sizeof(Elf::Sym);

  Elf::Shdr &strings = object.sections[WeightsObject::Strings];
  strings.sh_name = names.find(".strtab");
  strings.sh_type = ELF::SHT_STRTAB;
  strings.sh_offset = offsetof(WeightsObject, strings);
  strings.sh_size = sizeof(object.strings);

  Elf::Sym &symbol = object.symbols[1];
  symbol.st_name = names.find("setun_weights"); // the section's, dotless
  symbol.setBindingAndType(ELF::STB_GLOBAL, ELF::STT_OBJECT);
  symbol.st_shndx = WeightsObject::Weights;
  symbol.st_size = bytes;

  return std::string(reinterpret_cast<char *>(&object), sizeof(object));
}

// An address, not an alignment of the section: for the latter lld would leave a
// gap of the same size in the file.
std::string setun::codegen::weightsScript(uint64_t bytes) {
  return formatv("SECTIONS {{ .setun_weights ALIGN({0}) : "
                 "{{ KEEP(*(.setun_weights)) } }\nINSERT AFTER .bss;\n",
                 segmentAlignment(bytes));
}

/// The header that stands for [address, address + bytes) and has no bytes in
/// the file yet.
static Elf::Phdr *findSegment(MutableArrayRef<Elf::Phdr> headers,
                              const Elf::Shdr &section) {
  for (Elf::Phdr &header : headers)
    if (header.p_type == ELF::PT_LOAD && header.p_vaddr == section.sh_addr &&
        header.p_memsz == section.sh_size && header.p_filesz == 0)
      return &header;
  return nullptr;
}

static Elf::Shdr *findSection(MutableArrayRef<Elf::Shdr> sections,
                              StringRef names) {
  for (Elf::Shdr &section : sections)
    if (StringRef(names.data() + section.sh_name) == ".setun_weights")
      return &section;
  return nullptr;
}

Expected<uint64_t> setun::codegen::backWeights(MutableArrayRef<char> image,
                                               uint64_t bytes) {
  if (bytes == 0)
    return image.size(); // an empty segment is none
  auto *header = reinterpret_cast<Elf::Ehdr *>(image.data());
  MutableArrayRef<Elf::Phdr> segments(
      reinterpret_cast<Elf::Phdr *>(image.data() + header->e_phoff),
      header->e_phnum);
  MutableArrayRef<Elf::Shdr> sections(
      reinterpret_cast<Elf::Shdr *>(image.data() + header->e_shoff),
      header->e_shnum);
  const Elf::Shdr &names = sections[header->e_shstrndx];

  Elf::Shdr *section = findSection(
      sections, StringRef(image.data() + names.sh_offset, names.sh_size));
  Elf::Phdr *segment = section ? findSegment(segments, *section) : nullptr;
  if (!segment || section->sh_size != bytes)
    return createStringError("the linker gave the weights no segment of their "
                             "own: this is a defect of setun");

  // The address and the offset are congruent modulo the page size.
  const uint64_t alignment = segmentAlignment(bytes);
  const uint64_t offset = alignTo(image.size(), alignment);
  segment->p_offset = offset;
  segment->p_filesz = bytes;
  segment->p_align = alignment;
  section->sh_offset = offset;
  section->sh_addralign = alignment;
  section->sh_type = ELF::SHT_PROGBITS;
  return offset;
}

uint64_t setun::codegen::getCodeChecksum(StringRef image) {
  auto *header = reinterpret_cast<const Elf::Ehdr *>(image.data());
  ArrayRef<Elf::Phdr> segments(
      reinterpret_cast<const Elf::Phdr *>(image.data() + header->e_phoff),
      header->e_phnum);
  std::vector<uint64_t> checksums;
  for (const Elf::Phdr &segment : segments)
    if (segment.p_type == ELF::PT_LOAD && !(segment.p_flags & ELF::PF_W) &&
        segment.p_offset < image.size())
      checksums.push_back(
          xxHash64(image.substr(segment.p_offset, segment.p_filesz)));
  return xxHash64(StringRef(reinterpret_cast<const char *>(checksums.data()),
                            checksums.size() * sizeof(uint64_t)));
}
