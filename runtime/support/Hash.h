//===- Hash.h - XXH64 -------------------------------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_SUPPORT_HASH_H
#define SETUN_RUNTIME_SUPPORT_HASH_H

#include <span>
#include <stdint.h>

namespace setun::runtime {

/// The 64-bit variant of the xxHash family, seed 0; some 15 GB/s.
uint64_t hash(std::span<const uint8_t> bytes);

} // namespace setun::runtime

#endif // SETUN_RUNTIME_SUPPORT_HASH_H
