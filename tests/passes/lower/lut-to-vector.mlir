// The portable lowering of products and their sums: plain vector operations.
// RUN: setun-opt %s -lower-lut-to-vector | FileCheck %s

// Lane r of the sum takes the bytes 4r … 4r+3: codes unsigned, values signed,
// of which there are four.
// CHECK-LABEL: func.func @quads
// CHECK-SAME: (%[[ACC:.*]]: vector<16xi32>, %[[CODES:.*]]: vector<64xi8>, %[[Q:.*]]: vector<4xi8>)
// CHECK-NEXT: %[[WORD:.*]] = vector.bitcast %[[Q]] : vector<4xi8> to vector<1xi32>
// CHECK-NEXT: %[[FOUR:.*]] = vector.extract %[[WORD]][0]
// CHECK-NEXT: %[[WORDS:.*]] = vector.broadcast %[[FOUR]] : i32 to vector<16xi32>
// CHECK-NEXT: %[[VALUES:.*]] = vector.bitcast %[[WORDS]] : vector<16xi32> to vector<64xi8>
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
func.func @quads(%acc: vector<16xi32>, %codes: vector<64xi8>, %q: vector<4xi8>) -> vector<16xi32> {
  %r = lut.dot %acc, %codes, %q : vector<16xi32>, vector<64xi8>
  return %r : vector<16xi32>
}

// The same with a value for each code.
// CHECK-LABEL: func.func @lanes
// CHECK-NEXT: vector.shuffle %arg1, %arg1 [0, 4, 8, 12,
// CHECK-NEXT: arith.extui
// CHECK-NEXT: vector.shuffle %arg2, %arg2 [0, 4, 8, 12,
// CHECK-NEXT: arith.extsi
// CHECK: return
func.func @lanes(%acc: vector<16xi32>, %codes: vector<64xi8>, %q: vector<64xi8>) -> vector<16xi32> {
  %r = lut.dot_lanes %acc, %codes, %q
  return %r : vector<16xi32>
}

// Sixteen stores, each where the one before it ended, without a branch.
// CHECK-LABEL: func.func @append
// CHECK-NEXT: %[[V:.*]] = vector.extract %arg0[0]
// CHECK-NEXT: memref.store %[[V]], %arg2[%arg3]
// CHECK-NEXT: %[[M:.*]] = vector.extract %arg1[0]
// CHECK-NEXT: %[[STEP:.*]] = arith.index_castui %[[M]]
// CHECK-NEXT: %[[AT:.*]] = arith.addi %arg3, %[[STEP]]
// CHECK: memref.store %{{.*}}, %arg2[%[[AT]]]
// CHECK-COUNT-14: memref.store
// CHECK-NOT: memref.store
// CHECK: return
func.func @append(%values: vector<16xi32>, %mask: vector<16xi1>, %list: memref<40xi32>, %at: index) -> index {
  %next = lut.append %values where %mask, %list[%at] : memref<40xi32>
  return %next : index
}

// Two columns a lane.
// CHECK-LABEL: func.func @pairs
// CHECK: vector.shuffle {{.*}} [0, 2, 4,
// CHECK-NEXT: arith.extui {{.*}} : vector<32xi8> to vector<32xi16>
// CHECK-NEXT: vector.shuffle {{.*}} [0, 2, 4,
// CHECK-NEXT: arith.extsi {{.*}} : vector<32xi8> to vector<32xi16>
// CHECK: vector.shuffle {{.*}} [1, 3, 5,
// CHECK: return
func.func @pairs(%acc: vector<32xi16>, %codes: vector<64xi8>, %q: vector<4xi8>) -> vector<32xi16> {
  %r = lut.dot %acc, %codes, %q : vector<32xi16>, vector<64xi8>
  return %r : vector<32xi16>
}

// One: nothing is shuffled.
// CHECK-LABEL: func.func @singles
// CHECK: %[[Q:.*]] = vector.bitcast {{.*}} to vector<64xi8>
// CHECK-NEXT: %[[U:.*]] = arith.extui %arg1 : vector<64xi8> to vector<64xi16>
// CHECK-NEXT: %[[S:.*]] = arith.extsi %[[Q]] : vector<64xi8> to vector<64xi16>
// CHECK-NEXT: %[[P:.*]] = arith.muli %[[U]], %[[S]]
// CHECK-NEXT: arith.addi %arg0, %[[P]]
// CHECK-NEXT: return
func.func @singles(%acc: vector<64xi16>, %codes: vector<64xi8>, %q: vector<4xi8>) -> vector<64xi16> {
  %r = lut.dot %acc, %codes, %q : vector<64xi16>, vector<64xi8>
  return %r : vector<64xi16>
}

// Even bytes meet q[2] + q[0]·2¹⁶, odd ones q[3] + q[1]·2¹⁶: two
// multiplications for 8 codes. The mask is 0x00ff00ff00ff00ff.
// CHECK-LABEL: func.func @words
// CHECK-DAG: %[[EIGHT:.*]] = arith.constant dense<8> : vector<1xi64>
// CHECK-DAG: %[[EVEN:.*]] = arith.constant dense<71777214294589695> : vector<1xi64>
// CHECK: %[[WORDS:.*]] = vector.bitcast %arg1 : vector<8xi8> to vector<1xi64>
// CHECK-NEXT: %[[C:.*]] = arith.andi %[[WORDS]], %[[EVEN]]
// CHECK-NEXT: %[[B0:.*]] = vector.extract %arg2[0]
// CHECK-NEXT: %[[Q0:.*]] = arith.extsi %[[B0]] : i8 to i64
// CHECK-NEXT: %[[HIGH:.*]] = arith.shli %[[Q0]], %c16_i64
// CHECK-NEXT: %[[B2:.*]] = vector.extract %arg2[2]
// CHECK-NEXT: %[[Q2:.*]] = arith.extsi %[[B2]] : i8 to i64
// CHECK-NEXT: %[[PAIR:.*]] = arith.addi %[[Q2]], %[[HIGH]]
// CHECK-NEXT: %[[ALL:.*]] = vector.broadcast %[[PAIR]] : i64 to vector<1xi64>
// CHECK-NEXT: %[[P:.*]] = arith.muli %[[C]], %[[ALL]]
// CHECK-NEXT: %[[SUM:.*]] = arith.addi %arg0, %[[P]]
// CHECK-NEXT: %[[DOWN:.*]] = arith.shrui %[[WORDS]], %[[EIGHT]]
// CHECK-NEXT: arith.andi %[[DOWN]], %[[EVEN]]
// CHECK-NEXT: vector.extract %arg2[1]
// CHECK: vector.extract %arg2[3]
// CHECK: %[[P:.*]] = arith.muli
// CHECK-NEXT: arith.addi %[[SUM]], %[[P]]
// CHECK-NEXT: return
func.func @words(%acc: vector<1xi64>, %codes: vector<8xi8>, %q: vector<4xi8>) -> vector<1xi64> {
  %r = lut.dot %acc, %codes, %q : vector<1xi64>, vector<8xi8>
  return %r : vector<1xi64>
}

// Rows take turns with tokens: each code twice, once for either token.
// CHECK-LABEL: func.func @tile
// CHECK-NEXT: %[[C:.*]] = vector.shuffle %arg1, %arg1 [0, 0, 4, 4, 8, 8,
// CHECK-NEXT: %[[Q:.*]] = vector.shuffle %arg3, %arg3 [0, 8, 0, 8, 0, 8,
// CHECK-NEXT: %[[U:.*]] = arith.extui %[[C]] : vector<32xi8> to vector<32xi32>
// CHECK-NEXT: %[[S:.*]] = arith.extsi %[[Q]] : vector<32xi8> to vector<32xi32>
// CHECK-NEXT: %[[P:.*]] = arith.muli %[[U]], %[[S]]
// CHECK-NEXT: arith.addi %arg0, %[[P]]
// CHECK: vector.shuffle %arg1, %arg1 [3, 3, 7, 7,
// CHECK-NEXT: vector.shuffle %arg3, %arg3 [3, 11, 3, 11,
// CHECK: vector.shuffle %arg2, %arg2 [0, 0, 4, 4,
// CHECK-NEXT: vector.shuffle %arg3, %arg3 [4, 12, 4, 12,
// CHECK: vector.shuffle %arg2, %arg2 [3, 3, 7, 7,
// CHECK-NEXT: vector.shuffle %arg3, %arg3 [7, 15, 7, 15,
// CHECK: arith.addi
// CHECK-NEXT: return
func.func @tile(%acc: vector<32xi32>, %low: vector<64xi8>, %high: vector<64xi8>, %q: vector<16xi8>) -> vector<32xi32> {
  %r = lut.dot_tile %acc, %low, %high, %q
  return %r : vector<32xi32>
}

// CHECK-LABEL: func.func @widen_pairs
// CHECK-NEXT: vector.shuffle {{.*}} [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30] : vector<32xi16>
// CHECK-NEXT: arith.extsi {{.*}} : vector<16xi16> to vector<16xi32>
// CHECK-NEXT: arith.addi
// CHECK-NEXT: vector.shuffle {{.*}} [1, 3,
// CHECK-NEXT: arith.extsi
// CHECK-NEXT: arith.addi
// CHECK-NEXT: return
func.func @widen_pairs(%acc: vector<16xi32>, %narrow: vector<32xi16>) -> vector<16xi32> {
  %r = lut.widen %acc, %narrow : vector<16xi32>, vector<32xi16>
  return %r : vector<16xi32>
}

// CHECK-LABEL: func.func @widen_singles
// CHECK-NEXT: vector.shuffle {{.*}} [0, 4, 8,
// CHECK: vector.shuffle {{.*}} [1, 5, 9,
// CHECK: vector.shuffle {{.*}} [2, 6, 10,
// CHECK: vector.shuffle {{.*}} [3, 7, 11,
// CHECK-NEXT: arith.extsi {{.*}} : vector<16xi16> to vector<16xi32>
// CHECK-NEXT: arith.addi
// CHECK-NEXT: return
func.func @widen_singles(%acc: vector<16xi32>, %narrow: vector<64xi16>) -> vector<16xi32> {
  %r = lut.widen %acc, %narrow : vector<16xi32>, vector<64xi16>
  return %r : vector<16xi32>
}

// The bias is 0x0000800080008000: lane 1 sheds its own, lane 3 has none.
// CHECK-LABEL: func.func @widen_words
// CHECK-DAG: %[[BIAS:.*]] = arith.constant dense<140739635871744> : vector<1xi64>
// CHECK-DAG: %[[LOW:.*]] = arith.constant dense<16> : vector<1xi64>
// CHECK-DAG: %[[HIGH:.*]] = arith.constant dense<48> : vector<1xi64>
// CHECK-DAG: %[[SIGN:.*]] = arith.constant dense<-32768> : vector<1xi16>
// CHECK: %[[BIASED:.*]] = arith.addi %arg1, %[[BIAS]]
// CHECK-NEXT: %[[S1:.*]] = arith.shrui %[[BIASED]], %[[LOW]]
// CHECK-NEXT: %[[T1:.*]] = arith.trunci %[[S1]] : vector<1xi64> to vector<1xi16>
// CHECK-NEXT: %[[EVEN:.*]] = arith.addi %[[T1]], %[[SIGN]]
// CHECK-NEXT: %[[S3:.*]] = arith.shrui %[[BIASED]], %[[HIGH]]
// CHECK-NEXT: %[[ODD:.*]] = arith.trunci %[[S3]]
// CHECK-NEXT: %[[ROWS:.*]] = vector.interleave %[[EVEN]], %[[ODD]]
// CHECK-NEXT: %[[WIDE:.*]] = arith.extsi %[[ROWS]] : vector<2xi16> to vector<2xi32>
// CHECK-NEXT: arith.addi %arg0, %[[WIDE]]
// CHECK-NEXT: return
func.func @widen_words(%acc: vector<2xi32>, %narrow: vector<1xi64>) -> vector<2xi32> {
  %r = lut.widen %acc, %narrow : vector<2xi32>, vector<1xi64>
  return %r : vector<2xi32>
}

// Trits become floats: t·x + t'·x', with x and x' from the table.
// CHECK-LABEL: func.func @pick
// CHECK: %[[C:.*]] = arith.andi %arg1
// CHECK: %[[T:.*]] = arith.addi %[[C]]
// CHECK: %[[X:.*]] = vector.extract %arg2[6]
// CHECK: %[[F:.*]] = arith.sitofp %[[T]]
// CHECK: arith.mulf %[[F]]
// CHECK: arith.shrui %arg1
// CHECK: vector.extract %arg2[9]
// CHECK: %[[PAIR:.*]] = arith.addf
// CHECK-NEXT: %[[R:.*]] = arith.addf %arg0, %[[PAIR]]
// CHECK-NEXT: return %[[R]]
func.func @pick(%acc: vector<16xf32>, %codes: vector<16xi32>, %table: vector<16xf32>) -> vector<16xf32> {
  %r = lut.pick %acc, %codes, %table
  return %r : vector<16xf32>
}
