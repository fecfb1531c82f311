// What nobody reads gives its place back: linears that are only measured take
// the arena of one.
// RUN: setun-opt -lower-tern-to-spmd %s | FileCheck %s
// CHECK: spmd.step @decode rows 1 arena 128

#file = #tern.source<file = 0, encoding = "none", offset = 0, bytes = 16>
#tile = #lut.tile<rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>
module attributes {tern.synthetic, tern.model = #tern.model<name = "tiny", vocab = 16, maxContext = 40, layers = 1, hidden = 16, intermediate = 16, heads = 1, kvHeads = 1, headDim = 2, bos = -1, stop = [], rope = [1.]>} {
tern.weight @embed : !tern.packed<16x16, #tern.dense<f32>> in #file {lut.packing = #lut.rows<f32>, lut.offset = 0}
tern.weight @w : !tern.packed<16x16, #tern.trit<tensor>> alpha 0.5 in #file {lut.packing = #lut.i2, lut.offset = 12288}
func.func @forward(%ids: tensor<?xi32>) -> tensor<?x16xf32> {
  %x = tern.embedding %ids, @embed : tensor<?xi32> -> tensor<?x16xf32>
  %a = tern.fused_linear %x quantize absmax8 weights [@w] {lut.tiles = [#tile]} : tensor<?x16xf32> -> tensor<?x16xf32>
  %b = tern.fused_linear %x quantize absmax8 weights [@w] {lut.tiles = [#tile]} : tensor<?x16xf32> -> tensor<?x16xf32>
  %c = tern.fused_linear %x quantize absmax8 weights [@w] {lut.tiles = [#tile]} : tensor<?x16xf32> -> tensor<?x16xf32>
  %l = tern.head %x, @embed : tensor<?x16xf32> -> tensor<?x16xf32>
  return %l : tensor<?x16xf32>
}
}
