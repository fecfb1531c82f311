// The portable lowering of what tables are built and read with.
// RUN: setun-opt %s -lower-lut-to-vector | FileCheck %s

// Byte by byte; indices are unsigned.
// CHECK-LABEL: func.func @permute
// CHECK: %[[BYTE:.*]] = vector.extract %arg0[0] : i8 from vector<16xi8>
// CHECK-NEXT: %[[LANE:.*]] = arith.index_castui %[[BYTE]] : i8 to index
// CHECK-NEXT: %[[ENTRY:.*]] = vector.extract %arg1[%[[LANE]]] : i8 from vector<128xi8>
// CHECK-NEXT: vector.insert %[[ENTRY]], %{{.*}} [0]
// CHECK-COUNT-15: vector.insert
// CHECK-NEXT: return
func.func @permute(%index: vector<16xi8>, %table: vector<128xi8>) -> vector<16xi8> {
  %r = lut.permute %index, %table : vector<16xi8>, vector<128xi8>
  return %r : vector<16xi8>
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
