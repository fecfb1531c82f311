// Every op and attribute prints as it is written.
// RUN: setun-opt -mlir-print-local-scope %s | FileCheck %s
// RUN: setun-opt %s | setun-opt -mlir-print-local-scope | FileCheck %s
// RUN: setun-opt %s --mlir-print-op-generic | setun-opt -mlir-print-local-scope | FileCheck %s

// CHECK: module attributes {
// CHECK-SAME: lut.target = #lut.target<name = "znver4", triple = "x86_64-unknown-linux-musl", cpu = "znver4", features = "+avx2,-fma", dot = quads, permuteBytes = 128, dotMacs = 64, lookupMacs = 85, l2Bytes = 1048576>
// CHECK-SAME: lut.weights_bytes = 8192 : i64
module attributes {
  lut.target = #lut.target<name = "znver4", triple = "x86_64-unknown-linux-musl", cpu = "znver4", features = "+avx2,-fma", dot = quads, permuteBytes = 128, dotMacs = 64, lookupMacs = 85, l2Bytes = 1048576>,
  lut.weights_bytes = 8192 : i64} {

// CHECK: func.func private @weights() attributes {lut.bytes = 64 : i64, lut.offset = 4096 : i64, lut.packing = #lut.rows<bf16>}
func.func private @weights() attributes {lut.bytes = 64 : i64, lut.offset = 4096 : i64, lut.packing = #lut.rows<bf16>}

// CHECK: @packings() attributes {lut.packing = #lut.i2, packings = [#lut.i2, #lut.b3, #lut.rows<f32>, #lut.screen, #lut.scales, #lut.codes<6, 64>]}
func.func private @packings() attributes {lut.packing = #lut.i2, packings = [#lut.i2, #lut.b3, #lut.rows<f32>, #lut.screen, #lut.scales, #lut.codes<6, 64>]}

// CHECK: @lines() attributes {lut.skip = #lut.skip<alone = 530, shared = 0>, lut.skip_bytes = 8 : i64, lut.skip_offset = 64 : i64, lut.skip_packing = #lut.lines<rows>, other = #lut.lines<columns>}
func.func private @lines() attributes {lut.skip = #lut.skip<alone = 530, shared = 0>, lut.skip_bytes = 8, lut.skip_offset = 64, lut.skip_packing = #lut.lines<rows>, other = #lut.lines<columns>}

// CHECK: @tiles() attributes {lut.tiles = [#lut.tile<rows = 1, strategy = mad, blocks = 4, unroll = 2, tokens = 1>, #lut.tile<rows = 128, strategy = lookup, blocks = 3, unroll = 1, tokens = 16>, #lut.tile<rows = 1, strategy = table, blocks = 24, unroll = 1, tokens = 1>, #lut.tile<rows = 1, strategy = skip, blocks = 9, unroll = 1, tokens = 1>]}
func.func private @tiles() attributes {lut.tiles = [
  #lut.tile<rows = 1, strategy = mad, blocks = 4, unroll = 2, tokens = 1>,
  #lut.tile<rows = 128, strategy = lookup, blocks = 3, unroll = 1, tokens = 16>,
  #lut.tile<rows = 1, strategy = table, blocks = 24, unroll = 1, tokens = 1>,
  #lut.tile<rows = 1, strategy = skip, blocks = 9, unroll = 1, tokens = 1>]}

// CHECK: @kernel() attributes {lut.kernel = #lut.kernel<packing = #lut.b3, rows = 40, columns = 50, tile = <rows = 1, strategy = mad, blocks = 5, unroll = 5, tokens = 1>, stride = 64, out = 48, residual = true>}
func.func private @kernel() attributes {lut.kernel = #lut.kernel<packing = #lut.b3, rows = 40, columns = 50, tile = <rows = 1, strategy = mad, blocks = 5, unroll = 5, tokens = 1>, stride = 64, out = 48, residual = true>}

// CHECK: @pick() attributes {lut.kernel = #lut.kernel<packing = #lut.i2, rows = 40, columns = 64, tile = <rows = 1, strategy = pick, blocks = 2, unroll = 1, tokens = 1>, stride = 64, out = 48, residual = false, floats = true, group = 32>}
func.func private @pick() attributes {lut.kernel = #lut.kernel<packing = #lut.i2, rows = 40, columns = 64, tile = <rows = 1, strategy = pick, blocks = 2, unroll = 1, tokens = 1>, stride = 64, out = 48, residual = false, floats = true, group = 32>}

// CHECK: @screen() attributes {lut.screen_kernel = #lut.screen_kernel<dense = @weights, screen = @packings, exact = @stage>}
func.func private @screen() attributes {lut.screen_kernel = #lut.screen_kernel<dense = @weights, screen = @packings, exact = @stage>}

// CHECK: @stage() attributes {lut.stage = #lut.stage<"norm_quantize"[40, 48] of f32 eps 1.000000e-05 : f64>}
func.func private @stage() attributes {lut.stage = #lut.stage<"norm_quantize"[40, 48] of f32 eps 1.0e-05 : f64>}

// CHECK: @twin() attributes {lut.portable}
func.func private @twin() attributes {lut.portable}

// Of the machine's facts those that are not written keep what most have.
// CHECK: @machines() attributes {lut.levels = [
// CHECK-SAME: dot = singles, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>,
// CHECK-SAME: dot = words, {{[^>]*}}l2Bytes = 1, sums = 1>,
// CHECK-SAME: dot = pairs, {{[^>]*}}l2Bytes = 1, sums = 16, base3 = true>,
// CHECK-SAME: dot = tiles, {{[^>]*}}l2Bytes = 1, scalable = true>,
// CHECK-SAME: dot = quads, {{[^>]*}}l2Bytes = 1, skipRows = <alone = 600, shared = 1000>, skipColumns = <alone = 1, shared = 0>>]
func.func private @machines() attributes {lut.levels = [
  #lut.target<name = "c", triple = "t", cpu = "c", features = "", dot = singles, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1, sums = 4, base3 = false, scalable = false>,
  #lut.target<name = "c", triple = "t", cpu = "c", features = "", dot = words, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1, sums = 1>,
  #lut.target<name = "c", triple = "t", cpu = "c", features = "", dot = pairs, permuteBytes = 128, dotMacs = 1, lookupMacs = 1, l2Bytes = 1, sums = 16, base3 = true>,
  #lut.target<name = "c", triple = "t", cpu = "c", features = "", dot = tiles, permuteBytes = 128, dotMacs = 1, lookupMacs = 1, l2Bytes = 1, scalable = true>,
  #lut.target<name = "c", triple = "t", cpu = "c", features = "", dot = quads, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1, skipRows = <alone = 600, shared = 1000>, skipColumns = <alone = 1, shared = 0>>]}

// CHECK-LABEL: func.func @unpack
func.func @unpack(%bytes: vector<64xi8>, %rows: vector<16xi8>, %piece: vector<8xi8>, %any: vector<[16]xi8>) {
  // CHECK-NEXT: lut.unpack #lut.i2, %{{.*}} : vector<64xi8> -> vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>
  %a:4 = lut.unpack #lut.i2, %bytes as codes : vector<64xi8> -> vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>
  // CHECK-NEXT: lut.unpack #lut.i2, %{{.*}} as in_place : vector<[16]xi8> -> vector<[16]xi8>, vector<[16]xi8>, vector<[16]xi8>, vector<[16]xi8>
  %b:4 = lut.unpack #lut.i2, %any as in_place : vector<[16]xi8> -> vector<[16]xi8>, vector<[16]xi8>, vector<[16]xi8>, vector<[16]xi8>
  // CHECK-NEXT: lut.unpack #lut.i2, %{{.*}} as pairs : vector<16xi8> -> vector<16xi8>, vector<16xi8>
  %c:2 = lut.unpack #lut.i2, %rows as pairs : vector<16xi8> -> vector<16xi8>, vector<16xi8>
  // CHECK-NEXT: lut.unpack #lut.b3, %{{.*}} as mixed : vector<16xi8> -> vector<16xi8>, vector<16xi8>, vector<16xi8>, vector<16xi8>, vector<16xi8>
  %d:5 = lut.unpack #lut.b3, %rows as mixed : vector<16xi8> -> vector<16xi8>, vector<16xi8>, vector<16xi8>, vector<16xi8>, vector<16xi8>
  // CHECK-NEXT: lut.unpack #lut.i2, %{{.*}} : vector<8xi8> -> vector<8xi8>, vector<8xi8>, vector<8xi8>, vector<8xi8>
  %e:4 = lut.unpack #lut.i2, %piece : vector<8xi8> -> vector<8xi8>, vector<8xi8>, vector<8xi8>, vector<8xi8>
  return
}

// CHECK-LABEL: func.func @dot
func.func @dot(%codes: vector<64xi8>, %any: vector<[16]xi8>, %q: vector<4xi8>,
               %sums: vector<16xi32>, %pairs: vector<32xi16>, %singles: vector<64xi16>,
               %two: vector<2xi32>, %word: vector<1xi64>, %piece: vector<8xi8>,
               %long: vector<[4]xi32>, %tile: vector<32xi32>,
               %both: vector<16xi8>) -> (vector<16xi32>, vector<2xi32>) {
  // CHECK-NEXT: lut.dot %{{.*}}, %{{.*}}, %{{.*}} : vector<16xi32>, vector<64xi8>
  %a = lut.dot %sums, %codes, %q : vector<16xi32>, vector<64xi8>
  // CHECK-NEXT: lut.dot %{{.*}}, %{{.*}}, %{{.*}} : vector<[4]xi32>, vector<[16]xi8>
  %b = lut.dot %long, %any, %q : vector<[4]xi32>, vector<[16]xi8>
  // CHECK-NEXT: %[[PAIRS:.*]] = lut.dot %{{.*}}, %{{.*}}, %{{.*}} : vector<32xi16>, vector<64xi8>
  %c = lut.dot %pairs, %codes, %q : vector<32xi16>, vector<64xi8>
  // CHECK-NEXT: %[[SINGLES:.*]] = lut.dot %{{.*}}, %{{.*}}, %{{.*}} : vector<64xi16>, vector<64xi8>
  %d = lut.dot %singles, %codes, %q : vector<64xi16>, vector<64xi8>
  // CHECK-NEXT: %[[WORD:.*]] = lut.dot %{{.*}}, %{{.*}}, %{{.*}} : vector<1xi64>, vector<8xi8>
  %e = lut.dot %word, %piece, %q : vector<1xi64>, vector<8xi8>
  // CHECK-NEXT: lut.dot_lanes %{{.*}}, %{{.*}}, %{{.*}}{{$}}
  %l = lut.dot_lanes %sums, %codes, %codes
  // CHECK-NEXT: lut.dot_tile %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}{{$}}
  %f = lut.dot_tile %tile, %codes, %codes, %both
  // CHECK-NEXT: lut.widen %{{.*}}, %[[PAIRS]] : vector<16xi32>, vector<32xi16>
  %g = lut.widen %a, %c : vector<16xi32>, vector<32xi16>
  // CHECK-NEXT: lut.widen %{{.*}}, %[[SINGLES]] : vector<16xi32>, vector<64xi16>
  %h = lut.widen %g, %d : vector<16xi32>, vector<64xi16>
  // CHECK-NEXT: lut.widen %{{.*}}, %[[WORD]] : vector<2xi32>, vector<1xi64>
  %i = lut.widen %two, %e : vector<2xi32>, vector<1xi64>
  return %h, %i : vector<16xi32>, vector<2xi32>
}

// CHECK-LABEL: func.func @append
func.func @append(%values: vector<16xi32>, %mask: vector<16xi1>, %list: memref<40xi32>, %at: index) -> index {
  // CHECK-NEXT: lut.append %{{.*}} where %{{.*}}, %{{.*}}[%{{.*}}] : memref<40xi32>
  %next = lut.append %values where %mask, %list[%at] : memref<40xi32>
  return %next : index
}

// CHECK-LABEL: func.func @tables
func.func @tables(%group: vector<64xi8>, %rows: vector<16xi8>, %entries: vector<128xi8>,
                  %x: vector<32xi16>, %table: memref<2592xi16>) {
  // CHECK-NEXT: lut.permute %{{.*}}, %{{.*}} : vector<64xi8>, vector<128xi8>
  %a = lut.permute %group, %entries : vector<64xi8>, vector<128xi8>
  // CHECK-NEXT: lut.permute %{{.*}}, %{{.*}} : vector<16xi8>, vector<16xi8>
  %b = lut.permute %rows, %rows : vector<16xi8>, vector<16xi8>
  // CHECK-NEXT: lut.build_table %[[X:.*]], %[[X]], %[[X]], %[[X]] into %{{.*}} : memref<2592xi16>
  lut.build_table %x, %x, %x, %x into %table : memref<2592xi16>
  return
}
}

// CHECK-LABEL: @pick_floats
func.func @pick_floats(%acc: vector<16xf32>, %codes: vector<16xi32>, %table: vector<16xf32>) -> vector<16xf32> {
  // CHECK-NEXT: lut.pick %arg0, %arg1, %arg2
  %r = lut.pick %acc, %codes, %table
  return %r : vector<16xf32>
}
