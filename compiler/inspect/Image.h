//===- Image.h - An executable's bytes by address ---------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_COMPILER_INSPECT_IMAGE_H
#define SETUN_COMPILER_INSPECT_IMAGE_H

#include "llvm/Object/ELF.h"
#include "llvm/Support/MemoryBuffer.h"

#include <cstring>
#include <vector>

namespace setun::compiler {

/// A static 64-bit little-endian ELF file, which nobody vouches for, seen as a
/// process sees it. Every address and size is checked before it is used, and
/// what is read is hardly more than the file, so lists that share their bytes
/// do not add up.
class Image {
public:
  static llvm::Expected<Image> open(llvm::StringRef path);

  llvm::StringRef getPath() const { return file->getBufferIdentifier(); }
  uint64_t getFileBytes() const { return file->getBufferSize(); }

  /// The address of a section.
  llvm::Expected<uint64_t> findSection(llvm::StringRef name) const;
  /// Bytes in memory of the segments that do not hold `address`.
  uint64_t getBytesBeside(uint64_t address) const;

  /// Bytes that the file gives to [address, address + size).
  llvm::Expected<llvm::StringRef> read(uint64_t address, uint64_t size);
  /// Text up to a zero, UTF-8 without control characters.
  llvm::Expected<std::string> readText(const char *address);

  template <typename T>
  llvm::Expected<std::vector<T>> readArray(const T *address, uint64_t count) {
    if (!count)
      return std::vector<T>();
    if (count > kMost)
      return damaged("found a list of " + llvm::Twine(count));
    auto bytes = read(getAddress(address), count * sizeof(T));
    if (!bytes)
      return bytes.takeError();
    std::vector<T> values(count);
    std::memcpy(static_cast<void *>(values.data()), bytes->data(),
                bytes->size());
    return values;
  }

  /// Pointers of the file are addresses of its process.
  static uint64_t getAddress(const void *pointer) {
    return reinterpret_cast<uintptr_t>(pointer);
  }

  llvm::Error damaged(const llvm::Twine &what) const;

private:
  /// Elements of a list and bytes of a text: what setun writes has fewer.
  static constexpr uint64_t kMost = 4096;
  /// Bytes that may be read beside the file's: of texts that linkers merged.
  static constexpr uint64_t kShared = 1 << 20;

  Image(std::unique_ptr<llvm::MemoryBuffer> file, llvm::object::ELF64LEFile elf,
        llvm::ArrayRef<llvm::object::ELF64LE::Phdr> segments)
      : file(std::move(file)), elf(std::move(elf)), segments(segments) {}

  llvm::Expected<llvm::StringRef> find(uint64_t address, uint64_t size) const;
  /// Takes from what may still be read.
  llvm::Error spend(uint64_t bytes);

  std::unique_ptr<llvm::MemoryBuffer> file;
  llvm::object::ELF64LEFile elf;
  llvm::ArrayRef<llvm::object::ELF64LE::Phdr> segments;
  uint64_t left = file->getBufferSize() + kShared;
};

} // namespace setun::compiler

#endif // SETUN_COMPILER_INSPECT_IMAGE_H
