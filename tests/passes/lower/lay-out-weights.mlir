// Matrices start on pages, vectors on cache lines, in the order of the module.
// RUN: setun-opt %s -lower-lay-out-weights | FileCheck %s

#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>

// The segment ends on a page; a token reads all but the embedding and the rows
// of a head that is screened.
// CHECK: module attributes {lut.token_bytes = 4000 : i64, lut.weights_bytes = 40960 : i64}

// 3 rows of 20 columns, padded to 32, at two bytes.
// CHECK: @embed {{.*}} {lut.bytes = 192 : i64, lut.offset = 0 : i64, lut.packing = #lut.rows<bf16>}
tern.weight @embed : !tern.packed<3x20, #tern.dense<bf16>> in #file {lut.packing = #lut.rows<bf16>}
// CHECK: @norm {{.*}} {lut.bytes = 128 : i64, lut.offset = 192 : i64, lut.packing = #lut.rows<f32>}
tern.weight @norm : !tern.packed<20, #tern.dense<bf16>> in #file {lut.packing = #lut.rows<f32>}
// 17 rows are 2 blocks, 33 columns are 3 groups of 16.
// CHECK: @two {{.*}} {lut.bytes = 384 : i64, lut.offset = 4096 : i64, lut.packing = #lut.i2}
tern.weight @two : !tern.packed<17x33, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
// In base 3 they are a panel, and 12 groups of 4.
// CHECK: @three {{.*}} {lut.bytes = 768 : i64, lut.offset = 8192 : i64, lut.packing = #lut.b3}
tern.weight @three : !tern.packed<17x33, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.b3}
// CHECK: @head {{.*}} {lut.bytes = 416 : i64, lut.offset = 12288 : i64,
tern.weight @head : !tern.packed<13x1, #tern.dense<bf16>> in #file {lut.packing = #lut.rows<bf16>}
// A copy behind its weight: 32 rows of 64 bytes, or 33 columns. A token reads one
// of them.
// CHECK: @rows {{.*}} {lut.bytes = 384 : i64, lut.offset = 16384 : i64, lut.packing = #lut.i2, lut.skip_bytes = 2048 : i64, lut.skip_offset = 20480 : i64, lut.skip_packing = #lut.lines<rows>}
tern.weight @rows : !tern.packed<17x33, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2, lut.skip_packing = #lut.lines<rows>}
// CHECK: @columns {{.*}} lut.offset = 24576 : i64, {{.*}}lut.skip_bytes = 2112 : i64, lut.skip_offset = 28672 : i64,
tern.weight @columns : !tern.packed<17x33, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2, lut.skip_packing = #lut.lines<columns>}
// CHECK: @large {{.*}} {lut.bytes = 1632 : i64, lut.offset = 32768 : i64,
tern.weight @large : !tern.packed<17x33, #tern.dense<bf16>> in #file {lut.packing = #lut.rows<bf16>}
// 2 blocks of 192 bytes and 3 groups; of 17 rows.
// CHECK: @large.screen {{.*}} {lut.bytes = 1536 : i64, lut.offset = 36864 : i64,
tern.weight @large.screen : !tern.packed<17x33, #tern.dense<bf16>> in #file {lut.packing = #lut.screen}

func.func @forward(%ids: tensor<?xi32>, %q: !tern.quantized<33, absmax8>, %z: tensor<?x1xf32>, %b33: tensor<?x33xf32>) {
  %x = tern.embedding %ids, @embed : tensor<?xi32> -> tensor<?x20xf32>
  %n = tern.norm %x, @norm eps 1.0e-5 : tensor<?x20xf32>
  %a = tern.matmul %q, @two : !tern.quantized<33, absmax8> -> tensor<?x17xf32>
  %b = tern.matmul %q, @three : !tern.quantized<33, absmax8> -> tensor<?x17xf32>
  %c = tern.matmul %q, @rows : !tern.quantized<33, absmax8> -> tensor<?x17xf32>
  %d = tern.matmul %q, @columns : !tern.quantized<33, absmax8> -> tensor<?x17xf32>
  %l = tern.head %z, @head : tensor<?x1xf32> -> tensor<?x13xf32>
  %s = tern.head %b33, @large {lut.screen = @large.screen} : tensor<?x33xf32> -> tensor<?x17xf32>
  return
}
