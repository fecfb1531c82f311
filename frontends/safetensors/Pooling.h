//===- Pooling.h - What an embedding is made of -----------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_FRONTENDS_SAFETENSORS_POOLING_H
#define SETUN_FRONTENDS_SAFETENSORS_POOLING_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace setun::frontends {

/// "mean", "cls" or "last", as sentence-transformers' 1_Pooling/config.json
/// says; "" without that file. Fails for any other or several.
llvm::Expected<std::string> readPooling(llvm::StringRef directory);

} // namespace setun::frontends

#endif // SETUN_FRONTENDS_SAFETENSORS_POOLING_H
