// One step a batch class; buffers are slices of an arena.
// RUN: setun-opt -mlir-print-local-scope %s -lower-tern-to-spmd -split-input-file | FileCheck %s

#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
module attributes {tern.model = #tern.model<name = "tiny", vocab = 100, maxContext = 40, layers = 1, hidden = 24, intermediate = 40, heads = 6, kvHeads = 2, headDim = 4, bos = -1, stop = [], rope = [1.0, 0.5]>} {
tern.weight @embed : !tern.packed<100x24, #tern.dense<bf16>> in #file {lut.packing = #lut.rows<bf16>, lut.offset = 0}
tern.weight @norm : !tern.packed<24, #tern.dense<f32>> in #file {lut.packing = #lut.rows<f32>, lut.offset = 8192}
tern.weight @q : !tern.packed<24x24, #tern.trit<tensor>> alpha 0.5 in #file {lut.packing = #lut.i2, lut.offset = 12288}
tern.weight @k : !tern.packed<8x24, #tern.trit<tensor>> alpha 0.25 in #file {lut.packing = #lut.i2, lut.offset = 16384}
tern.weight @up : !tern.packed<40x24, #tern.trit<tensor>> alpha 0.5 in #file {lut.packing = #lut.b3, lut.offset = 20480}
tern.weight @down : !tern.packed<24x40, #tern.trit<tensor>> alpha 0.5 in #file {lut.packing = #lut.i2, lut.offset = 24576}

// The stages and kernels of both steps, each declared once.
// CHECK: func.func private @embed_32_bf16(memref<32xbf16>, memref<32xf32>) attributes {lut.stage = #lut.stage<"embed"[32] of bf16 eps
// CHECK: func.func private @norm_quantize_24x32({{.*}}lut.stage<"norm_quantize"[24, 32] of f32 eps 1.000000e-05
// CHECK: func.func private @mad_i2_24x24_1(memref<128xi8>, memref<1x32xi8>, memref<1xi32>, memref<1xf32>, f32, memref<1x32xf32>, memref<1x32xf32>, memref<1xi8>, index, index)
// CHECK-SAME: #lut.kernel<packing = #lut.i2, rows = 24, columns = 24, tile = <rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>, stride = 32, out = 32, residual = false>
// CHECK: func.func private @mad_i2_8x24_1(
// CHECK: func.func private @rope_4x16x4({{.*}}memref<1x16xf32>)
// CHECK: func.func private @store_key_4x4(
// CHECK: func.func private @store_value_4x48(
// CHECK: func.func private @attend_4x16x48x3x3(
// CHECK: func.func private @merge_16(
// CHECK: func.func private @attended_4(
// CHECK: func.func private @mad_i2_24x24_1_r({{.*}}residual = true
// CHECK: func.func private @quantize_24x32(
// CHECK: func.func private @mad_b3_40x24_1(
// CHECK: func.func private @glu_relu2_16(
// CHECK: func.func private @norm_24(
// CHECK: func.func private @head_32x64_bf16(

// With one row, every worker norms and quantizes for itself: no barrier and no
// claim before the products.
// CHECK-LABEL: spmd.step @decode rows 1
// CHECK: spmd.mark "embed"
// CHECK: spmd.parallel_for {{.*}} claim 0
// CHECK: call @embed_32_bf16
// CHECK: spmd.mark "barrier"
// CHECK-NEXT: spmd.barrier
// CHECK-NEXT: spmd.mark "q+k+k"
// CHECK-NOT: parallel_for
// CHECK: spmd.view scratch
// CHECK: call @norm_quantize_24x32
// CHECK-NOT: barrier
// CHECK: parallel_for {{.*}} claim 2
// CHECK: call @mad_i2_24x24_1(
// CHECK: finish claim 1[
// CHECK-NOT: barrier
// CHECK: parallel_for {{.*}} claim 3
// CHECK: call @mad_i2_8x24_1(
// CHECK: finish claim 1[
// CHECK: parallel_for {{.*}} claim 4
// CHECK: call @mad_i2_8x24_1(
// CHECK: finish claim 1[
// Attention waits for its tiles, not for the workers.
// CHECK-NOT: spmd.barrier
// 24 values are padded to 32; chunks of 48 positions, two KV heads.
// CHECK: parallel_for {{.*}} claim 5
// CHECK: vector.store {{.*}} memref<8xf32>
// CHECK: arith.divui %{{.*}}, %c48
// CHECK: parallel_for {{.*}} claim 8
// CHECK: spmd.await %c4{{.*}} claim 1[
// CHECK: call @rope_4x16x4
// CHECK: scf.if
// CHECK: call @store_key_4x4
// CHECK: call @store_value_4x48
// CHECK: call @attend_4x16x48x3x3
// The last of a KV head's chunks merges.
// CHECK: %[[BEFORE:.*]] = spmd.finish claim 6[{{.*}} of 2]
// CHECK: %[[LAST:.*]] = arith.cmpi eq, %[[BEFORE]]
// CHECK: scf.if %[[LAST]]
// CHECK: call @merge_16
// CHECK: call @attended_4
// CHECK: spmd.barrier
// CHECK: call @mad_i2_24x24_1_r
// CHECK: spmd.barrier
// Gate, up and the activation of one tile by one worker.
// CHECK: parallel_for {{.*}} claim 10
// CHECK: call @mad_b3_40x24_1(
// CHECK: call @mad_b3_40x24_1(
// CHECK: call @glu_relu2_16
// CHECK: spmd.barrier
// CHECK: call @norm_24
// CHECK: spmd.barrier
// CHECK-NEXT: spmd.mark "head"
// The last op: the step's end is a barrier.
// CHECK: call @head_32x64_bf16
// CHECK-NOT: spmd.barrier

// With several rows, all share the quantizer, and keys and values are all
// appended before a query attends.
// CHECK-LABEL: spmd.step @prefill rows 40
// Look-ups read [rows / 16][stride / 4][16][4]: 16 rows a worker.
// CHECK: spmd.view arena[{{.*}}] : memref<3x8x64xi8>
// CHECK: spmd.parallel_for
// CHECK: call @norm_quantize_24x32
// CHECK: vector.store {{.*}} : memref<3x8x64xi8>, vector<4xi8>
// CHECK: spmd.barrier
// What goes on behind a barrier has its name again.
// CHECK-NEXT: spmd.mark "q+k+k"
// CHECK: call @lookup_i2_24x24_40({{.*}}memref<3x8x64xi8>
// CHECK: call @store_key_4x4
// CHECK: call @store_value_4x48
// CHECK: call @rope_4x16x4
// CHECK: spmd.barrier
// Sixteen rows at a time go through the chunks.
// CHECK: call @attend_4x16x48x3x4
// CHECK: scf.for
// CHECK: call @attend_4x16x48x3x4
// CHECK: call @merge_16
// CHECK: call @attended_4

func.func @forward(%ids: tensor<?xi32>) -> tensor<?x100xf32> {
  %x = tern.embedding %ids, @embed : tensor<?xi32> -> tensor<?x24xf32>
  %q, %k, %v = tern.fused_linear %x norm @norm eps 1.0e-5 quantize absmax8 weights [@q, @k, @k] {lut.tiles = [
    #lut.tile<rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>,
    #lut.tile<rows = 40, strategy = lookup, blocks = 1, unroll = 1, tokens = 16>]} : tensor<?x24xf32> -> tensor<?x24xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  %a = tern.attention %q, %k, %v layer 0 : tensor<?x24xf32>, tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?x24xf32>
  %o = tern.fused_linear %a norm @norm eps 1.0e-5 quantize absmax8 weights [@q] residual %x : tensor<?x24xf32> {lut.tiles = [
    #lut.tile<rows = 1, strategy = mad, blocks = 2, unroll = 2, tokens = 1>,
    #lut.tile<rows = 40, strategy = mad, blocks = 1, unroll = 1, tokens = 8>]} : tensor<?x24xf32> -> tensor<?x24xf32>
  %h = tern.fused_linear %o quantize absmax8 weights [@up, @up] gate relu2 {lut.tiles = [
    #lut.tile<rows = 1, strategy = mad, blocks = 5, unroll = 5, tokens = 1>,
    #lut.tile<rows = 40, strategy = mad, blocks = 5, unroll = 5, tokens = 8>]} : tensor<?x24xf32> -> tensor<?x40xf32>
  %d = tern.fused_linear %h quantize absmax8 weights [@down] residual %o : tensor<?x24xf32> {lut.tiles = [
    #lut.tile<rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>,
    #lut.tile<rows = 40, strategy = mad, blocks = 1, unroll = 1, tokens = 8>]} : tensor<?x40xf32> -> tensor<?x24xf32>
  %n = tern.norm %d, @norm eps 1.0e-5 : tensor<?x24xf32>
  %l = tern.head %n, @embed : tensor<?x24xf32> -> tensor<?x100xf32>
  return %l : tensor<?x100xf32>
}
}

// -----

// A slice is used again as soon as its last reader is done: two of 16 floats
// hold five rows.
#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
module attributes {tern.model = #tern.model<name = "tiny", vocab = 100, maxContext = 40, layers = 1, hidden = 16, intermediate = 16, heads = 1, kvHeads = 1, headDim = 16, bos = -1, stop = [], rope = [1., 1., 1., 1., 1., 1., 1., 1.]>} {
tern.weight @embed : !tern.packed<100x16, #tern.dense<f32>> in #file {lut.packing = #lut.rows<f32>, lut.offset = 0}
tern.weight @norm : !tern.packed<16, #tern.dense<f32>> in #file {lut.packing = #lut.rows<f32>, lut.offset = 8192}
tern.weight @w : !tern.packed<16x16, #tern.trit<tensor>> alpha 0.5 in #file {lut.packing = #lut.i2, lut.offset = 12288}
// CHECK-LABEL: spmd.step @decode rows 1 arena 128 scratch
func.func @forward(%ids: tensor<?xi32>) -> tensor<?x100xf32> {
  %a = tern.embedding %ids, @embed : tensor<?xi32> -> tensor<?x16xf32>
  %b = tern.norm %a, @norm eps 1.0e-5 : tensor<?x16xf32>
  %c = tern.norm %b, @norm eps 1.0e-5 : tensor<?x16xf32>
  %d = tern.fused_linear %c quantize absmax8 weights [@w] {lut.tiles = [
    #lut.tile<rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>]} : tensor<?x16xf32> -> tensor<?x16xf32>
  %e = tern.norm %d, @norm eps 1.0e-5 : tensor<?x16xf32>
  %l = tern.head %e, @embed : tensor<?x16xf32> -> tensor<?x100xf32>
  return %l : tensor<?x100xf32>
}
}

// -----

// A step knows how many tokens its kernels compute at once.
#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
module attributes {tern.model = #tern.model<name = "tiny", vocab = 100, maxContext = 40, layers = 1, hidden = 16, intermediate = 16, heads = 1, kvHeads = 1, headDim = 16, bos = -1, stop = [], rope = [1., 1., 1., 1., 1., 1., 1., 1.]>} {
tern.weight @embed : !tern.packed<100x16, #tern.dense<f32>> in #file {lut.packing = #lut.rows<f32>, lut.offset = 0}
tern.weight @w : !tern.packed<16x16, #tern.trit<tensor>> alpha 0.5 in #file {lut.packing = #lut.i2, lut.offset = 12288}
// CHECK: spmd.step @small6 rows 6 {{.*}} claims {{[0-9]+}} attributes {lut.head_rows = {{[0-9]+}} : i64}
// CHECK: spmd.step @prefill rows 40 {{.*}} attributes {{.*}}together = 16 : i64}
func.func @forward(%ids: tensor<?xi32>) -> tensor<?x100xf32> {
  %a = tern.embedding %ids, @embed : tensor<?xi32> -> tensor<?x16xf32>
  %b = tern.fused_linear %a quantize absmax8 weights [@w] {lut.tiles = [#lut.tile<rows = 6, strategy = mad, blocks = 1, unroll = 1, tokens = 4>, #lut.tile<rows = 40, strategy = lookup, blocks = 1, unroll = 1, tokens = 16>]} : tensor<?x16xf32> -> tensor<?x16xf32>
  %l = tern.head %b, @embed : tensor<?x16xf32> -> tensor<?x100xf32>
  return %l : tensor<?x100xf32>
}
}
