//===- Spmd.h - The spmd dialect --------------------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_DIALECTS_SPMD_SPMD_H
#define SETUN_DIALECTS_SPMD_SPMD_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/RegionKindInterface.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/spmd/Dialect.h.inc"
#include "dialects/spmd/Enums.h.inc"
#define GET_OP_CLASSES
#include "dialects/spmd/Ops.h.inc"

#endif // SETUN_DIALECTS_SPMD_SPMD_H
