// The kernel that picks floats: a table of nine sums for each nibble of a group,
// what the codes choose of it, two sums of each block, and scales.
// RUN: setun-opt %s -lower-build-kernels -split-input-file | FileCheck %s

module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = quads, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {
// CHECK-LABEL: func.func @floats(
// CHECK: memref.view %{{.*}} to memref<512xf32>
// Columns 0 and 4, 8 and 12, 1 and 5 …
// CHECK: vector.load {{.*}} : memref<1x64xf32>, vector<16xf32>
// CHECK: vector.extract %{{.*}}[0]
// CHECK: vector.extract %{{.*}}[4]
// CHECK: vector.store {{.*}} : memref<512xf32>
// CHECK: vector.extract %{{.*}}[8]
// CHECK: vector.extract %{{.*}}[12]
// CHECK: vector.extract %{{.*}}[1]
// CHECK: vector.extract %{{.*}}[5]
// CHECK: scf.for
// The groups of 64 bytes of a scale's 32 columns.
// CHECK: scf.for
// CHECK: %[[SUMS:.*]]:2 = scf.for %{{.*}} iter_args(%[[A:.*]] = %{{.*}}, %[[B:.*]] = %{{.*}}) -> (vector<16xf32>, vector<16xf32>)
// CHECK: %[[CODES:.*]] = vector.bitcast {{.*}} : vector<64xi8> to vector<16xi32>
// CHECK: lut.pick %[[A]], %[[CODES]],
// CHECK: arith.shrui %[[CODES]]
// CHECK: lut.pick %[[B]],
// CHECK-COUNT-6: lut.pick
// CHECK-NOT: lut.pick
// CHECK: %[[D:.*]] = arith.addf %[[SUMS]]#0, %[[SUMS]]#1
// CHECK: %[[SCALE:.*]] = vector.load {{.*}} : memref<2x48xf32>, vector<16xf32>
// CHECK: %[[Y:.*]] = arith.mulf %[[D]], %[[SCALE]]
// CHECK-NEXT: arith.addf %{{.*}}, %[[Y]]
// CHECK: vector.store {{.*}} : memref<1x48xf32>
// CHECK-LABEL: func.func @floats_portable(
// CHECK: lut.pick
func.func private @floats(memref<512xi8>, memref<1x64xf32>, memref<2x48xf32>, memref<1xf32>, f32, memref<1x48xf32>, memref<1x48xf32>, memref<2048xi8>, index, index)
  attributes {lut.kernel = #lut.kernel<packing = #lut.i2, rows = 40, columns = 64, tile = <rows = 1, strategy = pick, blocks = 2, unroll = 1, tokens = 1>, stride = 64, out = 48, residual = false, floats = true, group = 32>}
}

// -----

// Integers become floats, which hold their sums; one scale is left.
module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = quads, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {
// CHECK-LABEL: func.func @integers(
// CHECK: arith.divf
// CHECK: vector.load {{.*}} : memref<1x64xi8>, vector<16xi8>
// CHECK-NEXT: arith.sitofp {{.*}} : vector<16xi8> to vector<16xf32>
// CHECK: lut.pick
// CHECK: arith.mulf
func.func private @integers(memref<512xi8>, memref<1x64xi8>, memref<1xi32>, memref<1xf32>, f32, memref<1x48xf32>, memref<1x48xf32>, memref<2048xi8>, index, index)
  attributes {lut.kernel = #lut.kernel<packing = #lut.i2, rows = 40, columns = 64, tile = <rows = 1, strategy = pick, blocks = 2, unroll = 1, tokens = 1>, stride = 64, out = 48, residual = false>}
}
