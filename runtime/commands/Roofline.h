//===- Roofline.h - How fast the weights can be read at all -----*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_COMMANDS_ROOFLINE_H
#define SETUN_RUNTIME_COMMANDS_ROOFLINE_H

#include "runtime/threads/WorkerPool.h"

#include <span>

namespace setun::runtime {

/// Bytes a second at which the workers together read the bytes: the best of
/// `rounds` after one that brings the pages in. No decode step that reads its
/// weights from memory can beat it.
double readBandwidth(WorkerPool &workers, std::span<const uint8_t> bytes,
                     int64_t rounds);

} // namespace setun::runtime

#endif // SETUN_RUNTIME_COMMANDS_ROOFLINE_H
