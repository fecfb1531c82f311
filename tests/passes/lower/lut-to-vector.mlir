// The portable lowering of every op: plain vector and memory operations.
// RUN: setun-opt %s -lower-lut-to-vector | FileCheck %s

// Lane r of the sum takes the bytes 4r … 4r+3: codes unsigned, values signed.
// CHECK-LABEL: func.func @dot
// CHECK-SAME: (%[[ACC:.*]]: vector<16xi32>, %[[CODES:.*]]: vector<64xi8>, %[[VALUES:.*]]: vector<64xi8>)
// CHECK-NEXT: %[[C:.*]] = vector.shuffle %[[CODES]], %[[CODES]] [0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60]
// CHECK-NEXT: %[[U:.*]] = arith.extui %[[C]] : vector<16xi8> to vector<16xi32>
// CHECK-NEXT: %[[V:.*]] = vector.shuffle %[[VALUES]], %[[VALUES]] [0, 4, 8,
// CHECK-NEXT: %[[S:.*]] = arith.extsi %[[V]] : vector<16xi8> to vector<16xi32>
// CHECK-NEXT: %[[P:.*]] = arith.muli %[[U]], %[[S]]
// CHECK-NEXT: %[[SUM:.*]] = arith.addi %[[ACC]], %[[P]]
// CHECK: [1, 5, 9,
// CHECK: [2, 6, 10,
// CHECK: [3, 7, 11,
// CHECK: arith.addi
// CHECK-NEXT: return
func.func @dot(%acc: vector<16xi32>, %codes: vector<64xi8>, %values: vector<64xi8>) -> vector<16xi32> {
  %r = lut.dot %acc, %codes, %values
  return %r : vector<16xi32>
}

// CHECK-LABEL: func.func @dot_pairs
// CHECK-NEXT: vector.shuffle {{.*}} [0, 2, 4,
// CHECK-NEXT: arith.extui {{.*}} : vector<32xi8> to vector<32xi16>
// CHECK-NEXT: vector.shuffle {{.*}} [0, 2, 4,
// CHECK-NEXT: arith.extsi {{.*}} : vector<32xi8> to vector<32xi16>
// CHECK: vector.shuffle {{.*}} [1, 3, 5,
// CHECK: return
func.func @dot_pairs(%acc: vector<32xi16>, %codes: vector<64xi8>, %values: vector<64xi8>) -> vector<32xi16> {
  %r = lut.dot_pairs %acc, %codes, %values
  return %r : vector<32xi16>
}

// CHECK-LABEL: func.func @widen
// CHECK-NEXT: vector.shuffle {{.*}} [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30] : vector<32xi16>
// CHECK-NEXT: arith.extsi {{.*}} : vector<16xi16> to vector<16xi32>
// CHECK-NEXT: arith.addi
// CHECK-NEXT: vector.shuffle {{.*}} [1, 3,
// CHECK-NEXT: arith.extsi
// CHECK-NEXT: arith.addi
// CHECK-NEXT: return
func.func @widen(%acc: vector<16xi32>, %pairs: vector<32xi16>) -> vector<16xi32> {
  %r = lut.widen %acc, %pairs
  return %r : vector<16xi32>
}

// Byte by byte.
// CHECK-LABEL: func.func @permute
// CHECK: %[[TABLE:.*]] = arith.constant dense<[5, 6, 7]> : vector<3xi8>
// CHECK-COUNT-64: vector.insert
// CHECK-NEXT: return
func.func @permute(%index: vector<64xi8>) -> vector<64xi8> {
  %r = lut.permute %index, [5, 6, 7]
  return %r : vector<64xi8>
}

// The byte is unsigned.
// CHECK-LABEL: func.func @lookup
// CHECK-SAME: (%[[TABLE:.*]]: memref<256x32xi16>, %[[BYTE:.*]]: i8)
// CHECK: %[[ROW:.*]] = arith.index_castui %[[BYTE]] : i8 to index
// CHECK: vector.load %[[TABLE]][%[[ROW]], %c0] : memref<256x32xi16>, vector<32xi16>
func.func @lookup(%table: memref<256x32xi16>, %byte: i8) -> vector<32xi16> {
  %r = lut.lookup %table[%byte]
    : memref<256x32xi16>
  return %r : vector<32xi16>
}

// The columns base, base + 4, + 8, + 12; 81 rows, each one addition from
// another; code 0 of all is row 0, the byte 0xAA has trits +1.
// CHECK-LABEL: func.func @build_table
// CHECK-DAG: arith.constant 4 : index
// CHECK-DAG: arith.constant 8 : index
// CHECK-DAG: arith.constant 12 : index
// CHECK-DAG: %[[ALL:.*]] = arith.constant 170 : index
// CHECK-COUNT-4: arith.extsi {{.*}} : vector<32xi8> to vector<32xi16>
// CHECK: arith.subi
// CHECK-COUNT-80: vector.store
// CHECK: vector.store %{{.*}}, %{{.*}}[%[[ALL]], %c0]
// CHECK-NOT: vector.store
func.func @build_table(%values: memref<64x32xi8>, %base: index, %table: memref<256x32xi16>) {
  lut.build_table #lut.i2, %values[%base], %table : memref<64x32xi8>, memref<256x32xi16>
  return
}
