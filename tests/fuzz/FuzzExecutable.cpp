//===- FuzzExecutable.cpp - Any executable --------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A small ELF file with a model, of which the input overwrites bytes: six of it
// are an offset and a number to write there. `inspect` reads it or refuses it.

#include "compiler/inspect/Description.h"
#include "runtime/abi/Model.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Support/FileSystem.h"

#include <cstring>

using namespace setun;
using namespace llvm;

namespace {
constexpr uint64_t kBase = 0x10000;

template <typename T> const T *at(size_t offset) {
  return reinterpret_cast<const T *>(kBase + offset);
}

struct File {
  ELF::Elf64_Ehdr header = {};
  ELF::Elf64_Phdr segment = {};
  ELF::Elf64_Shdr sections[3] = {};
  abi::Model model = {};
  abi::Level level = {};
  abi::BatchClass batch = {};
  abi::KernelEntry kernel = {};
  abi::Section section = {};
  const char *features[2];
  int32_t stops[4] = {1, 2, 3, 4};
  uint64_t weights[32] = {};
  char names[64] =
      "\0.setun_model\0.shstrtab\0x86-64\0x86_64-unknown-linux-musl";

  File();
};
} // namespace

#define AT(field)                                                              \
  at<std::remove_all_extents_t<decltype(File::field)>>(offsetof(File, field))

File::File() {
  memcpy(header.e_ident, "\177ELF\2\1\1", 7);
  header.e_type = ELF::ET_EXEC;
  header.e_machine = ELF::EM_X86_64;
  header.e_phoff = offsetof(File, segment);
  header.e_shoff = offsetof(File, sections);
  header.e_phentsize = sizeof(segment);
  header.e_shentsize = sizeof(sections[0]);
  header.e_phnum = 1, header.e_shnum = 3, header.e_shstrndx = 2;
  segment.p_type = ELF::PT_LOAD;
  segment.p_vaddr = kBase;
  segment.p_filesz = segment.p_memsz = sizeof(File);
  sections[1].sh_name = 1, sections[1].sh_type = ELF::SHT_PROGBITS;
  sections[1].sh_addr = kBase + offsetof(File, model);
  sections[1].sh_offset = offsetof(File, model);
  sections[1].sh_size = sizeof(model);
  sections[2].sh_name = 14, sections[2].sh_type = ELF::SHT_STRTAB;
  sections[2].sh_offset = offsetof(File, names);
  sections[2].sh_size = sizeof(names);
  const char *name = AT(names) + 24, *triple = AT(names) + 31;
  model.version = abi::kModelVersion;
  model.numLevels = model.numSections = 1, model.numStopTokens = 4;
  model.levels = AT(level), model.sections = AT(section);
  model.stopTokens = AT(stops);
  model.name = model.producer = model.kvElement = name;
  model.triple = triple;
  model.weights = at<uint8_t>(offsetof(File, weights));
  model.weightsBytes = 64, model.checksOffset = 64;
  level.name = name, level.classes = &*AT(batch), level.kernels = AT(kernel);
  level.features = AT(features);
  level.numClasses = level.numKernels = 1, level.numFeatures = 2;
  batch.name = kernel.name = section.name = features[0] = features[1] = name;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const File whole;
  static const std::string path = [] {
    SmallString<128> name;
    cantFail(
        errorCodeToError(sys::fs::createTemporaryFile("setun-fuzz", "", name)));
    return name.str().str();
  }();
  std::string bytes(reinterpret_cast<const char *>(&whole), sizeof(whole));
  for (; size >= 6; data += 6, size -= 6) {
    uint16_t offset;
    memcpy(&offset, data, sizeof(offset));
    memcpy(bytes.data() + offset % (sizeof(File) - 3), data + 2, 4);
  }
  bytes.resize(bytes.size() - size % 2);
  std::error_code error;
  raw_fd_ostream(path, error) << bytes;
  auto found = compiler::describeExecutable(path);
  if (!found && toString(found.takeError()).empty())
    __builtin_trap();
  return 0;
}
