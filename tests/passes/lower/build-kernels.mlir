// A recipe becomes a loop nest, and a twin that judges it.
// RUN: setun-opt %s -lower-build-kernels -split-input-file | FileCheck %s

// Quads: one dot a trit of a byte, token and block; unroll × tokens sums.
module attributes {lut.target = #lut.target<triple = "any", cpu = "c", features = "", dot = quads, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {
// CHECK-LABEL: func.func @quads(
// CHECK-SAME: %[[W:[a-z0-9]*]]: memref<512xi8>, %[[Q:[a-z0-9]*]]: memref<4x32xi8>,
// CHECK: scf.for
// CHECK-SAME: step %c2
// CHECK: scf.for
// CHECK-SAME: step %c2
// 32 columns are 2 groups; 2 blocks × 2 tokens.
// CHECK: scf.for {{.*}} to %c2{{.*}} step %c1{{.*}} -> (vector<16xi32>, vector<16xi32>, vector<16xi32>, vector<16xi32>)
// CHECK: vector.load %[[W]]
// CHECK-NEXT: lut.unpack #lut.i2
// CHECK: vector.load %[[W]]
// CHECK-NEXT: lut.unpack #lut.i2
// CHECK: vector.load %[[Q]][{{.*}}] : memref<4x32xi8>, vector<4xi8>
// CHECK-COUNT-16: lut.dot
// CHECK-NOT: lut.dot
// CHECK: scf.yield
// Without a residual: one multiplication and a store.
// CHECK: arith.sitofp
// CHECK-NEXT: vector.broadcast
// CHECK-NEXT: arith.mulf
// CHECK-NOT: arith.addf
// CHECK: vector.store {{.*}} memref<4x64xf32>, vector<16xf32>
// The twin has no unroll, no pairs and the same arguments.
// CHECK-LABEL: func.func @quads_portable(
// CHECK-SAME: memref<512xi8>, %{{.*}}: memref<4x32xi8>,
// CHECK-SAME: attributes {lut.portable}
// CHECK: scf.for {{.*}} -> (vector<16xi32>)
// CHECK-COUNT-4: lut.dot
// CHECK-NOT: lut.dot
func.func private @quads(memref<512xi8>, memref<4x32xi8>, memref<4xi32>, memref<4xf32>, f32, memref<4x64xf32>, memref<4x64xf32>, memref<1xi8>, index, index)
  attributes {lut.kernel = #lut.kernel<packing = #lut.i2, rows = 64, columns = 32, tile = <rows = 4, strategy = mad, blocks = 4, unroll = 2, tokens = 2>, stride = 32, out = 64, residual = false>}
// Not a recipe: stays a declaration.
// CHECK: func.func private @stage(index)
func.func private @stage(index)
}

// -----

// Pairs go into i16 and are widened before they can wrap: 8 products of 2·127
// a group in i2, so after 32767 / 2032 = 16 groups.
module attributes {lut.target = #lut.target<triple = "any", cpu = "c", features = "", dot = pairs, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {
// CHECK-LABEL: func.func @pairs(
// CHECK: %[[GROUPS:.*]] = arith.constant 40 : index
// CHECK: scf.for %[[FIRST:.*]] = {{.*}} to %[[GROUPS]] step %c16{{.*}} -> (vector<16xi32>)
// CHECK: %[[END:.*]] = arith.addi %[[FIRST]], %c16
// CHECK: %[[LAST:.*]] = arith.minui %[[END]]
// CHECK: scf.for %{{.*}} = %[[FIRST]] to %[[LAST]] {{.*}} -> (vector<32xi16>)
// CHECK-COUNT-4: lut.dot_pairs
// CHECK: scf.yield
// CHECK: lut.widen
// CHECK: arith.addf
// CHECK: vector.store
// The twin multiplies without pairs, and adds the residual too.
// CHECK-LABEL: func.func @pairs_portable(
// CHECK-NOT: dot_pairs
// CHECK: lut.dot
// CHECK: arith.addf
func.func private @pairs(memref<2560xi8>, memref<1x640xi8>, memref<1xi32>, memref<1xf32>, f32, memref<1x16xf32>, memref<1x16xf32>, memref<1xi8>, index, index)
  attributes {lut.kernel = #lut.kernel<packing = #lut.i2, rows = 16, columns = 640, tile = <rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>, stride = 640, out = 16, residual = true>}
// Five trits a byte: 10 products, 12 groups.
// CHECK-LABEL: func.func @pairs_b3(
// CHECK: scf.for {{.*}} step %c12{{.*}} -> (vector<16xi32>)
func.func private @pairs_b3(memref<2048xi8>, memref<1x640xi8>, memref<1xi32>, memref<1xf32>, f32, memref<1x16xf32>, memref<1x16xf32>, memref<1xi8>, index, index)
  attributes {lut.kernel = #lut.kernel<packing = #lut.b3, rows = 16, columns = 640, tile = <rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>, stride = 640, out = 16, residual = false>}
}

// -----

// Look-ups: four tables a group, four fetches a row; activations are
// [rows / 32][stride][32], the twin's [rows][stride].
module attributes {lut.target = #lut.target<triple = "any", cpu = "c", features = "", dot = quads, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {
// CHECK-LABEL: func.func @lookup(
// CHECK-SAME: memref<2x640x32xi8>
// CHECK-COUNT-4: memref.view {{.*}} to memref<256x32xi16>
// CHECK: memref.view {{.*}} to memref<32x32xi16>
// CHECK: memref.view {{.*}} to memref<32x32xi32>
// 20 terms of 127 a group: 12 groups in i16.
// CHECK: scf.for {{.*}} step %c12
// CHECK-COUNT-4: lut.build_table #lut.b3
// CHECK-COUNT-4: lut.lookup
// CHECK: arith.extsi {{.*}} vector<32xi16> to vector<32xi32>
// CHECK: vector.transpose {{.*}} vector<16x16xi32>
// CHECK-LABEL: func.func @lookup_portable(
// CHECK-SAME: memref<64x640xi8>
// CHECK-NOT: lut.lookup
// CHECK: lut.dot
func.func private @lookup(memref<4096xi8>, memref<2x640x32xi8>, memref<64xi32>, memref<64xf32>, f32, memref<64x32xf32>, memref<64x32xf32>, memref<71680xi8>, index, index)
  attributes {lut.kernel = #lut.kernel<packing = #lut.b3, rows = 32, columns = 640, tile = <rows = 40, strategy = lookup, blocks = 2, unroll = 1, tokens = 32>, stride = 640, out = 32, residual = false>}
// 16 terms in i2: 16 groups.
// CHECK-LABEL: func.func @lookup_i2(
// CHECK: scf.for {{.*}} step %c16
// CHECK: lut.build_table #lut.i2
func.func private @lookup_i2(memref<5120xi8>, memref<2x640x32xi8>, memref<64xi32>, memref<64xf32>, f32, memref<64x32xf32>, memref<64x32xf32>, memref<71680xi8>, index, index)
  attributes {lut.kernel = #lut.kernel<packing = #lut.i2, rows = 32, columns = 640, tile = <rows = 40, strategy = lookup, blocks = 2, unroll = 1, tokens = 32>, stride = 640, out = 32, residual = false>}
}
