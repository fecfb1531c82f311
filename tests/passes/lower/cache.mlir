// The cache's element reaches views and stages; i8 has a scale a head and
// position.
// RUN: sed s/CACHE/bf16/ %s | setun-opt -mlir-print-local-scope -lower-tern-to-spmd | FileCheck %s --check-prefix=BF16
// RUN: sed s/CACHE/i8/ %s | setun-opt -mlir-print-local-scope -lower-tern-to-spmd | FileCheck %s --check-prefix=I8

#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
// 2·16 elements of one head in one layer.
// BF16: lut.cache_bytes = 64 : i64, lut.cache_chunk = 256 : i64
// I8: lut.cache_bytes = 40 : i64, lut.cache_chunk = 256 : i64
module attributes {tern.cache = CACHE, tern.model = #tern.model<name = "tiny", vocab = 100, maxContext = 4000, layers = 1, hidden = 16, intermediate = 16, heads = 1, kvHeads = 1, headDim = 16, bos = -1, stop = [], rope = [1., 1., 1., 1., 1., 1., 1., 1.]>} {
tern.weight @embed : !tern.packed<100x16, #tern.dense<f32>> in #file {lut.packing = #lut.rows<f32>, lut.offset = 0}
tern.weight @w : !tern.packed<16x16, #tern.trit<tensor>> alpha 0.5 in #file {lut.packing = #lut.i2, lut.offset = 12288}
// BF16: func.func private @store_key_16x16_bf16({{.*}}, memref<241xbf16>) attributes {lut.stage = #lut.stage<"store_key"[16, 16] of bf16
// BF16: func.func private @attend_16x16x256x1x1_bf16(memref<1x16xf32>, memref<16x16x16xbf16>, memref<1x256x16xbf16>, index, index,
// I8: func.func private @store_key_16x16_i8({{.*}}, memref<241xi8>, memref<1xf32>)
// I8: func.func private @attend_16x16x256x1x1_i8(memref<1x16xf32>, memref<16x16x16xi8>, memref<1x256x16xi8>, memref<256xf32>, memref<256xf32>, index, index,
func.func @forward(%ids: tensor<?xi32>) -> tensor<?x100xf32> {
  %x = tern.embedding %ids, @embed : tensor<?xi32> -> tensor<?x16xf32>
  %q, %k, %v = tern.fused_linear %x quantize absmax8 weights [@w, @w, @w] {lut.tiles = [
    #lut.tile<rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>]} : tensor<?x16xf32> -> tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>
  %a = tern.attention %q, %k, %v layer 0 : tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32> -> tensor<?x16xf32>
  %l = tern.head %a, @embed : tensor<?x16xf32> -> tensor<?x100xf32>
  return %l : tensor<?x100xf32>
}
}
