//===- Producer.h - Who measured --------------------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_COMPILER_TUNING_PRODUCER_H
#define SETUN_COMPILER_TUNING_PRODUCER_H

#include "llvm/ADT/StringRef.h"

namespace setun::tuning {

/// "setun 0.1.0 (LLVM 22.1.8, kernels 0123abcd)", what --version says:
/// measurements hold as long as it stays the same. The last word is a hash of
/// all sources that decide which kernels are tried and what they become, so
/// nobody has to remember to raise one.
llvm::StringRef getProducer();

} // namespace setun::tuning

#endif // SETUN_COMPILER_TUNING_PRODUCER_H
