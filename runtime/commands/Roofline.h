//===- Roofline.h - How fast the weights can be read at all -----*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_COMMANDS_ROOFLINE_H
#define SETUN_RUNTIME_COMMANDS_ROOFLINE_H

#include "runtime/abi/Model.h"
#include "runtime/threads/WorkerPool.h"

namespace setun::runtime {

/// Bytes a second at which the workers together read the mapped weights: the
/// median of some rounds after one that brings the pages in. No decode step
/// that reads its weights from memory can beat it.
double readBandwidth(WorkerPool &workers, const abi::Model &model);

} // namespace setun::runtime

#endif // SETUN_RUNTIME_COMMANDS_ROOFLINE_H
