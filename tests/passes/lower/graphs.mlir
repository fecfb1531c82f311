// What other architectures than LLaMA add: a factor of the embedding, norms of
// heads, a part of them that turns, windows, biases, and ops on their own.
// RUN: setun-opt -mlir-print-local-scope %s -lower-tern-to-spmd | FileCheck %s

#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
#one = #lut.tile<rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>
module attributes {tern.model = #tern.model<name = "tiny", vocab = 100, maxContext = 900, layers = 1, hidden = 16, intermediate = 16, heads = 1, kvHeads = 1, headDim = 16, bos = -1, stop = [], rope = [1., 1., 1., 1., 0.5, 0.5, 0.5, 0.5], rotary = 8>} {
tern.weight @embed : !tern.packed<100x16, #tern.dense<f32>> in #file {lut.packing = #lut.rows<f32>, lut.offset = 0}
tern.weight @norm : !tern.packed<16, #tern.dense<f32>> in #file {lut.packing = #lut.rows<f32>, lut.offset = 8192}
tern.weight @bias : !tern.packed<16, #tern.dense<f32>> in #file {lut.packing = #lut.rows<f32>, lut.offset = 8448}
tern.weight @w : !tern.packed<16x16, #tern.trit<tensor>> alpha 0.5 in #file {lut.packing = #lut.i2, lut.offset = 12288}

// CHECK-DAG: @embed_16({{.*}}lut.stage<"embed"[16] of f32 eps 4.000000e+00
// CHECK-DAG: @norm_rope_16x16x8(memref<16xf32>, memref<16xf32>, memref<8xf32>, memref<1x16xf32>){{.*}}eps 1.000000e-05
// CHECK-DAG: @norm_store_key_16x8(memref<16xf32>, memref<16xf32>, memref<8xf32>, memref<241xf32>){{.*}}eps 1.000000e-05
// CHECK-DAG: @attend_window_16x16x256x1x1({{.*}}memref<1x256x16xf32>, index, index, index, {{.*}}eps 1.250000e-01
// CHECK-DAG: @glu_gelu_tanh_16(

// CHECK-LABEL: spmd.step @decode
func.func @forward(%ids: tensor<?xi32>) -> tensor<?x100xf32> {
  %x = tern.embedding %ids, @embed scale 4.0 : tensor<?xi32> -> tensor<?x16xf32>
  // The bias goes to the tile's rows before attention may read them.
  // CHECK: call @mad_i2_16x16_1
  // CHECK: arith.addf %{{.*}} : vector<16xf32>
  // CHECK: spmd.finish
  // CHECK: call @norm_rope_16x16x8
  // CHECK: call @norm_store_key_16x8
  // CHECK: call @attend_window_16x16x256x1x1
  %q:3 = tern.fused_linear %x quantize absmax8 weights [@w, @w, @w] biases [@bias, @bias, @bias] {lut.tiles = [#one]} : tensor<?x16xf32> -> tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>
  %o = tern.attention %q#0, %q#1, %q#2 layer 0 rope 1 norms [@norm, @norm] eps 1.0e-5 window 300 scale 0.125 : tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32> -> tensor<?x16xf32>
  // CHECK: spmd.mark "gate"
  // CHECK: call @glu_gelu_tanh_16
  // CHECK: spmd.barrier
  %g = tern.gate gelu_tanh %o, %x : tensor<?x16xf32>
  // CHECK: spmd.mark "add"
  // CHECK: arith.addf %{{.*}} : vector<16xf32>
  // CHECK: spmd.barrier
  %a = tern.add %x, %g : tensor<?x16xf32>
  %l = tern.head %a, @embed : tensor<?x16xf32> -> tensor<?x100xf32>
  return %l : tensor<?x100xf32>
}
}
