// Base 3 where one instruction indexes 81 bytes, else two bits a trit; dense
// vectors become f32, dense matrices keep their bits.
// RUN: setun-opt %s -encode-pack-weights -split-input-file | FileCheck %s

#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
module attributes {lut.target = #lut.target<triple = "any", cpu = "c", features = "", dot = none, permuteBytes = 81, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {
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

// One entry too few.
#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
module attributes {lut.target = #lut.target<triple = "any", cpu = "c", features = "", dot = none, permuteBytes = 80, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {
// CHECK: @trits {{.*}} {lut.packing = #lut.i2}
tern.weight @trits : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in #file
// CHECK: @kept {{.*}} {lut.packing = #lut.b3}
tern.weight @kept : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.b3}
}
