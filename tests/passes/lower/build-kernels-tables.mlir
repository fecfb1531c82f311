// Kernels that fetch sums, and the plain twins that judge them.
// RUN: setun-opt %s -lower-build-kernels -split-input-file | FileCheck %s

// Look-ups: the tables of eight positions, 81 rows of two each; activations are
// [rows / 16][stride / 4][16][4], the twin's [rows][stride].
module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = pairs, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {
// CHECK-LABEL: func.func @lookup(
// CHECK-SAME: memref<3x160x64xi8>
// CHECK: memref.view %{{.*}}[%c0]{{.*}} to memref<10368xi16>
// CHECK: memref.view %{{.*}}[%c20736]{{.*}} to memref<1536xi32>
// Two groups a chunk, 256 bytes of codes a block: half a MiB holds 1024 chunks.
// CHECK: scf.for {{.*}} step %c2048
// CHECK: lut.unpack #lut.i2
// Four trits are a number in base 3, of rows of 32 elements.
// CHECK: arith.extui {{.*}} : vector<64xi8> to vector<64xi16>
// CHECK-NEXT: arith.shli {{.*}} : vector<64xi16>
// CHECK-COUNT-4: lut.build_table
// CHECK-NOT: lut.dot_tokens
// Two rows, of which 8 tokens lie in alternate lanes of a vector of sums.
// CHECK-COUNT-16: vector.load {{.*}} : memref<10368xi16>, vector<16xi16>
// CHECK-NOT: vector.load {{.*}} : memref<10368xi16>
// CHECK: vector.shuffle {{.*}} [0, 16, 1, 17, 2, 18, 3, 19, 8, 24, 9, 25, 10, 26, 11, 27] : vector<16xi16>
// CHECK: arith.extsi {{.*}} vector<16xi16> to vector<16xi32>
// CHECK: vector.shuffle {{.*}} [4, 20, 5, 21, 6, 22, 7, 23, 12, 28, 13, 29, 14, 30, 15, 31] : vector<16xi16>
// Each row by itself again.
// CHECK: vector.shuffle {{.*}} [0, 2, 4, 6, 16, 18, 20, 22, 8, 10, 12, 14, 24, 26, 28, 30] : vector<16xi32>
// CHECK: vector.shuffle {{.*}} [1, 3, 5, 7, 17, 19, 21, 23, 9, 11, 13, 15, 25, 27, 29, 31] : vector<16xi32>
// CHECK: vector.transpose {{.*}} vector<16x16xf32>
// CHECK-LABEL: func.func @lookup_portable(
// CHECK-SAME: memref<48x640xi8>
// CHECK-NOT: memref.view
// CHECK: lut.dot
func.func private @lookup(memref<5120xi8>, memref<3x160x64xi8>, memref<48xi32>, memref<48xf32>, f32, memref<48x32xf32>, memref<48x32xf32>, memref<99999xi8>, index, index)
  attributes {lut.kernel = #lut.kernel<packing = #lut.i2, rows = 32, columns = 640, tile = <rows = 40, strategy = lookup, blocks = 2, unroll = 1, tokens = 16>, stride = 640, out = 32, residual = false>}
}

// -----

// Dot products take every other two groups, as many as look-ups, for two
// pairs of rows and twice 8 tokens. Five blocks
// share bytes, of 4 columns each: four times 64 make 16 columns.
module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = quads, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1, mixes = true>} {
// CHECK-LABEL: func.func @mixed(
// CHECK: arith.constant 40 : index
// CHECK-COUNT-16: lut.unpack #lut.b3, %{{.*}} : vector<64xi8>
// CHECK-NOT: lut.unpack
// CHECK-COUNT-4: lut.build_table
// CHECK: scf.for
// CHECK: vector.load {{.*}} : memref<{{.*}}xi8>, vector<8xi8>
// CHECK-COUNT-30: lut.dot_tokens
// They alternate with the look-ups, four a pair and its tokens.
// CHECK: arith.shrui
// CHECK-COUNT-2: vector.load {{.*}} : memref<10368xi16>, vector<16xi16>
// CHECK-COUNT-2: lut.dot_tokens
// CHECK-COUNT-2: vector.load {{.*}} : memref<10368xi16>, vector<16xi16>
// CHECK-NOT: lut.dot_tokens
// CHECK-NOT: vector.load {{.*}} : memref<10368xi16>
// CHECK: vector.shuffle
// CHECK-NOT: lut.unpack
// CHECK-LABEL: func.func @mixed_portable(
func.func private @mixed(memref<10240xi8>, memref<3x160x64xi8>, memref<48xi32>, memref<48xf32>, f32, memref<48x32xf32>, memref<48x32xf32>, memref<99999xi8>, index, index)
  attributes {lut.kernel = #lut.kernel<packing = #lut.b3, rows = 32, columns = 640, tile = <rows = 40, strategy = lookup, blocks = 5, unroll = 1, tokens = 16>, stride = 640, out = 32, residual = false>}
}

// -----

// Sums of two trits from registers, for one token.
module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = singles, permuteBytes = 16, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {
// CHECK-LABEL: func.func @table(
// CHECK-SAME: %[[W:[a-z0-9]*]]: memref<2560xi8>, %[[Q:[a-z0-9]*]]: memref<1x640xi8>, {{.*}}, %[[SCRATCH:[a-z0-9]*]]: memref<10240xi8>,
// Entry i is for the trits i mod 4 and i / 4, of columns four apart. The high
// and the low half of a sum lie one behind the other.
// CHECK: scf.for
// CHECK-DAG: %[[FIRST:.*]] = arith.constant dense<[-1, 0, 1, 2, -1, 0, 1, 2, -1, 0, 1, 2, -1, 0, 1, 2]> : vector<16xi16>
// CHECK-DAG: %[[SECOND:.*]] = arith.constant dense<[-1, -1, -1, -1, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]> : vector<16xi16>
// CHECK-DAG: %[[FOUR:.*]] = arith.constant dense<4> : vector<16xi16>
// CHECK-DAG: %[[FIFTEEN:.*]] = arith.constant dense<15> : vector<16xi16>
// CHECK: memref.load %[[Q]]
// CHECK: %[[V0:.*]] = arith.muli %[[FIRST]]
// CHECK: memref.load %[[Q]]
// CHECK: %[[V1:.*]] = arith.muli %[[SECOND]]
// CHECK-NEXT: %[[V:.*]] = arith.addi %[[V0]], %[[V1]]
// CHECK-NEXT: %[[H:.*]] = arith.shrsi %[[V]], %[[FOUR]]
// CHECK-NEXT: %[[L:.*]] = arith.andi %[[V]], %[[FIFTEEN]]
// CHECK: arith.trunci %[[H]] : vector<16xi16> to vector<16xi8>
// CHECK: vector.store {{.*}}, %[[SCRATCH]]
// CHECK: arith.trunci %[[L]]
// CHECK-COUNT-15: vector.store {{.*}}, %[[SCRATCH]]
// CHECK-NOT: vector.store
// CHECK: scf.for
// Eight bytes a group are sums of 16 at most: 255 groups in i16.
// CHECK: scf.for {{.*}} step %c255{{.*}} -> (vector<16xi32>)
// CHECK: scf.for {{.*}} -> (vector<16xi16>, vector<16xi16>)
// The bytes j of 16 rows, a table of 16 bytes, a fetch.
// CHECK: vector.shuffle {{.*}} [0, 4, 8, 12,
// CHECK-NEXT: %[[I:.*]]:2 = lut.unpack #lut.i2, %{{.*}} as pairs : vector<16xi8> ->
// CHECK: vector.shuffle {{.*}} [3, 7, 11, 15,
// CHECK: %[[TABLE:.*]] = vector.load %[[SCRATCH]]{{.*}} vector<16xi8>
// CHECK-NEXT: lut.permute %[[I]]#0, %[[TABLE]] : vector<16xi8>, vector<16xi8>
// CHECK-COUNT-15: lut.permute
// CHECK-NOT: lut.permute
// CHECK: arith.extsi {{.*}} : vector<16xi8> to vector<16xi16>
// CHECK: arith.extsi {{.*}} : vector<16xi8> to vector<16xi16>
// CHECK: scf.yield
// CHECK: %[[SIXTEEN:.*]] = arith.constant dense<16> : vector<16xi32>
// CHECK: arith.muli {{.*}}, %[[SIXTEEN]]
// The tables have the trits' signs: nothing to subtract.
// CHECK-NOT: arith.subi
// CHECK: arith.sitofp
// CHECK-LABEL: func.func @table_portable(
// CHECK-NOT: lut.permute
// CHECK: lut.dot
func.func private @table(memref<2560xi8>, memref<1x640xi8>, memref<1xi32>, memref<1xf32>, f32, memref<1x16xf32>, memref<1x16xf32>, memref<10240xi8>, index, index)
  attributes {lut.kernel = #lut.kernel<packing = #lut.i2, rows = 16, columns = 640, tile = <rows = 1, strategy = table, blocks = 1, unroll = 1, tokens = 1>, stride = 640, out = 16, residual = false>}
// Two blocks share a load of a table.
// CHECK-LABEL: func.func @table_two(
// CHECK: scf.for {{.*}} -> (vector<16xi32>, vector<16xi32>)
// CHECK-COUNT-8: lut.unpack #lut.i2, {{.*}} as pairs
// CHECK-COUNT-16: vector.load
// CHECK-NOT: vector.load
// CHECK: scf.yield
func.func private @table_two(memref<5120xi8>, memref<1x640xi8>, memref<1xi32>, memref<1xf32>, f32, memref<1x32xf32>, memref<1x32xf32>, memref<10240xi8>, index, index)
  attributes {lut.kernel = #lut.kernel<packing = #lut.i2, rows = 32, columns = 640, tile = <rows = 1, strategy = table, blocks = 2, unroll = 2, tokens = 1>, stride = 640, out = 32, residual = false>}
}
