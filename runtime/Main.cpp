//===- Main.cpp - Where an emitted executable starts ----------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/commands/Command.h"
#include "runtime/cpu/Cpu.h"

using namespace setun::runtime;

int main(int argc, char **argv) {
  // First of all: the generated code may use any of these features.
  if (Failure failure = checkCpu(setun_model); !failure.empty()) {
    fail(failure);
    return kExitWrongCpu;
  }
  return dispatch(setun_model, argc, argv);
}
