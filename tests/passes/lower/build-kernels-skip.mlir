// Kernels that read what zeros leave. `tests/codegen/kernels` runs them.
// RUN: setun-opt %s -lower-build-kernels | FileCheck %s

module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = quads, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1, skipRows = <alone = 600, shared = 600>, skipColumns = <alone = 500, shared = 500>>} {

// CHECK-LABEL: func.func @rows(
// CHECK-SAME: %[[W:[a-z0-9]*]]: memref<2048xi8>, {{.*}}, %[[GATE:[a-z0-9]*]]: memref<1x32xf32>, %[[OUT:[a-z0-9]*]]: memref<1x32xf32>,
// The rows whose gate is positive; their output is 0 first.
// CHECK: scf.for {{.*}} iter_args(%[[AT:.*]] = %{{.*}}) -> (index)
// CHECK: %[[G:.*]] = vector.load %[[GATE]]
// CHECK: %[[POSITIVE:.*]] = arith.cmpf ogt, %[[G]]
// CHECK: vector.store %{{.*}}, %[[OUT]]
// CHECK: lut.append %{{.*}} where %[[POSITIVE]], %{{.*}}[%[[AT]]]
// The first are asked for at once, the others while those before are multiplied.
// CHECK: scf.for
// CHECK: memref.prefetch %[[W]]{{.*}}, read, locality<2>, data
// CHECK: scf.for
// CHECK: memref.prefetch %[[W]]
// CHECK: %[[SUMS:.*]]:3 = scf.for
// CHECK: lut.unpack #lut.lines<rows>, %{{.*}} as in_place
// CHECK-COUNT-4: lut.dot_lanes
// CHECK: vector.reduction <add>
// CHECK: memref.store %{{.*}}, %[[OUT]]
// CHECK-LABEL: func.func @rows_portable(
// CHECK-SAME: attributes {lut.portable}
// CHECK: lut.append
func.func private @rows(memref<2048xi8>, memref<1x256xi8>, memref<1xi32>, memref<1xf32>, f32, memref<1x32xf32>, memref<1x32xf32>, memref<256xi8>, index, index)
  attributes {lut.kernel = #lut.kernel<packing = #lut.lines<rows>, rows = 20, columns = 200, tile = <rows = 1, strategy = skip, blocks = 2, unroll = 1, tokens = 1>, stride = 256, out = 32, residual = true>}

// CHECK-LABEL: func.func @columns(
// CHECK-SAME: %[[W:[a-z0-9]*]]: memref<12800xi8>, %[[Q:[a-z0-9]*]]: memref<1x208xi8>
// CHECK: scf.for
// CHECK: %[[V:.*]] = vector.load %[[Q]]
// CHECK: %[[ENTRIES:.*]] = arith.ori
// CHECK: %[[CHOSEN:.*]] = arith.cmpi ne, %[[V]]
// CHECK: lut.append %[[ENTRIES]] where %[[CHOSEN]]
// Sixteen columns at once, a group of 256 rows at a time.
// CHECK: scf.for
// CHECK-COUNT-4: arith.trunci {{.*}} : vector<4xi32> to vector<4xi8>
// CHECK: scf.for
// CHECK-COUNT-16: memref.prefetch %[[W]]
// CHECK: vector.shuffle {{.*}} : vector<64xi8>, vector<64xi8>
// CHECK: vector.shuffle {{.*}} : vector<32xi16>, vector<32xi16>
// CHECK-COUNT-64: lut.dot %
// CHECK-NOT: lut.dot
// The twin leaves no column out.
// CHECK-LABEL: func.func @columns_portable(
// CHECK: arith.cmpi ult
// CHECK: lut.append
func.func private @columns(memref<12800xi8>, memref<1x208xi8>, memref<1xi32>, memref<1xf32>, f32, memref<1x32xf32>, memref<1x32xf32>, memref<2176xi8>, index, index)
  attributes {lut.kernel = #lut.kernel<packing = #lut.lines<columns>, rows = 20, columns = 200, tile = <rows = 1, strategy = skip, blocks = 2, unroll = 1, tokens = 1>, stride = 208, out = 32, residual = false>}
}
