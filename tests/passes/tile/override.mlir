// Fields of tiles that the user chose: of one batch class or of all, of linears
// with a weight of that name. A choice may need another one to be right.
// RUN: setun-opt %s -tile-override --mlir-print-local-scope | FileCheck %s

#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
// CHECK-NOT: lut.overrides
module attributes {lut.overrides = ["tile.unroll=2 down", "tile.blocks=8 down", "tile.prefill.strategy=mad u*", "tile.prefill.tokens=4 u*", "tile.decode.blocks=3 up"]} {
tern.weight @gate : !tern.packed<16x8, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
tern.weight @up : !tern.packed<16x8, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
tern.weight @down : !tern.packed<32x16, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}

func.func @forward(%x: tensor<?x8xf32>) -> tensor<?x32xf32> {
  // CHECK: weights [@gate, @up]
  // CHECK-SAME: lut.tiles = [#lut.tile<rows = 1, strategy = mad, blocks = 3, unroll = 1, tokens = 1>,
  // CHECK-SAME: #lut.tile<rows = 8, strategy = mad, blocks = 1, unroll = 1, tokens = 1>,
  // CHECK-SAME: #lut.tile<rows = 128, strategy = mad, blocks = 1, unroll = 1, tokens = 4>]
  %a = tern.fused_linear %x quantize absmax8 weights [@gate, @up] gate relu2 {lut.tiles = [#lut.tile<rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>, #lut.tile<rows = 8, strategy = mad, blocks = 1, unroll = 1, tokens = 1>, #lut.tile<rows = 128, strategy = lookup, blocks = 1, unroll = 1, tokens = 16>]} : tensor<?x8xf32> -> tensor<?x16xf32>
  // CHECK: weights [@down]
  // CHECK-SAME: lut.tiles = [#lut.tile<rows = 1, strategy = mad, blocks = 8, unroll = 2, tokens = 1>,
  // CHECK-SAME: #lut.tile<rows = 8, strategy = mad, blocks = 8, unroll = 2, tokens = 1>,
  // CHECK-SAME: #lut.tile<rows = 128, strategy = mad, blocks = 8, unroll = 2, tokens = 1>]
  %b = tern.fused_linear %a quantize absmax8 weights [@down] {lut.tiles = [#lut.tile<rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>, #lut.tile<rows = 8, strategy = mad, blocks = 1, unroll = 1, tokens = 1>, #lut.tile<rows = 128, strategy = mad, blocks = 1, unroll = 1, tokens = 1>]} : tensor<?x16xf32> -> tensor<?x32xf32>
  return %b : tensor<?x32xf32>
}
}
