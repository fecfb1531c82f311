// What each feature set selects; what it lacks is left to the portable lowering.
// RUN: sed -e s/FEATURES/+dotprod,+i8mm,+sve2/ %s | setun-opt -codegen-select-instructions | FileCheck %s --check-prefixes=CHECK,DOT,I8MM,SVE
// RUN: sed -e s/FEATURES/+sve/ %s | setun-opt -codegen-select-instructions | FileCheck %s --check-prefixes=CHECK,NODOT,NOI8MM,SVE
// RUN: sed -e s/FEATURES/+dotprod,+i8mm/ %s | setun-opt -codegen-select-instructions | FileCheck %s --check-prefixes=CHECK,DOT,I8MM,NOSVE
// RUN: sed -e s/FEATURES/+dotprod/ %s | setun-opt -codegen-select-instructions | FileCheck %s --check-prefixes=CHECK,DOT,NOI8MM,NOSVE
// RUN: sed -e s/FEATURES// %s | setun-opt -codegen-select-instructions | FileCheck %s --check-prefixes=CHECK,NODOT,NOI8MM,NOSVE

module attributes {lut.target = #lut.target<name = "c", triple = "aarch64-unknown-linux-musl", cpu = "generic", features = "FEATURES", dot = singles, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {

// Four rows at once; all four instructions share the activations.
// CHECK-LABEL: func.func @quads
// DOT: %[[WORD:.*]] = vector.extract {{.*}} : i32
// DOT-NEXT: %[[WORDS:.*]] = vector.broadcast %[[WORD]] : i32 to vector<4xi32>
// DOT-NEXT: %[[Q:.*]] = vector.bitcast %[[WORDS]] : vector<4xi32> to vector<16xi8>
// DOT-NEXT: %[[ACC:.*]] = vector.extract_strided_slice %arg0 {offsets = [0], sizes = [4], strides = [1]}
// DOT-NEXT: %[[CODES:.*]] = vector.extract_strided_slice %arg1 {offsets = [0], sizes = [16], strides = [1]}
// DOT-NEXT: %[[FIRST:.*]] = llvm.call_intrinsic "llvm.aarch64.neon.sdot.v4i32.v16i8"(%[[ACC]], %[[CODES]], %[[Q]]) : (vector<4xi32>, vector<16xi8>, vector<16xi8>) -> vector<4xi32>
// DOT: vector.extract_strided_slice %arg0 {offsets = [12],
// DOT-NEXT: vector.extract_strided_slice %arg1 {offsets = [48],
// DOT-NEXT: llvm.call_intrinsic "llvm.aarch64.neon.sdot.v4i32.v16i8"({{.*}}, %[[Q]])
// DOT-NEXT: vector.shuffle %[[FIRST]], {{.*}} [0, 1, 2, 3, 4, 5, 6, 7]
// NODOT-NEXT: lut.dot
// CHECK: return
func.func @quads(%acc: vector<16xi32>, %codes: vector<64xi8>, %q: vector<4xi8>) -> vector<16xi32> {
  %r = lut.dot %acc, %codes, %q : vector<16xi32>, vector<64xi8>
  return %r : vector<16xi32>
}

// As many rows as a vector holds; SVE has it without FEAT_DotProd.
// CHECK-LABEL: func.func @scalable
// SVE: %[[WORDS:.*]] = vector.broadcast {{.*}} : i32 to vector<[4]xi32>
// SVE-NEXT: %[[Q:.*]] = vector.bitcast %[[WORDS]] : vector<[4]xi32> to vector<[16]xi8>
// SVE-NEXT: llvm.call_intrinsic "llvm.aarch64.sve.sdot.nxv4i32"(%arg0, %arg1, %[[Q]])
// NOSVE-NEXT: lut.dot
// CHECK: return
func.func @scalable(%acc: vector<[4]xi32>, %codes: vector<[16]xi8>, %q: vector<4xi8>) -> vector<[4]xi32> {
  %r = lut.dot %acc, %codes, %q : vector<[4]xi32>, vector<[16]xi8>
  return %r : vector<[4]xi32>
}

// Every AArch64 has smlal and smlal2, which the back end makes of smull and an
// addition. The empty line of assembly hides that both halves are the same.
// CHECK-LABEL: func.func @singles
// CHECK: %[[SPREAD:.*]] = vector.bitcast {{.*}} : vector<4xi32> to vector<16xi8>
// CHECK-NEXT: %[[Q:.*]] = llvm.inline_asm "", "=w,0" %[[SPREAD]] : (vector<16xi8>) -> vector<16xi8>
// CHECK-NEXT: %[[C:.*]] = vector.extract_strided_slice %arg1 {offsets = [0], sizes = [8], strides = [1]}
// CHECK-NEXT: %[[LOW:.*]] = vector.extract_strided_slice %[[Q]] {offsets = [0], sizes = [8], strides = [1]}
// CHECK-NEXT: %[[P:.*]] = llvm.call_intrinsic "llvm.aarch64.neon.smull.v8i16"(%[[C]], %[[LOW]]) : (vector<8xi8>, vector<8xi8>) -> vector<8xi16>
// CHECK-NEXT: %[[ACC:.*]] = vector.extract_strided_slice %arg0 {offsets = [0], sizes = [8], strides = [1]}
// CHECK-NEXT: arith.addi %[[ACC]], %[[P]]
// CHECK-NEXT: vector.extract_strided_slice %arg1 {offsets = [8],
// CHECK-NEXT: %[[HIGH:.*]] = vector.extract_strided_slice %[[Q]] {offsets = [8],
// CHECK-NEXT: "llvm.aarch64.neon.smull.v8i16"({{.*}}, %[[HIGH]])
// CHECK-COUNT-6: "llvm.aarch64.neon.smull.v8i16"
// CHECK-NOT: "llvm.aarch64.neon.smull.v8i16"
// CHECK: return
func.func @singles(%acc: vector<64xi16>, %codes: vector<64xi8>, %q: vector<4xi8>) -> vector<64xi16> {
  %r = lut.dot %acc, %codes, %q : vector<64xi16>, vector<64xi8>
  return %r : vector<64xi16>
}

// CHECK-LABEL: func.func @widen
// CHECK: %[[A:.*]] = llvm.call_intrinsic "llvm.aarch64.neon.saddlp.v4i32.v8i16"
// CHECK: %[[B:.*]] = llvm.call_intrinsic "llvm.aarch64.neon.saddlp.v4i32.v8i16"
// CHECK-NEXT: llvm.call_intrinsic "llvm.aarch64.neon.addp.v4i32"(%[[A]], %[[B]])
// CHECK-COUNT-3: "llvm.aarch64.neon.addp.v4i32"
// CHECK: arith.addi %arg0
func.func @widen(%acc: vector<16xi32>, %narrow: vector<64xi16>) -> vector<16xi32> {
  %r = lut.widen %acc, %narrow : vector<16xi32>, vector<64xi16>
  return %r : vector<16xi32>
}

// Two rows of eight codes: four low ones, then four high ones each.
// CHECK-LABEL: func.func @tile
// I8MM-NEXT: %[[LOW:.*]] = vector.extract_strided_slice %arg1 {offsets = [0], sizes = [16], strides = [1]}
// I8MM-NEXT: %[[HIGH:.*]] = vector.extract_strided_slice %arg2 {offsets = [0], sizes = [16], strides = [1]}
// I8MM-NEXT: %[[ROWS:.*]] = vector.shuffle %[[LOW]], %[[HIGH]] [0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23]
// I8MM-NEXT: %[[ACC:.*]] = vector.extract_strided_slice %arg0 {offsets = [0], sizes = [4], strides = [1]}
// I8MM-NEXT: llvm.call_intrinsic "llvm.aarch64.neon.smmla.v4i32.v16i8"(%[[ACC]], %[[ROWS]], %arg3)
// I8MM: [8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31]
// I8MM-NEXT: vector.extract_strided_slice %arg0 {offsets = [4],
// I8MM-COUNT-7: "llvm.aarch64.neon.smmla.v4i32.v16i8"
// I8MM-NOT: smmla
// NOI8MM-NEXT: lut.dot_tile
// CHECK: return
func.func @tile(%acc: vector<32xi32>, %low: vector<64xi8>, %high: vector<64xi8>, %q: vector<16xi8>) -> vector<32xi32> {
  %r = lut.dot_tile %acc, %low, %high, %q
  return %r : vector<32xi32>
}

// CHECK-LABEL: func.func @sixteen
// CHECK-NEXT: llvm.call_intrinsic "llvm.aarch64.neon.tbl1.v16i8"(%arg1, %arg0)
// CHECK-NEXT: return
func.func @sixteen(%index: vector<16xi8>, %table: vector<16xi8>) -> vector<16xi8> {
  %r = lut.permute %index, %table : vector<16xi8>, vector<16xi8>
  return %r : vector<16xi8>
}

// tbl knows four registers, tbx the next four: indices less 64, and where that
// wraps it keeps what tbl has found.
// CHECK-LABEL: func.func @hundred
// CHECK: %[[SIXTYFOUR:.*]] = arith.constant dense<64> : vector<16xi8>
// CHECK: %[[T0:.*]] = vector.extract_strided_slice %arg1 {offsets = [0],
// CHECK: %[[T3:.*]] = vector.extract_strided_slice %arg1 {offsets = [48],
// CHECK: %[[T4:.*]] = vector.extract_strided_slice %arg1 {offsets = [64],
// CHECK: %[[T7:.*]] = vector.extract_strided_slice %arg1 {offsets = [112],
// CHECK: %[[I:.*]] = vector.extract_strided_slice %arg0 {offsets = [0],
// CHECK-NEXT: %[[FOUND:.*]] = llvm.call_intrinsic "llvm.aarch64.neon.tbl4.v16i8"(%[[T0]], {{.*}}, %[[T3]], %[[I]])
// CHECK-NEXT: %[[REST:.*]] = arith.subi %[[I]], %[[SIXTYFOUR]]
// CHECK-NEXT: llvm.call_intrinsic "llvm.aarch64.neon.tbx4.v16i8"(%[[FOUND]], %[[T4]], {{.*}}, %[[T7]], %[[REST]])
// CHECK-COUNT-3: "llvm.aarch64.neon.tbx4.v16i8"
func.func @hundred(%index: vector<64xi8>, %table: vector<128xi8>) -> vector<64xi8> {
  %r = lut.permute %index, %table : vector<64xi8>, vector<128xi8>
  return %r : vector<64xi8>
}

// Other forms of products are other machines'.
// CHECK-LABEL: func.func @others
// CHECK-NEXT: lut.dot
// CHECK-NEXT: lut.dot
// CHECK-NEXT: lut.widen
// CHECK-NEXT: lut.widen
// CHECK-NEXT: return
func.func @others(%acc: vector<16xi32>, %pairs: vector<32xi16>, %codes: vector<64xi8>, %q: vector<4xi8>, %two: vector<2xi32>, %word: vector<1xi64>, %piece: vector<8xi8>) -> (vector<16xi32>, vector<2xi32>) {
  %a = lut.dot %pairs, %codes, %q : vector<32xi16>, vector<64xi8>
  %b = lut.dot %word, %piece, %q : vector<1xi64>, vector<8xi8>
  %c = lut.widen %acc, %a : vector<16xi32>, vector<32xi16>
  %d = lut.widen %two, %b : vector<2xi32>, vector<1xi64>
  return %c, %d : vector<16xi32>, vector<2xi32>
}

// The twin that judges a kernel keeps the portable lowering.
// CHECK-LABEL: func.func @twin_portable
// CHECK-NEXT: lut.dot
// CHECK-NEXT: lut.widen
// CHECK-NEXT: lut.dot
// CHECK-NEXT: lut.permute
// CHECK-NEXT: return
func.func @twin_portable(%acc: vector<16xi32>, %singles: vector<64xi16>, %codes: vector<64xi8>, %q: vector<4xi8>) -> (vector<16xi32>, vector<64xi8>) attributes {lut.portable} {
  %a = lut.dot %singles, %codes, %q : vector<64xi16>, vector<64xi8>
  %b = lut.widen %acc, %a : vector<16xi32>, vector<64xi16>
  %c = lut.dot %b, %codes, %q : vector<16xi32>, vector<64xi8>
  %d = lut.permute %codes, %codes : vector<64xi8>, vector<64xi8>
  return %c, %d : vector<16xi32>, vector<64xi8>
}
}
