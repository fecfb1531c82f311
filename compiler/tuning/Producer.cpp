//===- Producer.cpp - Who measured ----------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/tuning/Producer.h"

#include "compiler/tuning/Kernels.h" // made by HashKernels.cmake

#include "llvm/Config/llvm-config.h"

namespace setun::tuning {

llvm::StringRef getProducer() {
  return "setun " SETUN_VERSION " (LLVM " LLVM_VERSION_STRING
         ", kernels " SETUN_KERNELS ")";
}

} // namespace setun::tuning
