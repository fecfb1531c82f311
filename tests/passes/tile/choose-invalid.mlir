// No machine; no packing.
// RUN: setun-opt %s -tile-choose -split-input-file -verify-diagnostics

module {
// expected-error @+1 {{has no 'lut.target' attribute, and nothing around it has one}}
func.func @f() {
  return
}
}

// -----

#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = singles, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {
tern.weight @w : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in #file
func.func @f(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // expected-error @+1 {{weight @w has no packing; run the encode stage first}}
  %y = tern.fused_linear %x quantize absmax8 weights [@w] : tensor<?x8xf32> -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
}
