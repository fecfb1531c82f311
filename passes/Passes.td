//===- Passes.td - Every pass, stage by stage --------------*- tablegen -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "passes/simplify/Passes.td"
include "passes/fuse/Passes.td"
include "passes/encode/Passes.td"
include "passes/tile/Passes.td"
include "passes/lower/Passes.td"
include "passes/schedule/Passes.td"
