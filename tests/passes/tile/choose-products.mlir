// What a core is good at decides: the form of products, how many sums registers
// hold, byte tables, scalable vectors.
// RUN: setun-opt -mlir-print-local-scope %s -tile-choose -split-input-file | FileCheck %s

// Decoding's three sums of two blocks do not fit into four. Small batches
// multiply although look-ups are faster: 32 tokens are multiplied sooner than
// looked up with what comes before, which is as much as 16 more; of 256 columns
// that is too much for many tokens, too.
#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = tiles, permuteBytes = 128, dotMacs = 32, lookupMacs = 42, l2Bytes = 1048576, sums = 4>} {
tern.weight @small : !tern.packed<768x256, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
// CHECK-LABEL: @few
// CHECK: #lut.tile<rows = 1, strategy = mad, blocks = 12, unroll = 1, tokens = 1>,
// CHECK-SAME: #lut.tile<rows = 32, strategy = mad, blocks = 6, unroll = 1, tokens = 4>,
// CHECK-SAME: #lut.tile<rows = 256, strategy = mad, blocks = 1, unroll = 1, tokens = 4>]
func.func @few(%x: tensor<?x256xf32>) -> tensor<?x768xf32> {
  %y = tern.fused_linear %x quantize absmax8 weights [@small] : tensor<?x256xf32> -> tensor<?x768xf32>
  return %y : tensor<?x768xf32>
}
}

// -----

// Six sums hold those of two blocks, or six tokens of one.
#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = quads, permuteBytes = 0, dotMacs = 32, lookupMacs = 1, l2Bytes = 1048576, sums = 6>} {
tern.weight @small : !tern.packed<768x256, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
// CHECK-LABEL: @six
// CHECK: #lut.tile<rows = 1, strategy = mad, blocks = 12, unroll = 2, tokens = 1>,
// CHECK-SAME: #lut.tile<rows = 32, strategy = mad, blocks = 6, unroll = 1, tokens = 6>,
// CHECK-SAME: #lut.tile<rows = 256, strategy = mad, blocks = 2, unroll = 1, tokens = 6>]
func.func @six(%x: tensor<?x256xf32>) -> tensor<?x768xf32> {
  %y = tern.fused_linear %x quantize absmax8 weights [@small] : tensor<?x256xf32> -> tensor<?x768xf32>
  return %y : tensor<?x768xf32>
}
}

// -----

// Single products and a table of 16 bytes: decoding indexes sums of two, in
// taller tiles than those that multiply. Five tokens are looked up sooner than
// multiplied.
#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = singles, permuteBytes = 16, dotMacs = 8, lookupMacs = 42, l2Bytes = 1048576, sums = 2>} {
tern.weight @tall : !tern.packed<6912x256, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
tern.weight @small : !tern.packed<768x256, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
tern.weight @low : !tern.packed<70x256, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
tern.weight @panel : !tern.packed<70x256, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.b3}
// CHECK-LABEL: @tables
// CHECK: #lut.tile<rows = 1, strategy = table, blocks = 54, unroll = 1, tokens = 1>,
// CHECK: #lut.tile<rows = 1, strategy = table, blocks = 12, unroll = 1, tokens = 1>,
// CHECK-SAME: #lut.tile<rows = 4, strategy = mad, blocks = 12, unroll = 1, tokens = 2>,
// CHECK-SAME: strategy = lookup
// CHECK: #lut.tile<rows = 1, strategy = table, blocks = 5, unroll = 1, tokens = 1>,
// Rows that share a byte have no trits side by side.
// CHECK: #lut.tile<rows = 1, strategy = mad, blocks = 5, unroll = 5, tokens = 1>,
func.func @tables(%x: tensor<?x256xf32>) -> (tensor<?x6912xf32>, tensor<?x768xf32>, tensor<?x70xf32>, tensor<?x70xf32>) {
  %t = tern.fused_linear %x quantize absmax8 weights [@tall] : tensor<?x256xf32> -> tensor<?x6912xf32>
  %s = tern.fused_linear %x quantize absmax8 weights [@small] : tensor<?x256xf32> -> tensor<?x768xf32>
  %l = tern.fused_linear %x quantize absmax8 weights [@low] : tensor<?x256xf32> -> tensor<?x70xf32>
  %p = tern.fused_linear %x quantize absmax8 weights [@panel] : tensor<?x256xf32> -> tensor<?x70xf32>
  return %t, %s, %l, %p : tensor<?x6912xf32>, tensor<?x768xf32>, tensor<?x70xf32>, tensor<?x70xf32>
}
}

// -----

// Without a table singles multiply. A token has one sum: two blocks fit.
#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = singles, permuteBytes = 0, dotMacs = 8, lookupMacs = 12, l2Bytes = 1048576, sums = 2>} {
tern.weight @small : !tern.packed<768x256, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
// CHECK-LABEL: @singles
// CHECK: #lut.tile<rows = 1, strategy = mad, blocks = 12, unroll = 2, tokens = 1>,
// CHECK-SAME: #lut.tile<rows = 32, strategy = mad, blocks = 2, unroll = 1, tokens = 2>,
func.func @singles(%x: tensor<?x256xf32>) -> tensor<?x768xf32> {
  %y = tern.fused_linear %x quantize absmax8 weights [@small] : tensor<?x256xf32> -> tensor<?x768xf32>
  return %y : tensor<?x768xf32>
}
}

// -----

// General registers hold the eight words of one sum. No more look-ups than
// products a cycle: multiply.
#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = words, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1048576, sums = 1>} {
tern.weight @small : !tern.packed<768x256, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
// CHECK-LABEL: @words
// CHECK: #lut.tile<rows = 1, strategy = mad, blocks = 3, unroll = 1, tokens = 1>,
// CHECK-SAME: #lut.tile<rows = 32, strategy = mad, blocks = 1, unroll = 1, tokens = 1>,
// CHECK-SAME: #lut.tile<rows = 256, strategy = mad, blocks = 1, unroll = 1, tokens = 1>]
func.func @words(%x: tensor<?x256xf32>) -> tensor<?x768xf32> {
  %y = tern.fused_linear %x quantize absmax8 weights [@small] : tensor<?x256xf32> -> tensor<?x768xf32>
  return %y : tensor<?x768xf32>
}
}

// -----

// Scalable vectors hold four rows at least: four blocks share activations,
// where four divide the matrix.
#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = tiles, permuteBytes = 128, dotMacs = 64, lookupMacs = 42, l2Bytes = 1048576, sums = 16, scalable = true>} {
tern.weight @small : !tern.packed<768x256, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
tern.weight @six : !tern.packed<96x256, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
// CHECK-LABEL: @scalable
// CHECK: #lut.tile<rows = 1, strategy = mad, blocks = 24, unroll = 4, tokens = 1>,
// CHECK-SAME: #lut.tile<rows = 32, strategy = mad, blocks = 12, unroll = 2, tokens = 8>,
// CHECK-SAME: #lut.tile<rows = 256, strategy = mad, blocks = 2, unroll = 2, tokens = 8>]
// CHECK: #lut.tile<rows = 1, strategy = mad, blocks = 6, unroll = 2, tokens = 1>,
func.func @scalable(%x: tensor<?x256xf32>) -> (tensor<?x768xf32>, tensor<?x96xf32>) {
  %y = tern.fused_linear %x quantize absmax8 weights [@small] : tensor<?x256xf32> -> tensor<?x768xf32>
  %z = tern.fused_linear %x quantize absmax8 weights [@six] : tensor<?x256xf32> -> tensor<?x96xf32>
  return %y, %z : tensor<?x768xf32>, tensor<?x96xf32>
}
}
