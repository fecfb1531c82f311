// Base 3 where all levels keep up with it, else two bits a trit; dense
// vectors become f32, dense matrices keep their bits.
// RUN: setun-opt %s -encode-pack-weights -split-input-file | FileCheck %s

#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = singles, permuteBytes = 128, dotMacs = 1, lookupMacs = 1, l2Bytes = 1, base3 = true>} {
// CHECK: @trits {{.*}} {lut.packing = #lut.b3}
tern.weight @trits : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in #file
// A weight that has a packing keeps it.
// CHECK: @kept {{.*}} {lut.packing = #lut.i2}
tern.weight @kept : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
// CHECK: @norm {{.*}} {lut.packing = #lut.rows<f32>}
tern.weight @norm : !tern.packed<8, #tern.dense<bf16>> in #file
// CHECK: @head {{.*}} {lut.packing = #lut.rows<bf16>}
tern.weight @head : !tern.packed<64x8, #tern.dense<bf16>> in #file
}

// -----

// A table alone does not say that it is fast.
#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = singles, permuteBytes = 128, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {
// CHECK: @trits {{.*}} {lut.packing = #lut.i2}
tern.weight @trits : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in #file
// CHECK: @kept {{.*}} {lut.packing = #lut.b3}
tern.weight @kept : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.b3}
}

// -----

// All levels read the same bytes: the one that base 3 is slow on decides.
#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
#plain = #lut.target<name = "plain", triple = "any", cpu = "c", features = "", dot = singles, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>
#best = #lut.target<name = "best", triple = "any", cpu = "c", features = "", dot = singles, permuteBytes = 128, dotMacs = 1, lookupMacs = 1, l2Bytes = 1, base3 = true>
module attributes {lut.levels = [#plain, #best]} {
// CHECK: @trits {{.*}} {lut.packing = #lut.i2}
tern.weight @trits : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in #file
}

// -----

#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
#good = #lut.target<name = "good", triple = "any", cpu = "c", features = "", dot = singles, permuteBytes = 128, dotMacs = 1, lookupMacs = 1, l2Bytes = 1, base3 = true>
#best = #lut.target<name = "best", triple = "any", cpu = "c", features = "", dot = singles, permuteBytes = 128, dotMacs = 1, lookupMacs = 1, l2Bytes = 1, base3 = true>
module attributes {lut.levels = [#good, #best]} {
// CHECK: @trits {{.*}} {lut.packing = #lut.b3}
tern.weight @trits : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in #file
}

// -----

// A large head gets a low-bit copy of its rows, of the same bytes; one that
// names a copy keeps it.
#file = #tern.source<file = 0, encoding = "bf16", offset = 64, bytes = 4194304>
module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = quads, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {
// CHECK: func.func @screened
func.func @screened(%x: tensor<?x256xf32>) -> tensor<?x4096xf32> {
  // CHECK: tern.head %{{.*}}, @head {lut.screen = @head.screen}
  %l = tern.head %x, @head : tensor<?x256xf32> -> tensor<?x4096xf32>
  return %l : tensor<?x4096xf32>
}
// CHECK: func.func @small
func.func @small(%x: tensor<?x256xf32>) -> tensor<?x4095xf32> {
  // CHECK: tern.head %{{.*}}, @less :
  %l = tern.head %x, @less : tensor<?x256xf32> -> tensor<?x4095xf32>
  return %l : tensor<?x4095xf32>
}
// CHECK: func.func @kept
func.func @kept(%x: tensor<?x256xf32>) -> tensor<?x4096xf32> {
  // CHECK: tern.head %{{.*}}, @head {lut.screen = @mine}
  %l = tern.head %x, @head {lut.screen = @mine} : tensor<?x256xf32> -> tensor<?x4096xf32>
  return %l : tensor<?x4096xf32>
}
// CHECK: @head : !tern.packed<4096x256, #tern.dense<bf16>> {{.*}} {lut.packing = #lut.rows<bf16>}
// CHECK-NEXT: @head.screen : !tern.packed<4096x256, #tern.dense<bf16>> {{.*}}offset = 64{{.*}} {lut.packing = #lut.screen}
tern.weight @head : !tern.packed<4096x256, #tern.dense<bf16>> in #file
// CHECK-NOT: @less.screen
tern.weight @less : !tern.packed<4095x256, #tern.dense<bf16>> in #file
tern.weight @mine : !tern.packed<4096x256, #tern.dense<bf16>> in #file {lut.packing = #lut.screen}
}

// -----

// Scales lie as kernels read them; what floats are picked for has two bits.
#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
#scales = #tern.source<file = 0, encoding = "f32", offset = 0, bytes = 32>
module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = singles, permuteBytes = 128, dotMacs = 1, lookupMacs = 1, l2Bytes = 1, base3 = true>} {
// CHECK: @scales {{.*}} {lut.packing = #lut.scales}
tern.weight @scales : !tern.packed<8, #tern.dense<f32>> in #scales
// CHECK: @scaled {{.*}} {lut.packing = #lut.b3}
tern.weight @scaled : !tern.packed<8x8, #tern.trit<row>> scales @scales in #file
// CHECK: @picked {{.*}} {lut.packing = #lut.i2}
tern.weight @picked : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in #file
// CHECK: @groups {{.*}} {lut.packing = #lut.scales}
tern.weight @groups : !tern.packed<8x2, #tern.dense<f32>> in #scales
// CHECK: @grouped {{.*}} {lut.packing = #lut.i2}
tern.weight @grouped : !tern.packed<8x32, #tern.trit<group, 16>> scales @groups in #file
func.func @f(%x: tensor<?x8xf32>, %y: tensor<?x32xf32>) -> (tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>) {
  %a = tern.fused_linear %x weights [@picked] : tensor<?x8xf32> -> tensor<?x8xf32>
  %b = tern.fused_linear %x quantize absmax8 weights [@scaled] : tensor<?x8xf32> -> tensor<?x8xf32>
  %c = tern.fused_linear %y quantize absmax8 weights [@grouped] : tensor<?x32xf32> -> tensor<?x8xf32>
  return %a, %b, %c : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
}
}

// -----

// Embedding and head as codes where asked for; other matrices keep their bits.
// A screen has six bits a weight: it is for heads of eight.
#file = #tern.source<file = 0, encoding = "bf16", offset = 0, bytes = 4194304>
module attributes {tern.embed = "q8", lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = singles, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {
// CHECK: @tied :{{.*}} {lut.packing = #lut.codes<8, 64>}
// CHECK: @tied.screen {{.*}} {lut.packing = #lut.screen}
tern.weight @tied : !tern.packed<8192x256, #tern.dense<bf16>> in #file
// CHECK: @other {{.*}} {lut.packing = #lut.rows<bf16>}
tern.weight @other : !tern.packed<8192x256, #tern.dense<bf16>> in #file
func.func @forward(%ids: tensor<?xi32>) -> tensor<?x8192xf32> {
  %x = tern.embedding %ids, @tied : tensor<?xi32> -> tensor<?x256xf32>
  %y = tern.fused_linear %x weights [@other] : tensor<?x256xf32> -> tensor<?x8192xf32>
  %l = tern.head %x, @tied : tensor<?x256xf32> -> tensor<?x8192xf32>
  return %l : tensor<?x8192xf32>
}
}

// -----

#file = #tern.source<file = 0, encoding = "bf16", offset = 0, bytes = 4194304>
module attributes {tern.embed = "q4", lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = singles, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {
// CHECK: @head {{.*}} {lut.packing = #lut.codes<4, 32>}
// CHECK-NOT: lut.screen
tern.weight @head : !tern.packed<8192x256, #tern.dense<bf16>> in #file
func.func @forward(%x: tensor<?x256xf32>) -> tensor<?x8192xf32> {
  %l = tern.head %x, @head : tensor<?x256xf32> -> tensor<?x8192xf32>
  return %l : tensor<?x8192xf32>
}
}
