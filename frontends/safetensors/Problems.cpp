//===- Problems.cpp -------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/safetensors/Problems.h"

#include "frontends/File.h"

#include <utility>

using namespace llvm;

namespace setun::frontends {

static constexpr size_t kShown = 20;

void Problems::add(const Twine &problem) {
  if (++count > kShown)
    return;
  if (!text.empty())
    text += '\n';
  text += problem.str();
}

void Problems::add(Error error) {
  handleAllErrors(std::move(error),
                  [&](const ErrorInfoBase &info) { add(info.message()); });
}

Error Problems::take() {
  size_t found = std::exchange(count, 0);
  std::string message = std::exchange(text, {});
  if (found == 0)
    return Error::success();
  if (found > kShown)
    message += "\nand " + std::to_string(found - kShown) + " more";
  return userError(message);
}

} // namespace setun::frontends
