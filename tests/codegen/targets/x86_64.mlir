// What each feature set selects; what it lacks is left to the portable lowering.
// RUN: sed -e s/CPU/x86-64-v4/ -e s/FEATURES/+avx512vnni,+avx512vbmi,+gfni/ %s | setun-opt -codegen-select-instructions | FileCheck %s --check-prefixes=CHECK,VNNI512
// RUN: sed -e s/CPU/x86-64-v3/ -e s/FEATURES/+avxvnni/ %s | setun-opt -codegen-select-instructions | FileCheck %s --check-prefixes=CHECK,VNNI256
// RUN: sed -e s/CPU/x86-64-v4/ -e s/FEATURES// %s | setun-opt -codegen-select-instructions | FileCheck %s --check-prefixes=CHECK,BW
// RUN: sed -e s/CPU/x86-64-v3/ -e s/FEATURES// %s | setun-opt -codegen-select-instructions | FileCheck %s --check-prefixes=CHECK,AVX2
// RUN: sed -e s/CPU/x86-64/ -e s/FEATURES// %s | setun-opt -codegen-select-instructions | FileCheck %s --check-prefixes=CHECK,NONE

module attributes {lut.target = #lut.target<name = "c", triple = "x86_64-unknown-linux-musl", cpu = "CPU", features = "FEATURES", dot = singles, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {

// CHECK-LABEL: func.func @quads
// VNNI512: %[[WORD:.*]] = vector.extract {{.*}} : i32
// VNNI512-NEXT: %[[WORDS:.*]] = vector.broadcast %[[WORD]] : i32 to vector<16xi32>
// VNNI512-NEXT: %[[Q:.*]] = vector.bitcast %[[WORDS]] : vector<16xi32> to vector<64xi8>
// VNNI512-NEXT: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"(%arg0, %arg1, %[[Q]]) : (vector<16xi32>, vector<64xi8>, vector<64xi8>) -> vector<16xi32>
// VNNI256: vector.extract_strided_slice %arg0 {offsets = [0], sizes = [8], strides = [1]}
// VNNI256: %[[LOW:.*]] = llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.256"({{.*}}) : (vector<8xi32>, vector<32xi8>, vector<32xi8>) -> vector<8xi32>
// VNNI256: vector.extract_strided_slice %arg0 {offsets = [8], sizes = [8], strides = [1]}
// VNNI256: vector.extract_strided_slice %arg1 {offsets = [32], sizes = [32], strides = [1]}
// VNNI256: %[[HIGH:.*]] = llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.256"
// VNNI256: vector.shuffle %[[LOW]], %[[HIGH]] [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
// BW-NEXT: lut.dot
// AVX2-NEXT: lut.dot
// NONE-NEXT: lut.dot
// CHECK: return
func.func @quads(%acc: vector<16xi32>, %codes: vector<64xi8>, %q: vector<4xi8>) -> vector<16xi32> {
  %r = lut.dot %acc, %codes, %q : vector<16xi32>, vector<64xi8>
  return %r : vector<16xi32>
}

// Not gf2p8affineqb, which LLVM makes of shifted bytes.
// CHECK-LABEL: func.func @shift
// VNNI512-DAG: %[[SIX:.*]] = arith.constant dense<6> : vector<32xi16>
// VNNI512-DAG: %[[THREES:.*]] = arith.constant dense<771> : vector<32xi16>
// VNNI512: %[[WIDE:.*]] = vector.bitcast %arg0 : vector<64xi8> to vector<32xi16>
// VNNI512: %[[MOVED:.*]] = arith.shrui %[[WIDE]], %[[SIX]]
// VNNI512: arith.andi %[[MOVED]], %[[THREES]]
// VNNI256: arith.shrui %arg0
// BW: arith.shrui %arg0
// AVX2: arith.shrui %arg0
// NONE: arith.shrui %arg0
// CHECK: return
func.func @shift(%bytes: vector<64xi8>) -> vector<64xi8> {
  %six = arith.constant dense<6> : vector<64xi8>
  %r = arith.shrui %bytes, %six : vector<64xi8>
  return %r : vector<64xi8>
}

// CHECK-LABEL: func.func @lanes
// VNNI512-NEXT: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"(%arg0, %arg1, %arg2)
// VNNI256-COUNT-2: "llvm.x86.avx512.vpdpbusd.256"
// BW-NEXT: lut.dot_lanes
// AVX2-NEXT: lut.dot_lanes
// NONE-NEXT: lut.dot_lanes
// CHECK: return
func.func @lanes(%acc: vector<16xi32>, %codes: vector<64xi8>, %q: vector<64xi8>) -> vector<16xi32> {
  %r = lut.dot_lanes %acc, %codes, %q
  return %r : vector<16xi32>
}

// CHECK-LABEL: func.func @append
// VNNI512-NEXT: %[[CHOSEN:.*]] = llvm.call_intrinsic "llvm.x86.avx512.mask.compress.v16i32"(%arg0, %arg0, %arg1)
// VNNI512-NEXT: vector.store %[[CHOSEN]], %arg2[%arg3]
// VNNI512-NEXT: %[[BITS:.*]] = llvm.bitcast %arg1 : vector<16xi1> to i16
// VNNI512-NEXT: %[[COUNT:.*]] = llvm.call_intrinsic "llvm.ctpop.i16"(%[[BITS]])
// VNNI512-NEXT: %[[STEP:.*]] = arith.index_castui %[[COUNT]]
// VNNI512-NEXT: arith.addi %arg3, %[[STEP]]
// BW: "llvm.x86.avx512.mask.compress.v16i32"
// VNNI256-NEXT: lut.append
// AVX2-NEXT: lut.append
// NONE-NEXT: lut.append
// CHECK: return
func.func @append(%values: vector<16xi32>, %mask: vector<16xi1>, %list: memref<40xi32>, %at: index) -> index {
  %next = lut.append %values where %mask, %list[%at] : memref<40xi32>
  return %next : index
}

// CHECK-LABEL: func.func @pairs
// VNNI512: %[[P:.*]] = llvm.call_intrinsic "llvm.x86.avx512.pmaddubs.w.512"(%arg1, %{{.*}}) : (vector<64xi8>, vector<64xi8>) -> vector<32xi16>
// VNNI512-NEXT: arith.addi %arg0, %[[P]]
// BW: %[[P:.*]] = llvm.call_intrinsic "llvm.x86.avx512.pmaddubs.w.512"(%arg1, %{{.*}})
// BW-NEXT: arith.addi %arg0, %[[P]]
// VNNI256-COUNT-2: "llvm.x86.avx2.pmadd.ub.sw"
// AVX2-COUNT-2: "llvm.x86.avx2.pmadd.ub.sw"({{.*}}) : (vector<32xi8>, vector<32xi8>) -> vector<16xi16>
// AVX2: arith.addi %arg0
// NONE-NEXT: lut.dot
// CHECK: return
func.func @pairs(%acc: vector<32xi16>, %codes: vector<64xi8>, %q: vector<4xi8>) -> vector<32xi16> {
  %r = lut.dot %acc, %codes, %q : vector<32xi16>, vector<64xi8>
  return %r : vector<32xi16>
}

// CHECK-LABEL: func.func @widen
// BW: %[[ONES:.*]] = arith.constant dense<1> : vector<32xi16>
// BW-NEXT: %[[S:.*]] = llvm.call_intrinsic "llvm.x86.avx512.pmaddw.d.512"(%arg1, %[[ONES]]) : (vector<32xi16>, vector<32xi16>) -> vector<16xi32>
// BW-NEXT: arith.addi %arg0, %[[S]]
// VNNI512: "llvm.x86.avx512.pmaddw.d.512"
// AVX2-COUNT-2: "llvm.x86.avx2.pmadd.wd"({{.*}}) : (vector<16xi16>, vector<16xi16>) -> vector<8xi32>
// VNNI256-COUNT-2: "llvm.x86.avx2.pmadd.wd"
// NONE-NEXT: lut.widen
// CHECK: return
func.func @widen(%acc: vector<16xi32>, %narrow: vector<32xi16>) -> vector<16xi32> {
  %r = lut.widen %acc, %narrow : vector<16xi32>, vector<32xi16>
  return %r : vector<16xi32>
}

// A table of 128 entries is two registers.
// CHECK-LABEL: func.func @permute
// VNNI512-NEXT: %[[LOW:.*]] = vector.extract_strided_slice %arg1 {offsets = [0], sizes = [64], strides = [1]}
// VNNI512-NEXT: %[[HIGH:.*]] = vector.extract_strided_slice %arg1 {offsets = [64], sizes = [64], strides = [1]}
// VNNI512-NEXT: llvm.call_intrinsic "llvm.x86.avx512.vpermi2var.qi.512"(%[[LOW]], %arg0, %[[HIGH]])
// VNNI256-NEXT: lut.permute
// BW-NEXT: lut.permute
// AVX2-NEXT: lut.permute
// NONE-NEXT: lut.permute
// CHECK: return
func.func @permute(%index: vector<64xi8>, %table: vector<128xi8>) -> vector<64xi8> {
  %r = lut.permute %index, %table : vector<64xi8>, vector<128xi8>
  return %r : vector<64xi8>
}

// A smaller one is not for vpermi2b; nor are fewer indices, and forms of
// products that other machines are good at.
// CHECK-LABEL: func.func @others
// CHECK-NEXT: lut.permute
// CHECK-NEXT: lut.permute
// CHECK-NEXT: lut.dot
// CHECK-NEXT: lut.dot
// CHECK-NEXT: lut.dot_tile
// CHECK-NEXT: lut.widen
// CHECK-NEXT: lut.widen
// CHECK-NEXT: return
func.func @others(%codes: vector<64xi8>, %table: vector<128xi8>, %q: vector<4xi8>, %both: vector<16xi8>, %singles: vector<64xi16>, %tile: vector<32xi32>, %acc: vector<16xi32>, %two: vector<2xi32>, %word: vector<1xi64>, %piece: vector<8xi8>) -> (vector<16xi8>, vector<32xi32>, vector<16xi32>, vector<2xi32>) {
  %a = lut.permute %codes, %codes : vector<64xi8>, vector<64xi8>
  %b = lut.permute %both, %table : vector<16xi8>, vector<128xi8>
  %c = lut.dot %singles, %a, %q : vector<64xi16>, vector<64xi8>
  %d = lut.dot %word, %piece, %q : vector<1xi64>, vector<8xi8>
  %e = lut.dot_tile %tile, %a, %codes, %both
  %f = lut.widen %acc, %c : vector<16xi32>, vector<64xi16>
  %g = lut.widen %two, %d : vector<2xi32>, vector<1xi64>
  return %b, %e, %f, %g : vector<16xi8>, vector<32xi32>, vector<16xi32>, vector<2xi32>
}

// CHECK-LABEL: func.func @tokens
// VNNI512: %[[CODES:.*]] = vector.bitcast %{{.*}} : vector<8xi64> to vector<64xi8>
// VNNI512-NEXT: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"(%arg0, %[[CODES]], %arg2)
// VNNI256-NEXT: lut.dot_tokens
// BW-NEXT: lut.dot_tokens
// NONE-NEXT: lut.dot_tokens
func.func @tokens(%acc: vector<16xi32>, %codes: vector<8xi8>, %q: vector<64xi8>) -> vector<16xi32> {
  %r = lut.dot_tokens %acc, %codes, %q
  return %r : vector<16xi32>
}

// The twin that judges a kernel keeps the portable lowering.
// CHECK-LABEL: func.func @twin_portable
// CHECK-NEXT: lut.dot
// CHECK-NEXT: lut.dot
// CHECK-NEXT: lut.widen
// CHECK-NEXT: lut.permute
// CHECK-NEXT: return
func.func @twin_portable(%acc: vector<16xi32>, %pairs: vector<32xi16>, %codes: vector<64xi8>, %q: vector<4xi8>, %table: vector<128xi8>) -> (vector<16xi32>, vector<64xi8>) attributes {lut.portable} {
  %a = lut.dot %acc, %codes, %q : vector<16xi32>, vector<64xi8>
  %b = lut.dot %pairs, %codes, %q : vector<32xi16>, vector<64xi8>
  %c = lut.widen %a, %b : vector<16xi32>, vector<32xi16>
  %d = lut.permute %codes, %table : vector<64xi8>, vector<128xi8>
  return %c, %d : vector<16xi32>, vector<64xi8>
}
}
