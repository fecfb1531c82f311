//===- Main.cpp - Where an emitted executable starts ----------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/commands/Command.h"
#include "runtime/cpu/Level.h"

using namespace setun::runtime;

int main(int argc, char **argv) {
  // First of all: the generated code may use any of these features.
  if (!chooseLevel(setun_model)) {
    fail(checkLevel(setun_model, setun_model.levels[0]) +
         "; compile it again with --cpu for this machine");
    return kExitWrongCpu;
  }
  return dispatch(setun_model, argc, argv);
}
