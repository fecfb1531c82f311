// A screened head: the step notes where its rows lie, the kernel unpacks three
// lines into four codes and meets each with both halves of an activation.
// RUN: setun-opt -mlir-print-local-scope %s -lower-tern-to-spmd | FileCheck %s --check-prefix=STEP
// RUN: setun-opt -mlir-print-local-scope %s -lower-tern-to-spmd -lower-build-kernels | FileCheck %s

#file = #tern.source<file = 0, encoding = "bf16", offset = 0, bytes = 4800>
#machine = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = quads, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>
module attributes {lut.target = #machine, tern.model = #tern.model<name = "tiny", vocab = 100, maxContext = 40, layers = 1, hidden = 24, intermediate = 24, heads = 1, kvHeads = 1, headDim = 24, bos = -1, stop = [], rope = [1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1.]>} {
tern.weight @embed : !tern.packed<100x24, #tern.dense<bf16>> in #file {lut.packing = #lut.rows<bf16>, lut.offset = 0}
tern.weight @embed.screen : !tern.packed<100x24, #tern.dense<bf16>> in #file {lut.packing = #lut.screen, lut.offset = 8192}
tern.weight @norm : !tern.packed<24, #tern.dense<f32>> in #file {lut.packing = #lut.rows<f32>, lut.offset = 16384}
tern.weight @w : !tern.packed<24x24, #tern.trit<tensor>> alpha 0.5 in #file {lut.packing = #lut.i2, lut.offset = 20480}

// 7 blocks of a head and 2 groups.
// STEP: func.func private @screen_24(memref<4032xi8>, memref<32xi8>, memref<32xi8>, i32, f32, f32, f32, memref<112xf32>, index) attributes {lut.screen_kernel = #lut.screen_kernel<dense = @embed, screen = @embed.screen, exact = @head_32x64_bf16>}
// STEP: spmd.step @decode {{.*}} attributes {lut.head_rows = {{[0-9]+}} : i64}

// CHECK-LABEL: func.func @screen_24(
// CHECK: scf.for
// CHECK: scf.for
// CHECK-COUNT-4: vector.load {{.*}} vector<4xi8>
// CHECK-COUNT-3: vector.load {{.*}} vector<64xi8>
// CHECK-COUNT-8: lut.dot {{.*}} : vector<16xi32>, vector<64xi8>
// CHECK-NOT: lut.dot
// CHECK: arith.shli
// CHECK: arith.sitofp
// CHECK: vector.store {{.*}} memref<112xf32>, vector<16xf32>
// CHECK-LABEL: func.func @screen_24_portable(
// CHECK-SAME: lut.portable
// Sums of 16 bits hold the products of four codes.
// CHECK: lut.dot {{.*}} : vector<64xi16>, vector<64xi8>
// CHECK: lut.widen
func.func @forward(%ids: tensor<?xi32>) -> tensor<?x100xf32> {
  %x = tern.embedding %ids, @embed : tensor<?xi32> -> tensor<?x24xf32>
  %y = tern.fused_linear %x norm @norm eps 1.0e-5 quantize absmax8 weights [@w] {lut.tiles = [
    #lut.tile<rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>]} : tensor<?x24xf32> -> tensor<?x24xf32>
  %l = tern.head %y, @embed {lut.screen = @embed.screen} : tensor<?x24xf32> -> tensor<?x100xf32>
  return %l : tensor<?x100xf32>
}
}
