// Every op and attribute prints as it is written.
// RUN: setun-opt -mlir-print-local-scope %s | FileCheck %s
// RUN: setun-opt %s | setun-opt -mlir-print-local-scope | FileCheck %s
// RUN: setun-opt %s --mlir-print-op-generic | setun-opt -mlir-print-local-scope | FileCheck %s

// CHECK: module attributes {
// CHECK-SAME: lut.target = #lut.target<triple = "x86_64-unknown-linux-musl", cpu = "znver4", features = "+avx2,-fma", dot = quads, permuteBytes = 128, dotMacs = 64, lookupMacs = 85, l2Bytes = 1048576>
// CHECK-SAME: lut.weights_bytes = 8192 : i64
module attributes {
  lut.target = #lut.target<triple = "x86_64-unknown-linux-musl", cpu = "znver4", features = "+avx2,-fma", dot = quads, permuteBytes = 128, dotMacs = 64, lookupMacs = 85, l2Bytes = 1048576>,
  lut.weights_bytes = 8192 : i64} {

// CHECK: func.func private @weights() attributes {lut.bytes = 64 : i64, lut.offset = 4096 : i64, lut.packing = #lut.rows<bf16>}
func.func private @weights() attributes {lut.bytes = 64 : i64, lut.offset = 4096 : i64, lut.packing = #lut.rows<bf16>}

// CHECK: @packings() attributes {lut.packing = #lut.i2, packings = [#lut.i2, #lut.b3, #lut.rows<f32>]}
func.func private @packings() attributes {lut.packing = #lut.i2, packings = [#lut.i2, #lut.b3, #lut.rows<f32>]}

// CHECK: @tiles() attributes {lut.tiles = [#lut.tile<rows = 1, strategy = mad, blocks = 4, unroll = 2, tokens = 1>, #lut.tile<rows = 128, strategy = lookup, blocks = 3, unroll = 1, tokens = 32>]}
func.func private @tiles() attributes {lut.tiles = [
  #lut.tile<rows = 1, strategy = mad, blocks = 4, unroll = 2, tokens = 1>,
  #lut.tile<rows = 128, strategy = lookup, blocks = 3, unroll = 1, tokens = 32>]}

// CHECK: @kernel() attributes {lut.kernel = #lut.kernel<packing = #lut.b3, rows = 40, columns = 50, tile = <rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>, stride = 64, out = 48, residual = true>}
func.func private @kernel() attributes {lut.kernel = #lut.kernel<packing = #lut.b3, rows = 40, columns = 50, tile = <rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>, stride = 64, out = 48, residual = true>}

// CHECK: @stage() attributes {lut.stage = #lut.stage<"norm_quantize"[40, 48] of f32 eps 1.000000e-05 : f64>}
func.func private @stage() attributes {lut.stage = #lut.stage<"norm_quantize"[40, 48] of f32 eps 1.0e-05 : f64>}

// CHECK: @twin() attributes {lut.portable}
func.func private @twin() attributes {lut.portable}

// CHECK: @words() attributes {words = [
// CHECK-SAME: dot = none
// CHECK-SAME: dot = pairs
func.func private @words() attributes {words = [
  #lut.target<triple = "t", cpu = "c", features = "", dot = none, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>,
  #lut.target<triple = "t", cpu = "c", features = "", dot = pairs, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>]}

// CHECK-LABEL: func.func @ops
func.func @ops(%bytes: vector<64xi8>, %acc: vector<16xi32>,
               %pairs: vector<32xi16>, %values: memref<320x32xi8>,
               %table: memref<256x32xi16>, %byte: i8, %i: index)
    -> (vector<16xi32>, vector<32xi16>) {
  // CHECK: lut.unpack #lut.i2, %{{.*}} : vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>
  %a, %b, %c, %d = lut.unpack #lut.i2, %bytes : vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>
  // CHECK: lut.permute %{{.*}}, [1, 2, 3, 4]
  %p = lut.permute %a, [1, 2, 3, 4]
  // CHECK: lut.dot %{{.*}}, %{{.*}}, %{{.*}}
  %s = lut.dot %acc, %p, %b
  // CHECK: lut.dot_pairs %{{.*}}, %{{.*}}, %{{.*}}
  %t = lut.dot_pairs %pairs, %c, %d
  // CHECK: lut.widen %{{.*}}, %{{.*}}
  %w = lut.widen %s, %t
  // CHECK: lut.build_table #lut.b3, %{{.*}}[%{{.*}}], %{{.*}} : memref<320x32xi8>, memref<256x32xi16>
  lut.build_table #lut.b3, %values[%i], %table : memref<320x32xi8>, memref<256x32xi16>
  // CHECK: lut.lookup %{{.*}}[%{{.*}}] : memref<256x32xi16>
  %r = lut.lookup %table[%byte] : memref<256x32xi16>
  return %w, %r : vector<16xi32>, vector<32xi16>
}
}
