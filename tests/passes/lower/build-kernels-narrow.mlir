// Sums of 16 bits are widened before they can wrap, when 32767 / (products of a
// lane · 2 · 127) groups have been added.
// RUN: setun-opt %s -lower-build-kernels -split-input-file | FileCheck %s

// Pairs: 8 products a group in i2, so after 32767 / 2032 = 16 groups. With one
// token, codes stay in halves of bytes: of 8 products 4 are 4 times as large and
// have a sum of their own; 8 groups.
module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = pairs, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {
// CHECK-LABEL: func.func @pairs(
// CHECK: %[[GROUPS:.*]] = arith.constant 40 : index
// CHECK: %[[WIDE:.*]]:2 = scf.for %[[FIRST:.*]] = {{.*}} to %[[GROUPS]] step %c8{{.*}} -> (vector<16xi32>, vector<16xi32>)
// CHECK: %[[END:.*]] = arith.addi %[[FIRST]], %c8
// CHECK: %[[LAST:.*]] = arith.minui %[[END]]
// CHECK: scf.for %{{.*}} = %[[FIRST]] to %[[LAST]] {{.*}} iter_args(%[[ONES:.*]] = {{.*}}, %[[FOURS:.*]] = {{.*}}) -> (vector<32xi16>, vector<32xi16>)
// CHECK: %[[C:.*]]:4 = lut.unpack #lut.i2, %{{.*}} as in_nibbles
// CHECK: %[[S0:.*]] = lut.dot %[[ONES]], %[[C]]#0, {{.*}} : vector<32xi16>, vector<64xi8>
// CHECK: %[[S1:.*]] = lut.dot %[[FOURS]], %[[C]]#1
// CHECK: %[[S2:.*]] = lut.dot %[[S0]], %[[C]]#2
// CHECK: %[[S3:.*]] = lut.dot %[[S1]], %[[C]]#3
// CHECK: scf.yield %[[S2]], %[[S3]]
// CHECK-COUNT-2: lut.widen %{{.*}}, %{{.*}} : vector<16xi32>, vector<32xi16>
// CHECK: %[[TWO:.*]] = arith.constant dense<2> : vector<16xi32>
// CHECK: %[[REST:.*]] = arith.shrsi %[[WIDE]]#1, %[[TWO]]
// CHECK: arith.addi %[[WIDE]]#0, %[[REST]]
// CHECK: arith.addf
// CHECK: vector.store
// The twin's sums differ; it adds the residual too.
// CHECK-LABEL: func.func @pairs_portable(
// CHECK-NOT: vector<32xi16>
// CHECK: arith.addf
func.func private @pairs(memref<2560xi8>, memref<1x640xi8>, memref<1xi32>, memref<1xf32>, f32, memref<1x16xf32>, memref<1x16xf32>, memref<1xi8>, index, index)
  attributes {lut.kernel = #lut.kernel<packing = #lut.i2, rows = 16, columns = 640, tile = <rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>, stride = 640, out = 16, residual = true>}
// CHECK-LABEL: func.func @pairs_tokens(
// CHECK: scf.for {{.*}} step %c16{{.*}} -> (vector<16xi32>, vector<16xi32>)
// CHECK: lut.unpack #lut.i2, %{{.*}} : vector<64xi8>
// CHECK-COUNT-8: lut.dot {{.*}} : vector<32xi16>, vector<64xi8>
func.func private @pairs_tokens(memref<2560xi8>, memref<8x640xi8>, memref<8xi32>, memref<8xf32>, f32, memref<8x16xf32>, memref<8x16xf32>, memref<1xi8>, index, index)
  attributes {lut.kernel = #lut.kernel<packing = #lut.i2, rows = 16, columns = 640, tile = <rows = 8, strategy = mad, blocks = 1, unroll = 1, tokens = 2>, stride = 640, out = 16, residual = false>}
// Five rows share a byte: 2 products a group, 64 groups.
// CHECK-LABEL: func.func @pairs_b3(
// CHECK: scf.for {{.*}} step %c64{{.*}} -> (vector<16xi32>, vector<16xi32>, vector<16xi32>, vector<16xi32>, vector<16xi32>)
// CHECK: lut.unpack #lut.b3, %{{.*}} : vector<64xi8>
func.func private @pairs_b3(memref<10240xi8>, memref<1x640xi8>, memref<1xi32>, memref<1xf32>, f32, memref<1x16xf32>, memref<1x16xf32>, memref<1xi8>, index, index)
  attributes {lut.kernel = #lut.kernel<packing = #lut.b3, rows = 16, columns = 640, tile = <rows = 1, strategy = mad, blocks = 5, unroll = 5, tokens = 1>, stride = 640, out = 16, residual = false>}
}

// -----

// One product a lane: only 4 of them a group in i2, 32 groups.
module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = singles, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {
// CHECK-LABEL: func.func @singles(
// CHECK: scf.for {{.*}} step %c32{{.*}} -> (vector<16xi32>)
// CHECK: scf.for {{.*}} -> (vector<64xi16>)
// CHECK-NOT: in_place
// CHECK-COUNT-4: lut.dot {{.*}} : vector<64xi16>, vector<64xi8>
// CHECK: lut.widen %{{.*}}, %{{.*}} : vector<16xi32>, vector<64xi16>
func.func private @singles(memref<2560xi8>, memref<1x640xi8>, memref<1xi32>, memref<1xf32>, f32, memref<1x16xf32>, memref<1x16xf32>, memref<1xi8>, index, index)
  attributes {lut.kernel = #lut.kernel<packing = #lut.i2, rows = 16, columns = 640, tile = <rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>, stride = 640, out = 16, residual = false>}
}

// -----

// A piece of 8 bytes is two rows. Their lanes of a word take 16 products a group
// in i2: 8 groups; 4 and 32 in b3.
module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = words, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {
// CHECK-LABEL: func.func @words(
// CHECK-SAME: %[[W:[a-z0-9]*]]: memref<2560xi8>
// CHECK: %[[WIDE:.*]]:8 = scf.for {{.*}} step %c8{{.*}} iter_args(%[[WIDE0:[a-z0-9]*]] = {{.*}} -> (vector<2xi32>, {{.*}})
// CHECK: %[[SUMS:.*]]:8 = scf.for {{.*}} iter_args(%[[SUM0:[a-z0-9]*]] = {{.*}}, %[[SUM7:[a-z0-9]*]] = %{{[a-z0-9_]*}}) -> (vector<1xi64>, {{.*}})
// CHECK: %[[FIRST:.*]] = vector.load %[[W]][{{.*}}] {alignment = 8 : i64} : memref<2560xi8>, vector<8xi8>
// CHECK-NEXT: %[[C:.*]]:4 = lut.unpack #lut.i2, %[[FIRST]] : vector<8xi8> ->
// CHECK: %[[AT:.*]] = arith.constant 56 : index
// CHECK-NEXT: arith.addi %{{.*}}, %[[AT]]
// CHECK: %[[LAST:.*]] = vector.load %[[W]]
// CHECK-NEXT: %[[D:.*]]:4 = lut.unpack #lut.i2, %[[LAST]]
// All pieces share the activations.
// CHECK: %[[Q:.*]] = vector.load {{.*}} vector<4xi8>
// CHECK: %[[S:.*]] = lut.dot %[[SUM0]], %[[C]]#0, %[[Q]] : vector<1xi64>, vector<8xi8>
// CHECK-NEXT: lut.dot %[[S]], %[[C]]#1,
// CHECK-COUNT-26: lut.dot {{.*}} : vector<1xi64>, vector<8xi8>
// CHECK-NEXT: %[[S:.*]] = lut.dot %[[SUM7]], %[[D]]#0, %[[Q]]
// CHECK-COUNT-3: lut.dot
// CHECK-NOT: lut.dot
// CHECK: lut.widen %[[WIDE0]], %[[SUMS]]#0 : vector<2xi32>, vector<1xi64>
// CHECK-COUNT-7: lut.widen
// CHECK-NOT: lut.widen
// CHECK: vector.insert_strided_slice %[[WIDE]]#0, {{.*}} {offsets = [0], strides = [1]} : vector<2xi32> into vector<16xi32>
// CHECK: vector.insert_strided_slice %[[WIDE]]#7, {{.*}} {offsets = [14], strides = [1]} : vector<2xi32> into vector<16xi32>
// CHECK: vector.store
func.func private @words(memref<2560xi8>, memref<1x640xi8>, memref<1xi32>, memref<1xf32>, f32, memref<1x16xf32>, memref<1x16xf32>, memref<1xi8>, index, index)
  attributes {lut.kernel = #lut.kernel<packing = #lut.i2, rows = 16, columns = 640, tile = <rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>, stride = 640, out = 16, residual = false>}
// CHECK-LABEL: func.func @words_b3(
// CHECK: scf.for {{.*}} step %c32{{.*}} -> (vector<2xi32>,
func.func private @words_b3(memref<10240xi8>, memref<1x640xi8>, memref<1xi32>, memref<1xf32>, f32, memref<1x16xf32>, memref<1x16xf32>, memref<1xi8>, index, index)
  attributes {lut.kernel = #lut.kernel<packing = #lut.b3, rows = 16, columns = 640, tile = <rows = 1, strategy = mad, blocks = 5, unroll = 5, tokens = 1>, stride = 640, out = 16, residual = false>}
}
