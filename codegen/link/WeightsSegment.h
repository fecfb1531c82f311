//===- WeightsSegment.h - The weights' place in an ELF file -----*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A linker copies what it links: a gigabyte in an object file costs seconds and
// twice its size in memory. So the linker sees only a *promise* of the weights:
// a NOBITS section of the right size, placed behind everything else. Afterwards
// the program header is pointed at the end of the file, where the bytes are
// appended. lld's share takes milliseconds and does not depend on the size.
//
//   linked:    | headers, code, data, section table |
//   finished:  | headers, code, data, section table | gap | weights |
//                 patched: PT_LOAD, section header -----------^
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_CODEGEN_LINK_WEIGHTSSEGMENT_H
#define SETUN_CODEGEN_LINK_WEIGHTSSEGMENT_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>

namespace setun::codegen {

/// A relocatable object for the machine of `modelObject` (a 64-bit
/// little-endian ELF): the NOBITS section and the symbol `setun_weights`.
std::string makeWeightsObject(llvm::StringRef modelObject, uint64_t bytes);

/// The linker script that places the section behind .bss, on a page of its own.
std::string weightsScript(uint64_t bytes);

/// Makes the segment in `image`, a linked executable, file-backed and returns
/// the file offset where its first byte has to be.
llvm::Expected<uint64_t> backWeights(llvm::MutableArrayRef<char> image,
                                     uint64_t bytes);

/// The checksum `code` of runtime/abi/Checks.h: of the read-only segments in a
/// linked image whose weights lie behind it.
uint64_t getCodeChecksum(llvm::StringRef image);

} // namespace setun::codegen

#endif // SETUN_CODEGEN_LINK_WEIGHTSSEGMENT_H
