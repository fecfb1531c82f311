//===- Opt.cpp - setun-opt, like mlir-opt ---------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/MlirFlags.h"
#include "compiler/Pipeline.h"

#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  setun::compiler::registerDialects(registry);
  setun::compiler::registerPasses();
  setun::compiler::explainDebugFlags(llvm::cl::SubCommand::getTopLevel());
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      argc, argv, "setun-opt: the passes of Setun, one by one\n", registry));
}
