// Vectors as long as the machine has them: a group is cut into parts of
// 16·vscale bytes, lanes beyond it are masked. The twin's are of fixed length.
// RUN: setun-opt %s -lower-build-kernels | FileCheck %s

module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = tiles, permuteBytes = 128, dotMacs = 1, lookupMacs = 1, l2Bytes = 1, scalable = true>} {
// Whatever the dot: one token keeps codes in place, with sums for the scales.
// CHECK-LABEL: func.func @decode(
// CHECK-SAME: %[[W:[a-z0-9]*]]: memref<256xi8>, %[[Q:[a-z0-9]*]]: memref<1x32xi8>, {{.*}}, %[[OUT:[a-z0-9]*]]: memref<1x32xf32>, %{{[a-z0-9]*}}: memref<1xi8>,
// CHECK: %[[VSCALE:.*]] = vector.vscale
// CHECK: %[[LENGTH:.*]] = arith.muli %[[VSCALE]], %c16
// CHECK: %[[SUM:.*]] = arith.addi %[[LENGTH]], %c63
// CHECK-NEXT: %[[PARTS:.*]] = arith.divui %[[SUM]], %[[LENGTH]]
// CHECK: scf.for %[[BLOCK:.*]] = %c0
// CHECK: scf.for %[[PART:.*]] = %{{.*}} to %[[PARTS]]
// CHECK: %[[BYTE:.*]] = arith.muli %[[PART]], %[[LENGTH]]
// CHECK: %[[LEFT:.*]] = arith.subi %c64{{.*}}, %[[BYTE]]
// CHECK-NEXT: %[[COUNT:.*]] = arith.minui %[[LEFT]], %[[LENGTH]]
// CHECK: %[[ROW:.*]] = arith.divui %[[BYTE]], %c4
// CHECK: %[[BYTES:.*]] = vector.create_mask %[[COUNT]] : vector<[16]xi1>
// CHECK: %[[QUARTER:.*]] = arith.divui %[[COUNT]], %c4
// CHECK-NEXT: %[[ROWS:.*]] = vector.create_mask %[[QUARTER]] : vector<[4]xi1>
// CHECK: %[[SUMS:.*]]:3 = scf.for {{.*}} -> (vector<[4]xi32>, vector<[4]xi32>, vector<[4]xi32>)
// CHECK: %[[AT:.*]] = arith.addi %{{.*}}, %[[BYTE]] : index
// CHECK-NEXT: %[[PACKED:.*]] = vector.maskedload %[[W]][%[[AT]]], %[[BYTES]], {{.*}} into vector<[16]xi8>
// CHECK-NEXT: lut.unpack #lut.i2, %[[PACKED]] as in_place : vector<[16]xi8> ->
// CHECK: vector.load %[[Q]]{{.*}} vector<4xi8>
// CHECK-COUNT-4: lut.dot {{.*}} : vector<[4]xi32>, vector<[16]xi8>
// CHECK-NOT: lut.dot
// CHECK: arith.shrsi %[[SUMS]]#1
// CHECK: arith.shrsi %[[SUMS]]#2
// CHECK: %[[Y:.*]] = arith.mulf {{.*}} : vector<[4]xf32>
// CHECK: %[[TO:.*]] = arith.addi %{{.*}}, %[[ROW]] : index
// CHECK-NEXT: vector.maskedstore %[[OUT]][%{{.*}}, %[[TO]]], %[[ROWS]], %[[Y]]
// CHECK-LABEL: func.func @decode_portable(
// CHECK-NOT: vector<[
// CHECK: return
func.func private @decode(memref<256xi8>, memref<1x32xi8>, memref<1xi32>, memref<1xf32>, f32, memref<1x32xf32>, memref<1x32xf32>, memref<1xi8>, index, index)
  attributes {lut.kernel = #lut.kernel<packing = #lut.i2, rows = 32, columns = 32, tile = <rows = 1, strategy = mad, blocks = 2, unroll = 1, tokens = 1>, stride = 32, out = 32, residual = false>}

// Several tokens: a sum each; the residual is read under the same mask.
// CHECK-LABEL: func.func @batch(
// CHECK: scf.for {{.*}} -> (vector<[4]xi32>, vector<[4]xi32>, vector<[4]xi32>, vector<[4]xi32>)
// CHECK-COUNT-2: lut.unpack #lut.i2, %{{.*}} : vector<[16]xi8> ->
// CHECK-NOT: arith.shrsi
// CHECK: %[[ADDED:.*]] = vector.maskedload {{.*}} into vector<[4]xf32>
// CHECK-NEXT: %[[Y:.*]] = arith.addf {{.*}}, %[[ADDED]]
// CHECK-NEXT: vector.maskedstore {{.*}}, %[[Y]]
func.func private @batch(memref<256xi8>, memref<2x48xi8>, memref<2xi32>, memref<2xf32>, f32, memref<2x32xf32>, memref<2x32xf32>, memref<1xi8>, index, index)
  attributes {lut.kernel = #lut.kernel<packing = #lut.i2, rows = 32, columns = 32, tile = <rows = 2, strategy = mad, blocks = 2, unroll = 2, tokens = 2>, stride = 48, out = 32, residual = true>}

// Five rows share a byte: vectors of fixed length, as the twin has them.
// CHECK-LABEL: func.func @panel(
// CHECK: lut.unpack #lut.b3, %{{.*}} : vector<64xi8> ->
// CHECK-LABEL: func.func @panel_portable(
func.func private @panel(memref<512xi8>, memref<1x32xi8>, memref<1xi32>, memref<1xf32>, f32, memref<1x32xf32>, memref<1x32xf32>, memref<1xi8>, index, index)
  attributes {lut.kernel = #lut.kernel<packing = #lut.b3, rows = 32, columns = 32, tile = <rows = 1, strategy = mad, blocks = 5, unroll = 5, tokens = 1>, stride = 32, out = 32, residual = false>}
}
