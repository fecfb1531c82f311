// What has no packing, and a module without a machine. All weights at once.
// RUN: setun-opt %s -encode-pack-weights -split-input-file -verify-diagnostics

// expected-error @+1 {{has no 'lut.target' attribute, and nothing around it has one}}
module {
}

// -----

#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = singles, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {
// expected-error @+1 {{no packing holds '!tern.packed<8x8, #tern.trit<row>>'; expected trits with one scale a tensor}}
tern.weight @a : !tern.packed<8x8, #tern.trit<row>> alpha 1.0 in #file
// expected-error @+1 {{no packing holds '!tern.packed<8x8, #tern.trit<group, 4>>'}}
tern.weight @b : !tern.packed<8x8, #tern.trit<group, 4>> alpha 1.0 in #file
}
