// A clone of @forward for each level; one machine needs none.
// RUN: setun-opt -mlir-print-local-scope %s -tile-split-levels -split-input-file | FileCheck %s

// A symbol may hold what users write for a level.
// CHECK: module {
#plain = #lut.target<name = "x86-64", triple = "any", cpu = "c", features = "", dot = singles, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>
#best = #lut.target<name = "x86-64-v4+vnni", triple = "any", cpu = "c", features = "", dot = quads, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>
module attributes {lut.levels = [#plain, #best]} {
func.func private @other()
// CHECK-NOT: @forward(
// CHECK: func.func @"forward.x86-64"(%arg0: tensor<?xi32>) -> tensor<?xi32> attributes {lut.target = #lut.target<name = "x86-64",
// CHECK-NEXT: return %arg0
// CHECK: func.func @"forward.x86-64-v4+vnni"({{.*}} attributes {lut.target = #lut.target<name = "x86-64-v4+vnni",
// CHECK-NEXT: return %arg0
func.func @forward(%ids: tensor<?xi32>) -> tensor<?xi32> {
  return %ids : tensor<?xi32>
}
// CHECK-NOT: @forward(
}

// -----

// CHECK-LABEL: module attributes {lut.target =
#plain = #lut.target<name = "x86-64", triple = "any", cpu = "c", features = "", dot = singles, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>
module attributes {lut.target = #plain} {
// CHECK: func.func @forward() {
func.func @forward() {
  return
}
}
