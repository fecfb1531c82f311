//===- Problems.h - All that is wrong, told at once -------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_FRONTENDS_SAFETENSORS_PROBLEMS_H
#define SETUN_FRONTENDS_SAFETENSORS_PROBLEMS_H

#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"

#include <string>

namespace setun::frontends {

/// Collects problems, one line each, so that a user mends a checkpoint in one
/// go. The first 20 are shown, the others counted.
class Problems {
public:
  void add(const llvm::Twine &problem);
  void add(llvm::Error error);

  bool empty() const { return count == 0; }

  /// Success if there was no problem. Starts afresh.
  llvm::Error take();

private:
  std::string text;
  size_t count = 0;
};

} // namespace setun::frontends

#endif // SETUN_FRONTENDS_SAFETENSORS_PROBLEMS_H
