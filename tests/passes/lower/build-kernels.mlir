// A recipe becomes a loop nest, and a twin that judges it. How sums look follows
// from the products that the target is good at. `tests/codegen/kernels` runs all.
// RUN: setun-opt %s -lower-build-kernels -split-input-file | FileCheck %s

// Quads: one dot a trit of a byte, token and block; unroll × tokens sums.
module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = quads, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {
// CHECK-LABEL: func.func @quads(
// CHECK-SAME: %[[W:[a-z0-9]*]]: memref<512xi8>, %[[Q:[a-z0-9]*]]: memref<4x32xi8>,
// CHECK: scf.for
// CHECK-SAME: step %c2
// CHECK: scf.for
// CHECK-SAME: step %c2
// 32 columns are 2 groups; 2 blocks × 2 tokens.
// CHECK: scf.for {{.*}} to %c2{{.*}} step %c1{{.*}} -> (vector<16xi32>, vector<16xi32>, vector<16xi32>, vector<16xi32>)
// CHECK: %[[BYTES:.*]] = vector.load %[[W]]
// CHECK-NEXT: lut.unpack #lut.i2, %[[BYTES]] : vector<64xi8> ->
// CHECK: vector.load %[[W]]
// CHECK-NEXT: lut.unpack #lut.i2
// CHECK: vector.load %[[Q]][{{.*}}] {alignment = 4 : i64} : memref<4x32xi8>, vector<4xi8>
// CHECK-COUNT-16: lut.dot {{.*}} : vector<16xi32>, vector<64xi8>
// CHECK-NOT: lut.dot
// CHECK: scf.yield
// Without a residual: one multiplication and a store.
// CHECK: arith.sitofp
// CHECK-NEXT: vector.broadcast
// CHECK-NEXT: arith.mulf
// CHECK-NOT: arith.addf
// CHECK: vector.store {{.*}} memref<4x64xf32>, vector<16xf32>
// The twin has no unroll, sums of one product a lane, and the same arguments.
// CHECK-LABEL: func.func @quads_portable(
// CHECK-SAME: memref<512xi8>, %{{.*}}: memref<4x32xi8>,
// CHECK-SAME: attributes {lut.portable}
// CHECK: scf.for {{.*}} -> (vector<64xi16>)
// CHECK-COUNT-4: lut.dot {{.*}} : vector<64xi16>, vector<64xi8>
// CHECK-NOT: lut.dot
func.func private @quads(memref<512xi8>, memref<4x32xi8>, memref<4xi32>, memref<4xf32>, f32, memref<4x64xf32>, memref<4x64xf32>, memref<1xi8>, index, index)
  attributes {lut.kernel = #lut.kernel<packing = #lut.i2, rows = 64, columns = 32, tile = <rows = 4, strategy = mad, blocks = 4, unroll = 2, tokens = 2>, stride = 32, out = 64, residual = false>}

// Decoding: codes stay in place. Per block a sum for each of the scales 1, 4
// and 16; the last code has moved down and joins the first.
// CHECK-LABEL: func.func @decode(
// CHECK: %[[SUMS:.*]]:6 = scf.for {{.*}} iter_args(%[[A1:.*]] = %{{.*}}, %[[A4:.*]] = %{{.*}}, %[[A16:.*]] = %{{.*}}, %[[B1:.*]] = %{{.*}}, %[[B4:.*]] = %{{.*}}, %[[B16:.*]] = %{{[^)]*}})
// CHECK: %[[A:.*]]:4 = lut.unpack #lut.i2, %{{.*}} as in_place :
// CHECK: %[[B:.*]]:4 = lut.unpack #lut.i2, %{{.*}} as in_place :
// CHECK: %[[A0:.*]] = lut.dot %[[A1]], %[[A]]#0, %[[Q0:.*]] : vector<16xi32>, vector<64xi8>
// CHECK-NEXT: lut.dot %[[A4]], %[[A]]#1, %[[Q1:.*]] :
// CHECK-NEXT: lut.dot %[[A16]], %[[A]]#2, %[[Q2:.*]] :
// CHECK-NEXT: lut.dot %[[A0]], %[[A]]#3, %[[Q3:.*]] :
// CHECK-NEXT: %[[B0:.*]] = lut.dot %[[B1]], %[[B]]#0, %[[Q0]]
// CHECK-NEXT: lut.dot %[[B4]], %[[B]]#1, %[[Q1]]
// CHECK-NEXT: lut.dot %[[B16]], %[[B]]#2, %[[Q2]]
// CHECK-NEXT: lut.dot %[[B0]], %[[B]]#3, %[[Q3]]
// The sum is exact: those of a scale are multiples of it.
// CHECK: %[[TWO:.*]] = arith.constant dense<2> : vector<16xi32>
// CHECK-NEXT: %[[S4:.*]] = arith.shrsi %[[SUMS]]#1, %[[TWO]]
// CHECK-NEXT: %[[S1:.*]] = arith.addi %[[SUMS]]#0, %[[S4]]
// CHECK-NEXT: %[[FOUR:.*]] = arith.constant dense<4> : vector<16xi32>
// CHECK-NEXT: %[[S16:.*]] = arith.shrsi %[[SUMS]]#2, %[[FOUR]]
// CHECK-NEXT: arith.addi %[[S1]], %[[S16]]
// CHECK: arith.shrsi %[[SUMS]]#4
// CHECK: arith.shrsi %[[SUMS]]#5
// CHECK-LABEL: func.func @decode_portable(
// CHECK-NOT: in_place
// CHECK-NOT: arith.shrsi
func.func private @decode(memref<512xi8>, memref<1x32xi8>, memref<1xi32>, memref<1xf32>, f32, memref<1x64xf32>, memref<1x64xf32>, memref<1xi8>, index, index)
  attributes {lut.kernel = #lut.kernel<packing = #lut.i2, rows = 64, columns = 32, tile = <rows = 1, strategy = mad, blocks = 4, unroll = 2, tokens = 1>, stride = 32, out = 64, residual = false>}

// Each number of tokens that are left has loops of its own.
// CHECK-LABEL: func.func @rest(
// CHECK-SAME: %[[ROWS:[a-z0-9]*]]: index, %{{[a-z0-9]*}}: index)
// CHECK: %[[LEFT:.*]] = arith.remui %[[ROWS]], %c3
// CHECK: %[[WHOLE:.*]] = arith.subi %[[ROWS]], %[[LEFT]]
// CHECK: scf.for
// CHECK: scf.for {{.*}} to %[[WHOLE]] step %c3
// CHECK-COUNT-12: lut.dot
// CHECK-NOT: lut.dot
// CHECK: scf.index_switch
// CHECK-NEXT: case 1 {
// CHECK-COUNT-4: lut.dot
// CHECK-NOT: lut.dot
// CHECK: case 2 {
// CHECK-COUNT-8: lut.dot
// CHECK-NOT: lut.dot
// CHECK: default {
// CHECK-NOT: lut.dot
// CHECK-LABEL: func.func @rest_portable(
func.func private @rest(memref<512xi8>, memref<6x32xi8>, memref<6xi32>, memref<6xf32>, f32, memref<6x64xf32>, memref<6x64xf32>, memref<1xi8>, index, index)
  attributes {lut.kernel = #lut.kernel<packing = #lut.i2, rows = 64, columns = 32, tile = <rows = 5, strategy = mad, blocks = 4, unroll = 1, tokens = 3>, stride = 32, out = 64, residual = false>}

// Not a recipe: stays a declaration.
// CHECK: func.func private @stage(index)
func.func private @stage(index)
}

// -----

// Twelve sums hold three of each of four tokens, or four of each of three. Who
// reads fast from one place alone asks ahead, unless there is nothing else.
module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = quads, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1, sums = 12, u8Codes = true, streams = 1>} {
// CHECK-LABEL: func.func @forms(
// CHECK: memref.prefetch %{{.*}}, read, locality<3>, data : memref<512xi8>
// CHECK: lut.unpack #lut.i2, %{{.*}} as in_place :
// CHECK: case 1 {
// CHECK-NOT: memref.prefetch
// CHECK: lut.unpack #lut.i2, %{{.*}} as in_place_u8 :
// CHECK: case 2 {
// CHECK: memref.prefetch
// CHECK: lut.unpack #lut.i2, %{{.*}} as in_place_u8 :
// CHECK: case 3 {
// CHECK: lut.unpack #lut.i2, %{{.*}} as in_place_u8 :
// CHECK-LABEL: func.func @forms_portable(
// CHECK-NOT: memref.prefetch
func.func private @forms(memref<512xi8>, memref<4x32xi8>, memref<4xi32>, memref<4xf32>, f32, memref<4x64xf32>, memref<4x64xf32>, memref<1xi8>, index, index)
  attributes {lut.kernel = #lut.kernel<packing = #lut.i2, rows = 64, columns = 32, tile = <rows = 4, strategy = mad, blocks = 4, unroll = 1, tokens = 4>, stride = 32, out = 64, residual = false>}
}

// -----

// Tiles: two tokens share a sum, two codes an instruction.
module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = tiles, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {
// CHECK-LABEL: func.func @tiles(
// CHECK-SAME: %{{[a-z0-9]*}}: memref<512xi8>, %[[Q:[a-z0-9]*]]: memref<2x48xi8>,
// CHECK: %[[SUM:.*]] = scf.for {{.*}} iter_args(%[[ACC:.*]] = %{{.*}}) -> (vector<32xi32>)
// CHECK: %[[C:.*]]:4 = lut.unpack #lut.i2, %{{.*}} : vector<64xi8> ->
// CHECK: %[[FIRST:.*]] = vector.load %[[Q]][{{.*}}] : memref<2x48xi8>, vector<8xi8>
// CHECK: %[[SECOND:.*]] = vector.load %[[Q]][{{.*}}] : memref<2x48xi8>, vector<8xi8>
// CHECK-NEXT: %[[BOTH:.*]] = vector.shuffle %[[FIRST]], %[[SECOND]] [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
// CHECK-NEXT: %[[S0:.*]] = lut.dot_tile %[[ACC]], %[[C]]#0, %[[C]]#1, %[[BOTH]]
// CHECK: lut.dot_tile %[[S0]], %[[C]]#2, %[[C]]#3,
// CHECK: vector.shuffle %[[SUM]], %[[SUM]] [0, 2, 4, 6,
// CHECK: vector.shuffle %[[SUM]], %[[SUM]] [1, 3, 5, 7,
func.func private @tiles(memref<512xi8>, memref<2x48xi8>, memref<2xi32>, memref<2xf32>, f32, memref<2x64xf32>, memref<2x64xf32>, memref<1xi8>, index, index)
  attributes {lut.kernel = #lut.kernel<packing = #lut.i2, rows = 64, columns = 32, tile = <rows = 2, strategy = mad, blocks = 4, unroll = 1, tokens = 2>, stride = 48, out = 64, residual = false>}
// Five rows share a byte, so that a code has no neighbour: zeros.
// CHECK-LABEL: func.func @tiles_b3(
// CHECK: %[[C:.*]]:5 = lut.unpack #lut.b3, %{{.*}} : vector<64xi8> ->
// CHECK: vector.insert_strided_slice {{.*}} : vector<4xi8> into vector<8xi8>
// CHECK: vector.insert_strided_slice {{.*}} : vector<4xi8> into vector<8xi8>
// CHECK: %[[NONE:.*]] = arith.constant dense<0> : vector<64xi8>
// CHECK-NEXT: lut.dot_tile %{{.*}}, %[[C]]#0, %[[NONE]],
// CHECK-COUNT-4: lut.dot_tile
// CHECK: scf.yield
func.func private @tiles_b3(memref<512xi8>, memref<2x48xi8>, memref<2xi32>, memref<2xf32>, f32, memref<2x64xf32>, memref<2x64xf32>, memref<1xi8>, index, index)
  attributes {lut.kernel = #lut.kernel<packing = #lut.b3, rows = 64, columns = 32, tile = <rows = 2, strategy = mad, blocks = 5, unroll = 5, tokens = 2>, stride = 48, out = 64, residual = false>}
// An odd number of tokens has no second one.
// CHECK-LABEL: func.func @odd(
// CHECK-NOT: lut.dot_tile
// CHECK: lut.dot {{.*}} : vector<16xi32>, vector<64xi8>
func.func private @odd(memref<512xi8>, memref<3x48xi8>, memref<3xi32>, memref<3xf32>, f32, memref<3x64xf32>, memref<3x64xf32>, memref<1xi8>, index, index)
  attributes {lut.kernel = #lut.kernel<packing = #lut.i2, rows = 64, columns = 32, tile = <rows = 3, strategy = mad, blocks = 4, unroll = 1, tokens = 3>, stride = 48, out = 64, residual = false>}
}

// -----

// Five rows share a byte. What is made of it meets one activation; the sums are
// separated at the end, and of the second panel only two blocks are written.
module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = quads, permuteBytes = 128, dotMacs = 1, lookupMacs = 1, l2Bytes = 1, u8Codes = true>} {
// CHECK-LABEL: func.func @panels(
// CHECK-SAME: %[[BLOCKS:[a-z0-9]*]]: index)
// CHECK: scf.for %[[BLOCK:.*]] = %{{.*}} to %[[BLOCKS]] step %c5
// CHECK: %[[SUMS:.*]]:5 = scf.for {{.*}} -> (vector<16xi32>, vector<16xi32>, vector<16xi32>, vector<16xi32>, vector<16xi32>)
// CHECK: %[[C:.*]]:5 = lut.unpack #lut.b3, %{{.*}} as mixed : vector<64xi8> ->
// CHECK: %[[Q:.*]] = vector.load {{.*}} vector<4xi8>
// CHECK: lut.dot %{{.*}}, %[[C]]#0, %[[Q]]
// CHECK-COUNT-3: lut.dot
// CHECK: lut.dot %{{.*}}, %[[C]]#4, %[[Q]]
// CHECK: vector.insert_strided_slice %[[SUMS]]#4, {{.*}} into vector<16xi32>
// CHECK: arith.subi
// CHECK: arith.shrsi
// CHECK-COUNT-5: scf.if
// CHECK-NOT: scf.if
// CHECK-LABEL: func.func @panels_portable(
// CHECK: lut.unpack #lut.b3, %{{.*}} : vector<64xi8> ->
func.func private @panels(memref<1024xi8>, memref<1x32xi8>, memref<1xi32>, memref<1xf32>, f32, memref<1x112xf32>, memref<1x112xf32>, memref<1xi8>, index, index)
  attributes {lut.kernel = #lut.kernel<packing = #lut.b3, rows = 112, columns = 32, tile = <rows = 1, strategy = mad, blocks = 10, unroll = 5, tokens = 1>, stride = 32, out = 112, residual = false>}
}

// -----

// The kernel of a CPU level is for its own machine, and so is the twin.
#plain = #lut.target<name = "plain", triple = "any", cpu = "c", features = "", dot = singles, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>
#best = #lut.target<name = "best", triple = "any", cpu = "c", features = "", dot = quads, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>
module attributes {lut.levels = [#plain, #best]} {
// CHECK-LABEL: func.func @level.plain(
// CHECK-SAME: lut.target = #[[PLAIN:[a-z0-9]*]]}
// CHECK: lut.dot {{.*}} : vector<64xi16>, vector<64xi8>
// CHECK-LABEL: func.func @level.plain_portable(
// CHECK-SAME: attributes {lut.portable, lut.target = #[[PLAIN]]}
func.func private @level.plain(memref<512xi8>, memref<2x32xi8>, memref<2xi32>, memref<2xf32>, f32, memref<2x64xf32>, memref<2x64xf32>, memref<1xi8>, index, index)
  attributes {lut.target = #plain, lut.kernel = #lut.kernel<packing = #lut.i2, rows = 64, columns = 32, tile = <rows = 2, strategy = mad, blocks = 4, unroll = 1, tokens = 2>, stride = 32, out = 64, residual = false>}
// CHECK-LABEL: func.func @level.best(
// CHECK: lut.dot {{.*}} : vector<16xi32>, vector<64xi8>
func.func private @level.best(memref<512xi8>, memref<2x32xi8>, memref<2xi32>, memref<2xf32>, f32, memref<2x64xf32>, memref<2x64xf32>, memref<1xi8>, index, index)
  attributes {lut.target = #best, lut.kernel = #lut.kernel<packing = #lut.i2, rows = 64, columns = 32, tile = <rows = 2, strategy = mad, blocks = 4, unroll = 1, tokens = 2>, stride = 32, out = 64, residual = false>}
}
