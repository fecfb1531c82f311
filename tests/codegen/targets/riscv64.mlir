// RVV's instructions come of plain vector operations; only what the back end
// would do badly is selected. RV64GC has nothing to select.
// RUN: sed -e s/FEATURES/,+v/ %s | setun-opt -codegen-select-instructions | FileCheck %s --check-prefixes=CHECK,RVV
// RUN: sed -e s/FEATURES// %s | setun-opt -codegen-select-instructions | FileCheck %s --check-prefixes=CHECK,SCALAR

module attributes {lut.target = #lut.target<name = "c", triple = "riscv64-unknown-linux-musl", cpu = "generic-rv64", features = "+m,+a,+f,+d,+cFEATURES", dot = singles, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {

// The four activations are one scalar, and all 64 lanes get one product.
// CHECK-LABEL: func.func @singles
// RVV-NEXT: %[[WORD:.*]] = llvm.bitcast %arg2 : vector<4xi8> to i32
// RVV-NEXT: %[[WORDS:.*]] = vector.broadcast %[[WORD]] : i32 to vector<16xi32>
// RVV-NEXT: %[[Q:.*]] = vector.bitcast %[[WORDS]] : vector<16xi32> to vector<64xi8>
// RVV-NEXT: %[[U:.*]] = arith.extui %arg1 : vector<64xi8> to vector<64xi16>
// RVV-NEXT: %[[S:.*]] = arith.extsi %[[Q]] : vector<64xi8> to vector<64xi16>
// RVV-NEXT: %[[P:.*]] = arith.muli %[[U]], %[[S]]
// RVV-NEXT: arith.addi %arg0, %[[P]]
// SCALAR-NEXT: lut.dot
// CHECK-NEXT: return
func.func @singles(%acc: vector<64xi16>, %codes: vector<64xi8>, %q: vector<4xi8>) -> vector<64xi16> {
  %r = lut.dot %acc, %codes, %q : vector<64xi16>, vector<64xi8>
  return %r : vector<64xi16>
}

// A register holds 16 bytes on any VLEN.
// CHECK-LABEL: func.func @sixteen
// RVV-DAG: %[[NONE:.*]] = llvm.mlir.poison : vector<[8]xi8>
// RVV-DAG: %[[LENGTH:.*]] = llvm.mlir.constant(16 : i64)
// RVV: %[[TABLE:.*]] = llvm.intr.vector.insert %arg1, %[[NONE]][0] : vector<16xi8> into vector<[8]xi8>
// RVV-NEXT: %[[INDEX:.*]] = llvm.intr.vector.insert %arg0, %[[NONE]][0]
// RVV-NEXT: %[[FOUND:.*]] = llvm.call_intrinsic "llvm.riscv.vrgather.vv"(%[[NONE]], %[[TABLE]], %[[INDEX]], %[[LENGTH]])
// RVV-NEXT: llvm.intr.vector.extract %[[FOUND]][0] : vector<16xi8> from vector<[8]xi8>
// SCALAR-NEXT: lut.permute
// CHECK-NEXT: return
func.func @sixteen(%index: vector<16xi8>, %table: vector<16xi8>) -> vector<16xi8> {
  %r = lut.permute %index, %table : vector<16xi8>, vector<16xi8>
  return %r : vector<16xi8>
}

// More than that it need not hold.
// CHECK-LABEL: func.func @others
// CHECK-NEXT: lut.permute
// CHECK-NEXT: lut.dot
// CHECK-NEXT: lut.widen
// CHECK-NEXT: lut.dot
// CHECK-NEXT: lut.dot_tile
// CHECK-NEXT: return
func.func @others(%acc: vector<16xi32>, %tile: vector<32xi32>, %codes: vector<64xi8>, %q: vector<4xi8>, %both: vector<16xi8>, %two: vector<2xi32>, %word: vector<1xi64>, %piece: vector<8xi8>) -> (vector<2xi32>, vector<16xi32>, vector<32xi32>) {
  %a = lut.permute %codes, %codes : vector<64xi8>, vector<64xi8>
  %b = lut.dot %word, %piece, %q : vector<1xi64>, vector<8xi8>
  %c = lut.widen %two, %b : vector<2xi32>, vector<1xi64>
  %d = lut.dot %acc, %a, %q : vector<16xi32>, vector<64xi8>
  %e = lut.dot_tile %tile, %a, %codes, %both
  return %c, %d, %e : vector<2xi32>, vector<16xi32>, vector<32xi32>
}

// The twin that judges a kernel keeps the portable lowering.
// CHECK-LABEL: func.func @twin_portable
// CHECK-NEXT: lut.dot
// CHECK-NEXT: lut.permute
// CHECK-NEXT: return
func.func @twin_portable(%acc: vector<64xi16>, %codes: vector<64xi8>, %q: vector<4xi8>, %index: vector<16xi8>) -> (vector<64xi16>, vector<16xi8>) attributes {lut.portable} {
  %a = lut.dot %acc, %codes, %q : vector<64xi16>, vector<64xi8>
  %b = lut.permute %index, %index : vector<16xi8>, vector<16xi8>
  return %a, %b : vector<64xi16>, vector<16xi8>
}
}
