// Three batch classes a linear; strategy and tile follow from the target.
// RUN: setun-opt -mlir-print-local-scope %s -tile-choose -split-input-file | FileCheck %s

// Look-ups beat the dot product in prefill.
#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = quads, permuteBytes = 0, dotMacs = 64, lookupMacs = 85, l2Bytes = 1048576, sums = 16>} {
// Decoding has three sums a block, and four streams are as fast as one: four
// blocks need 12 of the 16 sums that fit. Small batches have one a token.
tern.weight @up : !tern.packed<6912x10240, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
// CHECK-LABEL: @tall
// CHECK: lut.tiles = [
// CHECK-SAME: #lut.tile<rows = 1, strategy = mad, blocks = 12, unroll = 4, tokens = 1>,
// CHECK-SAME: #lut.tile<rows = 32, strategy = mad, blocks = 4, unroll = 2, tokens = 8>,
// Tall tiles, for each builds its own tables, and as many for 2 and 4 workers.
// CHECK-SAME: #lut.tile<rows = 256, strategy = lookup, blocks = 108, unroll = 1, tokens = 16>]
func.func @tall(%x: tensor<?x10240xf32>) -> tensor<?x6912xf32> {
  %y = tern.fused_linear %x quantize absmax8 weights [@up] : tensor<?x10240xf32> -> tensor<?x6912xf32>
  return %y : tensor<?x6912xf32>
}

// Of 256 columns sums are stored before tables have paid.
tern.weight @small : !tern.packed<768x256, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
// CHECK-LABEL: @eight
// CHECK: #lut.tile<rows = 1, strategy = mad, blocks = 24, unroll = 4, tokens = 1>,
// CHECK-SAME: #lut.tile<rows = 256, strategy = mad, blocks = 2, unroll = 2, tokens = 8>]
func.func @eight(%x: tensor<?x256xf32>) -> tensor<?x768xf32> {
  %y = tern.fused_linear %x quantize absmax8 weights [@small] : tensor<?x256xf32> -> tensor<?x768xf32>
  return %y : tensor<?x768xf32>
}

// The narrow ones take what the tall one does.
tern.weight @narrow : !tern.packed<128x256, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
// CHECK-LABEL: @shared
// CHECK: #lut.tile<rows = 1, strategy = mad, blocks = 24, unroll = 4, tokens = 1>,
func.func @shared(%x: tensor<?x256xf32>) -> (tensor<?x768xf32>, tensor<?x128xf32>, tensor<?x128xf32>) {
  %q, %k, %v = tern.fused_linear %x quantize absmax8 weights [@small, @narrow, @narrow] : tensor<?x256xf32> -> tensor<?x768xf32>, tensor<?x128xf32>, tensor<?x128xf32>
  return %q, %k, %v : tensor<?x768xf32>, tensor<?x128xf32>, tensor<?x128xf32>
}

// Five blocks and four: no unroll divides both but one.
tern.weight @five : !tern.packed<70x20, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
tern.weight @four : !tern.packed<64x20, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
// CHECK-LABEL: @odd
// CHECK: #lut.tile<rows = 1, strategy = mad, blocks = 5, unroll = 1, tokens = 1>,
// CHECK-SAME: #lut.tile<rows = 32, strategy = mad, blocks = 5, unroll = 1, tokens = 8>,
func.func @odd(%x: tensor<?x20xf32>) -> (tensor<?x70xf32>, tensor<?x64xf32>) {
  %y, %z = tern.fused_linear %x quantize absmax8 weights [@five, @four] : tensor<?x20xf32> -> tensor<?x70xf32>, tensor<?x64xf32>
  return %y, %z : tensor<?x70xf32>, tensor<?x64xf32>
}

// Five blocks share bytes: tiles are whole panels. Without instructions for it
// base 3 is hard to take apart, which four tokens share, although 16 sums are
// those of five blocks for three.
tern.weight @panels : !tern.packed<6912x2560, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.b3}
// CHECK-LABEL: @panels_of_five
// CHECK: #lut.tile<rows = 1, strategy = mad, blocks = 55, unroll = 5, tokens = 1>,
// CHECK-SAME: #lut.tile<rows = 32, strategy = mad, blocks = 5, unroll = 5, tokens = 4>,
// CHECK-SAME: #lut.tile<rows = 256, strategy = lookup, blocks = 110, unroll = 1, tokens = 16>]
func.func @panels_of_five(%x: tensor<?x2560xf32>) -> tensor<?x6912xf32> {
  %y = tern.fused_linear %x quantize absmax8 weights [@panels] : tensor<?x2560xf32> -> tensor<?x6912xf32>
  return %y : tensor<?x6912xf32>
}

// An op that has tiles keeps them.
// CHECK-LABEL: @kept
// CHECK: {lut.tiles = [#lut.tile<rows = 3, strategy = mad, blocks = 1, unroll = 1, tokens = 3>]}
func.func @kept(%x: tensor<?x256xf32>) -> tensor<?x768xf32> {
  %y = tern.fused_linear %x quantize absmax8 weights [@small] {lut.tiles = [#lut.tile<rows = 3, strategy = mad, blocks = 1, unroll = 1, tokens = 3>]} : tensor<?x256xf32> -> tensor<?x768xf32>
  return %y : tensor<?x768xf32>
}
}

// -----

// A strong dot product: prefill multiplies, 16 accumulators.
#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = quads, permuteBytes = 0, dotMacs = 128, lookupMacs = 85, l2Bytes = 1048576, sums = 16>} {
tern.weight @small : !tern.packed<768x256, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
// CHECK-LABEL: @strong
// CHECK: #lut.tile<rows = 256, strategy = mad, blocks = 4, unroll = 2, tokens = 8>]
func.func @strong(%x: tensor<?x256xf32>) -> tensor<?x768xf32> {
  %y = tern.fused_linear %x quantize absmax8 weights [@small] : tensor<?x256xf32> -> tensor<?x768xf32>
  return %y : tensor<?x768xf32>
}
}

// -----

// Pairs have 16 registers: 4 accumulators, and look-ups only where they win.
#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = pairs, permuteBytes = 0, dotMacs = 32, lookupMacs = 32, l2Bytes = 1048576>} {
tern.weight @small : !tern.packed<768x256, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
// CHECK-LABEL: @pairs
// CHECK: #lut.tile<rows = 1, strategy = mad, blocks = 12, unroll = 4, tokens = 1>,
// CHECK-SAME: #lut.tile<rows = 32, strategy = mad, blocks = 6, unroll = 1, tokens = 4>,
// CHECK-SAME: #lut.tile<rows = 256, strategy = mad, blocks = 1, unroll = 1, tokens = 4>]
func.func @pairs(%x: tensor<?x256xf32>) -> tensor<?x768xf32> {
  %y = tern.fused_linear %x quantize absmax8 weights [@small] : tensor<?x256xf32> -> tensor<?x768xf32>
  return %y : tensor<?x768xf32>
}
}

// -----

// Floats are picked, and so are integers of groups with scales: two sums a
// block, in tiles that are worth their tables.
#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = quads, permuteBytes = 0, dotMacs = 64, lookupMacs = 85, l2Bytes = 1048576, sums = 6>} {
tern.weight @w : !tern.packed<768x256, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
tern.weight @scales : !tern.packed<8192x8, #tern.dense<f32>> in #file {lut.packing = #lut.scales}
tern.weight @grouped : !tern.packed<8192x256, #tern.trit<group, 32>> scales @scales in #file {lut.packing = #lut.i2}
// CHECK-LABEL: @floats
// CHECK: lut.tiles = [#lut.tile<rows = 1, strategy = pick, blocks = 4, unroll = 2, tokens = 1>,
// CHECK-SAME: #lut.tile<rows = 256, strategy = pick, blocks = 4, unroll = 2, tokens = 1>]
// CHECK: #lut.tile<rows = 1, strategy = pick, blocks = 32, unroll = 2, tokens = 1>
func.func @floats(%x: tensor<?x256xf32>) -> (tensor<?x768xf32>, tensor<?x8192xf32>) {
  %y = tern.fused_linear %x weights [@w] : tensor<?x256xf32> -> tensor<?x768xf32>
  %z = tern.fused_linear %x quantize absmax8 weights [@grouped] : tensor<?x256xf32> -> tensor<?x8192xf32>
  return %y, %z : tensor<?x768xf32>, tensor<?x8192xf32>
}
}
