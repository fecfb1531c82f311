// A packing takes its bytes apart: by arithmetic, or by a table if the target
// indexes one that is large enough. Portable twins never use tables.
// RUN: setun-opt %s -lower-expand-unpack -split-input-file | FileCheck %s

module attributes {lut.target = #lut.target<triple = "any", cpu = "c", features = "", dot = none, permuteBytes = 128, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {
// Two bits a trit: shifts of words and a mask.
// CHECK-LABEL: func.func @i2
// CHECK-SAME: (%[[BYTES:.*]]: vector<64xi8>)
// CHECK-NOT: lut.
// CHECK-DAG: %[[THREE:.*]] = arith.constant dense<3> : vector<64xi8>
// CHECK-DAG: %[[WORDS:.*]] = vector.bitcast %[[BYTES]] : vector<64xi8> to vector<32xi16>
// CHECK: %[[C0:.*]] = arith.andi %[[BYTES]], %[[THREE]]
// CHECK: arith.constant dense<2> : vector<32xi16>
// CHECK-NEXT: %[[S1:.*]] = arith.shrui %[[WORDS]]
// CHECK-NEXT: %[[B1:.*]] = vector.bitcast %[[S1]]
// CHECK-NEXT: %[[C1:.*]] = arith.andi %[[B1]], %[[THREE]]
// CHECK: arith.constant dense<4> : vector<32xi16>
// CHECK: %[[C2:.*]] = arith.andi
// CHECK: arith.constant dense<6> : vector<32xi16>
// CHECK: %[[C3:.*]] = arith.andi
// CHECK: return %[[C0]], %[[C1]], %[[C2]], %[[C3]]
func.func @i2(%bytes: vector<64xi8>) -> (vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>) {
  %a, %b, %c, %d = lut.unpack #lut.i2, %bytes : vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>
  return %a, %b, %c, %d : vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>
}

// Base 3 by table: entry 5 is 2 + 3·1, fields 2, 1, 0, 0; the fifth trit is
// counted by comparing with 84 and 168.
// CHECK-LABEL: func.func @b3
// CHECK-DAG: arith.constant dense<84>
// CHECK-DAG: arith.constant dense<-88>
// CHECK: arith.minui
// CHECK: lut.permute %{{.*}}, [0, 1, 2, 4, 5, 6, 8,
// CHECK-COUNT-3: arith.shrui
// CHECK-NOT: arith.cmpi
// CHECK: return
func.func @b3(%bytes: vector<64xi8>) -> (vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>) {
  %a, %b, %c, %d, %e = lut.unpack #lut.b3, %bytes : vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>
  return %a, %b, %c, %d, %e : vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>
}

// CHECK-LABEL: func.func @b3_portable
// CHECK-NOT: lut.permute
// Digits of 84, 27, 9 and 3.
// CHECK-COUNT-8: arith.cmpi uge
// CHECK-NOT: arith.cmpi
// CHECK: return
func.func @b3_portable(%bytes: vector<64xi8>) -> (vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>) attributes {lut.portable} {
  %a, %b, %c, %d, %e = lut.unpack #lut.b3, %bytes : vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>
  return %a, %b, %c, %d, %e : vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>
}
}

// -----

// 80 entries do not hold the table of 81.
module attributes {lut.target = #lut.target<triple = "any", cpu = "c", features = "", dot = none, permuteBytes = 80, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {
// CHECK-LABEL: func.func @no_table
// CHECK-NOT: lut.permute
// CHECK-COUNT-8: arith.cmpi uge
func.func @no_table(%bytes: vector<64xi8>) -> (vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>) {
  %a, %b, %c, %d, %e = lut.unpack #lut.b3, %bytes : vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>
  return %a, %b, %c, %d, %e : vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>
}
}
