//===- Checksums.h - Is the file as it was made? ----------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_COMMANDS_CHECKSUMS_H
#define SETUN_RUNTIME_COMMANDS_CHECKSUMS_H

#include "runtime/abi/Model.h"
#include "runtime/support/Text.h"

#include <span>

namespace setun::runtime {

/// Code, constants and tables: all read-only segments but the weights.
Failure checkCode(const abi::Model &model);

/// Every byte of the weights segment.
Failure checkWeights(const abi::Model &model);

/// The numbers of abi/Checks.h.
std::span<const uint64_t> getAnswers(const abi::Model &model);

} // namespace setun::runtime

#endif // SETUN_RUNTIME_COMMANDS_CHECKSUMS_H
