// Decoding skips from as many zeros on as the target says, in copies that there
// are.
// RUN: setun-opt %s -tile-choose-skips -split-input-file | FileCheck %s

#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
module {
tern.weight @gate : !tern.packed<16x8, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
tern.weight @up : !tern.packed<16x8, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2, lut.skip_packing = #lut.lines<rows>}
tern.weight @down : !tern.packed<8x16, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2, lut.skip_packing = #lut.lines<columns>}

// CHECK-LABEL: @skips
// CHECK: weights [@gate] {{[^{]*$}}
// CHECK: gate relu2 {lut.skip = #lut.skip<alone = 700, shared = 600>}
// CHECK: weights [@down] {lut.skip = #lut.skip<alone = 550, shared = 500>}
// What someone chose stays.
// CHECK: weights [@down] {lut.skip = #lut.skip<alone = 7, shared = 8>}
func.func @skips(%x: tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x16xf32>) attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = quads, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1, skipRows = <alone = 700, shared = 600>, skipColumns = <alone = 550, shared = 500>>} {
  %z = tern.fused_linear %x quantize absmax8 weights [@gate] : tensor<?x8xf32> -> tensor<?x16xf32>
  %a = tern.fused_linear %x quantize absmax8 weights [@gate, @up] gate relu2 : tensor<?x8xf32> -> tensor<?x16xf32>
  %b = tern.fused_linear %a quantize absmax8 weights [@down] : tensor<?x16xf32> -> tensor<?x8xf32>
  %c = tern.fused_linear %a quantize absmax8 weights [@down] {lut.skip = #lut.skip<alone = 7, shared = 8>} : tensor<?x16xf32> -> tensor<?x8xf32>
  return %b, %c, %z : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x16xf32>
}

// Another level of the same executable does not.
// CHECK-LABEL: @reads_all
// CHECK-NOT: lut.skip
func.func @reads_all(%x: tensor<?x8xf32>) -> tensor<?x8xf32> attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = quads, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {
  %a = tern.fused_linear %x quantize absmax8 weights [@gate, @up] gate relu2 : tensor<?x8xf32> -> tensor<?x16xf32>
  %b = tern.fused_linear %a quantize absmax8 weights [@down] : tensor<?x16xf32> -> tensor<?x8xf32>
  return %b : tensor<?x8xf32>
}
}
