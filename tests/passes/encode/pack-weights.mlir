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
