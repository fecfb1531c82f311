// Steps, stages, kernels and twins of a level carry its name and its target,
// and each kernel is what its own CPU is good at.
// RUN: setun-opt -mlir-print-local-scope %s -tile-split-levels -tile-choose -lower-tern-to-spmd > %t.mlir
// RUN: FileCheck %s < %t.mlir
// RUN: setun-opt -mlir-print-local-scope %t.mlir -lower-build-kernels -lower-expand-unpack -codegen-select-instructions | FileCheck %s --check-prefix=KERNELS

#plain = #lut.target<name = "v3", triple = "x86_64-unknown-linux-musl", cpu = "x86-64-v3", features = "", dot = pairs, permuteBytes = 0, dotMacs = 32, lookupMacs = 1, l2Bytes = 1048576>
#best = #lut.target<name = "v4+vnni", triple = "x86_64-unknown-linux-musl", cpu = "x86-64-v4", features = "+avx512vnni", dot = quads, permuteBytes = 0, dotMacs = 64, lookupMacs = 1, l2Bytes = 1048576>
#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
module attributes {lut.levels = [#plain, #best], tern.model = #tern.model<name = "tiny", vocab = 100, maxContext = 40, layers = 1, hidden = 16, intermediate = 16, heads = 1, kvHeads = 1, headDim = 16, bos = -1, stop = [], rope = [1., 1., 1., 1., 1., 1., 1., 1.]>} {
// Weights are there once.
// CHECK: module attributes {lut.cache_bytes = 128 : i64, lut.cache_chunk = 48 : i64, tern.model =
// CHECK-COUNT-2: tern.weight
// CHECK-NOT: tern.weight
tern.weight @embed : !tern.packed<100x16, #tern.dense<f32>> in #file {lut.packing = #lut.rows<f32>, lut.offset = 0}
tern.weight @w : !tern.packed<16x16, #tern.trit<tensor>> alpha 0.5 in #file {lut.packing = #lut.i2, lut.offset = 12288}

// CHECK: func.func private @embed_16.v3({{.*}} attributes {lut.stage = {{.*}}, lut.target = #lut.target<name = "v3",
// CHECK: func.func private @mad_i2_16x16_1.v3({{.*}} attributes {lut.kernel = {{.*}}, lut.target = #lut.target<name = "v3",
// CHECK: func.func private @head_16x64.v3(
// CHECK: spmd.step @decode.v3 rows 1 {{.*}} attributes {{.*}}lut.target = #lut.target<name = "v3",
// CHECK: func.call @embed_16.v3(
// CHECK: func.call @mad_i2_16x16_1.v3(
// CHECK: func.call @head_16x64.v3(
// CHECK: spmd.step @small.v3 rows 32 {{.*}} attributes {{.*}}lut.target = #lut.target<name = "v3",
// CHECK: spmd.step @prefill.v3 rows 256 {{.*}} attributes {{.*}}lut.target = #lut.target<name = "v3",
// CHECK: func.func private @"embed_16.v4+vnni"({{.*}} attributes {lut.stage = {{.*}}, lut.target = #lut.target<name = "v4+vnni",
// CHECK: spmd.step @"decode.v4+vnni" rows 1 {{.*}} attributes {{.*}}lut.target = #lut.target<name = "v4+vnni",
// CHECK: func.call @"mad_i2_16x16_1.v4+vnni"(
// CHECK-NOT: @forward

// KERNELS-LABEL: func.func @mad_i2_16x16_1.v3(
// KERNELS: "llvm.x86.avx2.pmadd.ub.sw"
// KERNELS-LABEL: func.func @mad_i2_16x16_1.v3_portable({{.*}} attributes {lut.portable, lut.target = #lut.target<name = "v3",
// KERNELS-NOT: llvm.x86
// KERNELS-LABEL: func.func private @head_16x64.v3(
// KERNELS-LABEL: func.func @"mad_i2_16x16_1.v4+vnni"(
// KERNELS: "llvm.x86.avx512.vpdpbusd.512"
// KERNELS-LABEL: func.func @"mad_i2_16x16_1.v4+vnni_portable"({{.*}} attributes {lut.portable, lut.target = #lut.target<name = "v4+vnni",
// KERNELS-NOT: llvm.x86
// KERNELS-LABEL: func.func private @"head_16x64.v4+vnni"(
func.func @forward(%ids: tensor<?xi32>) -> tensor<?x100xf32> {
  %a = tern.embedding %ids, @embed : tensor<?xi32> -> tensor<?x16xf32>
  %b = tern.fused_linear %a quantize absmax8 weights [@w] : tensor<?x16xf32> -> tensor<?x16xf32>
  %l = tern.head %b, @embed : tensor<?x16xf32> -> tensor<?x100xf32>
  return %l : tensor<?x100xf32>
}
}
