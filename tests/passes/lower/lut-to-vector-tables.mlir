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

// 81 rows, each one addition from another; the digits of the last are all 2.
// CHECK-LABEL: func.func @build_table
// CHECK-SAME: %[[LOW:.*]]: vector<32xi16>, %{{.*}}, %{{.*}}, %[[HIGH:.*]]: vector<32xi16>, %[[TABLE:.*]]: memref<2592xi16>)
// CHECK-DAG: %[[LAST:.*]] = arith.constant 2560 : index
// CHECK-DAG: %[[ZERO:.*]] = arith.constant dense<0> : vector<32xi16>
// CHECK: vector.store %[[ZERO]], %[[TABLE]][%c0]
// CHECK-NEXT: vector.store %[[LOW]], %[[TABLE]][%c32]
// CHECK: vector.store %[[HIGH]], %[[TABLE]][%c864]
// CHECK-COUNT-52: vector.store
// CHECK: vector.store %{{.*}}, %[[TABLE]][%[[LAST]]]
// CHECK-NOT: vector.store
func.func @build_table(%a: vector<32xi16>, %b: vector<32xi16>, %c: vector<32xi16>, %d: vector<32xi16>, %table: memref<2592xi16>) {
  lut.build_table %a, %b, %c, %d into %table : memref<2592xi16>
  return
}

// Codes are unsigned, activations signed; four of each a token. The codes of two
// rows alternate.
// CHECK-LABEL: func.func @dot_tokens
// CHECK: vector.broadcast %{{.*}} : i64 to vector<8xi64>
// CHECK-COUNT-4: arith.muli %{{.*}}, %{{.*}} : vector<16xi32>
// CHECK-NEXT: arith.addi
// CHECK-NEXT: return
func.func @dot_tokens(%acc: vector<16xi32>, %codes: vector<8xi8>, %q: vector<64xi8>) -> vector<16xi32> {
  %r = lut.dot_tokens %acc, %codes, %q
  return %r : vector<16xi32>
}
