// What decoding may skip behind a rectified gate is copied: up by rows, down by
// columns. Its packing stays.
// RUN: setun-opt %s -encode-pack-lines -split-input-file | FileCheck %s

#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
module attributes {lut.levels = [#lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = quads, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>, #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = quads, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1, skipRows = <alone = 700, shared = 600>, skipColumns = <alone = 550, shared = 500>>]} {
// CHECK: @gate {{.*}} {lut.packing = #lut.i2}
tern.weight @gate : !tern.packed<16x8, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
// CHECK: @up {{.*}} {lut.packing = #lut.i2, lut.skip_packing = #lut.lines<rows>}
tern.weight @up : !tern.packed<16x8, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
// CHECK: @down {{.*}} {lut.packing = #lut.i2, lut.skip_packing = #lut.lines<columns>}
tern.weight @down : !tern.packed<8x16, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
// Of SiLU no product is exactly 0.
// CHECK: @smooth_up {{.*}} {lut.packing = #lut.i2}
tern.weight @smooth_up : !tern.packed<16x8, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
// CHECK: @smooth_down {{.*}} {lut.packing = #lut.i2}
tern.weight @smooth_down : !tern.packed<8x16, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
// A product that is added somewhere shows whether it is 0 or -0.
// CHECK: @shown_up {{.*}} {lut.packing = #lut.i2}
tern.weight @shown_up : !tern.packed<16x8, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
// CHECK: @shown_down {{.*}} {lut.packing = #lut.i2}
tern.weight @shown_down : !tern.packed<16x16, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}

func.func @forward(%x: tensor<?x8xf32>) -> tensor<?x16xf32> {
  %a = tern.fused_linear %x quantize absmax8 weights [@gate, @up] gate relu2 : tensor<?x8xf32> -> tensor<?x16xf32>
  %b = tern.fused_linear %a quantize absmax8 weights [@down] residual %x : tensor<?x8xf32> : tensor<?x16xf32> -> tensor<?x8xf32>
  %c = tern.fused_linear %b quantize absmax8 weights [@gate, @smooth_up] gate silu : tensor<?x8xf32> -> tensor<?x16xf32>
  %d = tern.fused_linear %c quantize absmax8 weights [@smooth_down] : tensor<?x16xf32> -> tensor<?x8xf32>
  %e = tern.fused_linear %d quantize absmax8 weights [@gate, @shown_up] gate relu2 : tensor<?x8xf32> -> tensor<?x16xf32>
  %f = tern.fused_linear %e quantize absmax8 weights [@shown_down] residual %e : tensor<?x16xf32> : tensor<?x16xf32> -> tensor<?x16xf32>
  return %f : tensor<?x16xf32>
}
}

// -----

// No level skips: no copies.
#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = quads, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {
// CHECK: @up {{.*}} in {{[^{]*$}}
tern.weight @gate : !tern.packed<16x8, #tern.trit<tensor>> alpha 1.0 in #file
tern.weight @up : !tern.packed<16x8, #tern.trit<tensor>> alpha 1.0 in #file
tern.weight @down : !tern.packed<8x16, #tern.trit<tensor>> alpha 1.0 in #file
// CHECK-NOT: lut.skip_packing
func.func @forward(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %a = tern.fused_linear %x quantize absmax8 weights [@gate, @up] gate relu2 : tensor<?x8xf32> -> tensor<?x16xf32>
  %b = tern.fused_linear %a quantize absmax8 weights [@down] : tensor<?x16xf32> -> tensor<?x8xf32>
  return %b : tensor<?x8xf32>
}
}
