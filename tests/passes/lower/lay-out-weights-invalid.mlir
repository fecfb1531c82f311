// A weight without a packing, and such with one that cannot hold it.
// RUN: setun-opt %s -lower-lay-out-weights -split-input-file -verify-diagnostics

// expected-error @+1 {{has no packing; run the encode stage first}}
tern.weight @w : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 16>

// -----

// expected-error @+1 {{found packing #lut.rows<f32> for '!tern.packed<8x8, #tern.trit<tensor>>', expected one of #lut.rows, #lut.codes and #lut.scales for dense weights only}}
tern.weight @w : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 16> {lut.packing = #lut.rows<f32>}

// -----

// expected-error @+1 {{found packing #lut.i2 for '!tern.packed<8x8, #tern.dense<f32>>'}}
tern.weight @w : !tern.packed<8x8, #tern.dense<f32>> in <file = 0, encoding = "f32", offset = 0, bytes = 256> {lut.packing = #lut.i2}

// -----

// expected-error @+1 {{found packing #lut.rows<bf16> for a vector, expected #lut.rows<f32>}}
tern.weight @w : !tern.packed<8, #tern.dense<bf16>> in <file = 0, encoding = "bf16", offset = 0, bytes = 16> {lut.packing = #lut.rows<bf16>}

// -----

// expected-error @+1 {{found packing #lut.codes<8, 32> for a vector, expected it for a matrix}}
tern.weight @w : !tern.packed<8, #tern.dense<bf16>> in <file = 0, encoding = "bf16", offset = 0, bytes = 16> {lut.packing = #lut.codes<8, 32>}

// -----

// expected-error @+1 {{found packing #lut.lines<rows>, expected it in 'lut.skip_packing' only}}
tern.weight @w : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 16> {lut.packing = #lut.lines<rows>}

// -----

// expected-error @+1 {{found 'lut.skip_packing' for '!tern.packed<8x8, #tern.dense<f32>>', expected it for trits only}}
tern.weight @w : !tern.packed<8x8, #tern.dense<f32>> in <file = 0, encoding = "f32", offset = 0, bytes = 256> {lut.packing = #lut.rows<f32>, lut.skip_packing = #lut.lines<rows>}

// -----

// expected-error @+1 {{found packing #lut.screen for '!tern.packed<8, #tern.dense<bf16>>', expected a dense matrix}}
tern.weight @w : !tern.packed<8, #tern.dense<bf16>> in <file = 0, encoding = "bf16", offset = 0, bytes = 16> {lut.packing = #lut.screen}
