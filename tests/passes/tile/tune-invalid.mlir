// RUN: setun-opt %s -tile-tune -split-input-file -verify-diagnostics

// Somebody edited it.
module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = quads, permuteBytes = 0, dotMacs = 2, lookupMacs = 1, l2Bytes = 1>,
  lut.tuning = [#lut.choice<level = "c", rows = [64], columns = 16, gate = "", residual = false, packing = #lut.i2, decode = #lut.tile<rows = 1, strategy = mad, blocks = 3, unroll = 3, tokens = 1>>]} {
tern.weight @a : !tern.packed<64x16, #tern.trit<tensor>> alpha 1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 64> {lut.packing = #lut.i2}
func.func @forward(%x: tensor<?x16xf32>) -> tensor<?x64xf32> {
  // expected-error @+1 {{lut.tuning: found unroll 3, expected a divisor of the 4 blocks of the matrix (rule 3)}}
  %a = tern.fused_linear %x quantize absmax8 weights [@a] : tensor<?x16xf32> -> tensor<?x64xf32>
  return %a : tensor<?x64xf32>
}
}

// -----

// expected-error @+1 {{found #lut.lines<rows>, expected a packing of blocks (rule 1)}}
module attributes {lut.tuning = [#lut.choice<level = "", rows = [64], columns = 16, gate = "", residual = false, packing = #lut.lines<rows>>]} {
}

// -----

// expected-error @+1 {{found tiles without a level (rule 1)}}
module attributes {lut.tuning = [#lut.choice<level = "", rows = [64], columns = 16, gate = "", residual = false, packing = #lut.i2, decode = #lut.tile<rows = 1, strategy = mad, blocks = 3, unroll = 3, tokens = 1>>]} {
}

// -----

// expected-error @+1 {{found 'lut.tuning' = 3 : i64, which the lut dialect does not know}}
module attributes {lut.tuning = 3} {
}
