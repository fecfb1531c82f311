// What was measured for linears of a shape, in their packing and at their level;
// facts choose the rest, and what has tiles keeps them.
// RUN: setun-opt %s -pass-pipeline="builtin.module(tile-tune,func.func(tile-choose))" --mlir-print-local-scope | FileCheck %s

#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 64>
#c = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = quads, permuteBytes = 0, dotMacs = 2, lookupMacs = 1, l2Bytes = 1>
#d = #lut.target<name = "d", triple = "any", cpu = "d", features = "", dot = quads, permuteBytes = 0, dotMacs = 2, lookupMacs = 1, l2Bytes = 1>
// CHECK-NOT: lut.tuning
module attributes {lut.tuning = [
    #lut.choice<level = "", rows = [64], columns = 16, gate = "", residual = false, packing = #lut.i2>,
    #lut.choice<level = "c", rows = [64], columns = 16, gate = "", residual = false, packing = #lut.b3, decode = #lut.tile<rows = 1, strategy = mad, blocks = 5, unroll = 5, tokens = 1>>,
    #lut.choice<level = "c", rows = [64], columns = 16, gate = "", residual = false, packing = #lut.i2, decode = #lut.tile<rows = 1, strategy = mad, blocks = 4, unroll = 1, tokens = 1>, prefill = #lut.tile<rows = 256, strategy = mad, blocks = 4, unroll = 4, tokens = 1>>]} {
tern.weight @a : !tern.packed<64x16, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
tern.weight @b : !tern.packed<64x16, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.b3}

// CHECK: @forward.c
func.func @forward.c(%x: tensor<?x16xf32>) -> tensor<?x64xf32> attributes {lut.target = #c} {
  // CHECK: weights [@a]
  // CHECK-SAME: lut.tiles = [#lut.tile<rows = 1, strategy = mad, blocks = 4, unroll = 1, tokens = 1>,
  // CHECK-SAME: #lut.tile<rows = 32, {{[^>]*}}>,
  // CHECK-SAME: #lut.tile<rows = 256, strategy = mad, blocks = 4, unroll = 4, tokens = 1>]
  %a = tern.fused_linear %x quantize absmax8 weights [@a] : tensor<?x16xf32> -> tensor<?x64xf32>
  // CHECK: weights [@b]
  // CHECK-SAME: lut.tiles = [#lut.tile<rows = 1, strategy = mad, blocks = 5, unroll = 5, tokens = 1>,
  %b = tern.fused_linear %x quantize absmax8 weights [@b] : tensor<?x16xf32> -> tensor<?x64xf32>
  // CHECK: weights [@a]
  // CHECK-SAME: lut.tiles = [#lut.tile<rows = 2, strategy = mad, blocks = 2, unroll = 2, tokens = 2>]
  %c = tern.fused_linear %x quantize absmax8 weights [@a] {lut.tiles = [#lut.tile<rows = 2, strategy = mad, blocks = 2, unroll = 2, tokens = 2>]} : tensor<?x16xf32> -> tensor<?x64xf32>
  return %a : tensor<?x64xf32>
}

// CHECK: @forward.d
func.func @forward.d(%x: tensor<?x16xf32>) -> tensor<?x64xf32> attributes {lut.target = #d} {
  // CHECK: weights [@a]
  // CHECK-NOT: rows = 256, strategy = mad, blocks = 4, unroll = 4, tokens = 1>
  // CHECK: return
  %a = tern.fused_linear %x quantize absmax8 weights [@a] : tensor<?x16xf32> -> tensor<?x64xf32>
  return %a : tensor<?x64xf32>
}
}
