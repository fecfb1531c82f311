// A packing takes its bytes apart: by arithmetic, or by a table if the target
// indexes one that is large enough. Portable twins never use tables.
// `tests/dialects/UnpackTest.cpp` runs what comes out, byte for byte.
// RUN: setun-opt %s -lower-expand-unpack -canonicalize -split-input-file | FileCheck %s

module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = quads, permuteBytes = 128, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {
// Two bits a trit: shifts and a mask; nothing is above the last one.
// CHECK-LABEL: func.func @i2
// CHECK-SAME: (%[[BYTES:.*]]: vector<64xi8>)
// CHECK-DAG: %[[TWO:.*]] = arith.constant dense<2> : vector<64xi8>
// CHECK-DAG: %[[THREE:.*]] = arith.constant dense<3> : vector<64xi8>
// CHECK-DAG: %[[FOUR:.*]] = arith.constant dense<4> : vector<64xi8>
// CHECK-DAG: %[[SIX:.*]] = arith.constant dense<6> : vector<64xi8>
// CHECK: %[[C0:.*]] = arith.andi %[[BYTES]], %[[THREE]]
// CHECK-NEXT: %[[S1:.*]] = arith.shrui %[[BYTES]], %[[TWO]]
// CHECK-NEXT: %[[C1:.*]] = arith.andi %[[S1]], %[[THREE]]
// CHECK-NEXT: %[[S2:.*]] = arith.shrui %[[BYTES]], %[[FOUR]]
// CHECK-NEXT: %[[C2:.*]] = arith.andi %[[S2]], %[[THREE]]
// CHECK-NEXT: %[[C3:.*]] = arith.shrui %[[BYTES]], %[[SIX]]
// CHECK-NEXT: return %[[C0]], %[[C1]], %[[C2]], %[[C3]]
func.func @i2(%bytes: vector<64xi8>) -> (vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>) {
  %c:4 = lut.unpack #lut.i2, %bytes : vector<64xi8> -> vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>
  return %c#0, %c#1, %c#2, %c#3 : vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>
}

// In place: a mask a code; the last moves down. The length is the machine's.
// CHECK-LABEL: func.func @i2_in_place
// CHECK-SAME: (%[[BYTES:.*]]: vector<[16]xi8>)
// CHECK-DAG: %[[M0:.*]] = arith.constant dense<3> : vector<[16]xi8>
// CHECK-DAG: %[[M1:.*]] = arith.constant dense<12> : vector<[16]xi8>
// CHECK-DAG: %[[M2:.*]] = arith.constant dense<48> : vector<[16]xi8>
// CHECK-DAG: %[[SIX:.*]] = arith.constant dense<6> : vector<[16]xi8>
// CHECK: %[[C0:.*]] = arith.andi %[[BYTES]], %[[M0]]
// CHECK-NEXT: %[[C1:.*]] = arith.andi %[[BYTES]], %[[M1]]
// CHECK-NEXT: %[[C2:.*]] = arith.andi %[[BYTES]], %[[M2]]
// CHECK-NEXT: %[[C3:.*]] = arith.shrui %[[BYTES]], %[[SIX]]
// CHECK-NEXT: return %[[C0]], %[[C1]], %[[C2]], %[[C3]]
func.func @i2_in_place(%bytes: vector<[16]xi8>) -> (vector<[16]xi8>, vector<[16]xi8>, vector<[16]xi8>, vector<[16]xi8>) {
  %c:4 = lut.unpack #lut.i2, %bytes as in_place : vector<[16]xi8> -> vector<[16]xi8>, vector<[16]xi8>, vector<[16]xi8>, vector<[16]xi8>
  return %c#0, %c#1, %c#2, %c#3 : vector<[16]xi8>, vector<[16]xi8>, vector<[16]xi8>, vector<[16]xi8>
}

// Pairs are the byte's halves.
// CHECK-LABEL: func.func @i2_pairs
// CHECK-DAG: %[[FOUR:.*]] = arith.constant dense<4> : vector<16xi8>
// CHECK-DAG: %[[MASK:.*]] = arith.constant dense<15> : vector<16xi8>
// CHECK: %[[LOW:.*]] = arith.andi %arg0, %[[MASK]]
// CHECK-NEXT: %[[HIGH:.*]] = arith.shrui %arg0, %[[FOUR]]
// CHECK-NEXT: return %[[LOW]], %[[HIGH]]
func.func @i2_pairs(%bytes: vector<16xi8>) -> (vector<16xi8>, vector<16xi8>) {
  %c:2 = lut.unpack #lut.i2, %bytes as pairs : vector<16xi8> -> vector<16xi8>, vector<16xi8>
  return %c#0, %c#1 : vector<16xi8>, vector<16xi8>
}

// Base 3 by tables: a quarter of the byte tells the fifth trit; what it leaves
// is an index, and entry 3 is 0 + 3·1, fields 0, 1, 0, 0.
// CHECK-LABEL: func.func @b3
// CHECK-DAG: %[[TABLE:.*]] = arith.constant dense<"0x000102040506{{.*}}"> : vector<128xi8>
// CHECK-DAG: %[[STRIDES:.*]] = arith.constant dense<[{{(0, )+(84, )+(-88(, )?)+}}]> : vector<64xi8>
// CHECK-DAG: %[[TOPS:.*]] = arith.constant dense<[{{(0, )+(1, )+(2(, )?)+}}]> : vector<64xi8>
// CHECK: %[[QUARTER:.*]] = arith.shrui %arg0
// CHECK-NEXT: %[[STRIDE:.*]] = lut.permute %[[QUARTER]], %[[STRIDES]] : vector<64xi8>, vector<64xi8>
// CHECK-DAG: %[[INDEX:.*]] = arith.subi %arg0, %[[STRIDE]]
// CHECK-DAG: lut.permute %[[QUARTER]], %[[TOPS]] : vector<64xi8>, vector<64xi8>
// CHECK: lut.permute %[[INDEX]], %[[TABLE]] : vector<64xi8>, vector<128xi8>
// CHECK-COUNT-3: arith.shrui
// CHECK-NOT: arith.cmpi
// CHECK: return
func.func @b3(%bytes: vector<64xi8>) -> (vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>) {
  %c:5 = lut.unpack #lut.b3, %bytes : vector<64xi8> -> vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>
  return %c#0, %c#1, %c#2, %c#3, %c#4 : vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>
}

// Mixed: the byte itself, what the fifth trit leaves of it, its fields, the lower
// two and the lowest.
// CHECK-LABEL: func.func @b3_mixed
// CHECK-DAG: %[[THREE:.*]] = arith.constant dense<3> : vector<64xi8>
// CHECK-DAG: %[[FIFTEEN:.*]] = arith.constant dense<15> : vector<64xi8>
// CHECK: %[[MIN:.*]] = arith.minui
// CHECK-NEXT: %[[C:.*]] = arith.minui %arg0, %[[MIN]]
// CHECK-NEXT: %[[FIELDS:.*]] = lut.permute %[[C]]
// CHECK-NEXT: %[[TWO:.*]] = arith.andi %[[FIELDS]], %[[FIFTEEN]]
// CHECK-NEXT: %[[ONE:.*]] = arith.andi %[[FIELDS]], %[[THREE]]
// CHECK-NEXT: return %arg0, %[[C]], %[[FIELDS]], %[[TWO]], %[[ONE]] :
func.func @b3_mixed(%bytes: vector<64xi8>) -> (vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>) {
  %c:5 = lut.unpack #lut.b3, %bytes as mixed : vector<64xi8> -> vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>
  return %c#0, %c#1, %c#2, %c#3, %c#4 : vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>
}

// No table spans a vector of unknown length: arithmetic.
// CHECK-LABEL: func.func @b3_scalable
// CHECK-NOT: lut.permute
// CHECK: arith.cmpi uge, {{.*}} : vector<[16]xi8>
// CHECK-NOT: lut.permute
// CHECK: return
func.func @b3_scalable(%bytes: vector<[16]xi8>) -> (vector<[16]xi8>, vector<[16]xi8>, vector<[16]xi8>, vector<[16]xi8>, vector<[16]xi8>) {
  %c:5 = lut.unpack #lut.b3, %bytes : vector<[16]xi8> -> vector<[16]xi8>, vector<[16]xi8>, vector<[16]xi8>, vector<[16]xi8>, vector<[16]xi8>
  return %c#0, %c#1, %c#2, %c#3, %c#4 : vector<[16]xi8>, vector<[16]xi8>, vector<[16]xi8>, vector<[16]xi8>, vector<[16]xi8>
}

// CHECK-LABEL: func.func @b3_portable
// CHECK-NOT: lut.permute
// Digits of 84, 27, 9 and 3.
// CHECK-COUNT-8: arith.cmpi uge
// CHECK-NOT: arith.cmpi
// CHECK: return
func.func @b3_portable(%bytes: vector<64xi8>) -> (vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>) attributes {lut.portable} {
  %c:5 = lut.unpack #lut.b3, %bytes : vector<64xi8> -> vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>
  return %c#0, %c#1, %c#2, %c#3, %c#4 : vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>
}
}

// -----

// Sixteen entries do not hold the table of 81.
module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = singles, permuteBytes = 16, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {
// CHECK-LABEL: func.func @no_table
// CHECK-NOT: lut.permute
// CHECK-COUNT-8: arith.cmpi uge
func.func @no_table(%bytes: vector<64xi8>) -> (vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>) {
  %c:5 = lut.unpack #lut.b3, %bytes : vector<64xi8> -> vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>
  return %c#0, %c#1, %c#2, %c#3, %c#4 : vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>
}
}

// -----

// General registers: eight bytes a shift, so that every code needs its mask,
// 0x0303030303030303. The twin stays with bytes.
module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = words, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {
// CHECK-LABEL: func.func @words
// CHECK-DAG: %[[SIX:.*]] = arith.constant dense<6> : vector<1xi64>
// CHECK-DAG: %[[MASK:.*]] = arith.constant dense<217020518514230019> : vector<1xi64>
// CHECK: %[[WORDS:.*]] = vector.bitcast %arg0 : vector<8xi8> to vector<1xi64>
// CHECK-NEXT: %[[C0:.*]] = arith.andi %[[WORDS]], %[[MASK]]
// CHECK-NEXT: vector.bitcast %[[C0]] : vector<1xi64> to vector<8xi8>
// CHECK: %[[S3:.*]] = arith.shrui %[[WORDS]], %[[SIX]]
// CHECK-NEXT: arith.andi %[[S3]], %[[MASK]]
func.func @words(%bytes: vector<8xi8>) -> (vector<8xi8>, vector<8xi8>, vector<8xi8>, vector<8xi8>) {
  %c:4 = lut.unpack #lut.i2, %bytes : vector<8xi8> -> vector<8xi8>, vector<8xi8>, vector<8xi8>, vector<8xi8>
  return %c#0, %c#1, %c#2, %c#3 : vector<8xi8>, vector<8xi8>, vector<8xi8>, vector<8xi8>
}

// CHECK-LABEL: func.func @words_portable
// CHECK-NOT: i64
// CHECK: return
func.func @words_portable(%bytes: vector<8xi8>) -> (vector<8xi8>, vector<8xi8>, vector<8xi8>, vector<8xi8>) attributes {lut.portable} {
  %c:4 = lut.unpack #lut.i2, %bytes : vector<8xi8> -> vector<8xi8>, vector<8xi8>, vector<8xi8>, vector<8xi8>
  return %c#0, %c#1, %c#2, %c#3 : vector<8xi8>, vector<8xi8>, vector<8xi8>, vector<8xi8>
}
}
