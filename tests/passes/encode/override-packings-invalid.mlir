// RUN: setun-opt %s -encode-override-packings -split-input-file -verify-diagnostics

// expected-error @+1 {{--set packing=b3 layer.*.mlp.up: found no weight of a linear like 'layer.*.mlp.up', expected one like 'layers.*.mlp.up_proj', 'layers.*.mlp.gate_proj'}}
module attributes {lut.overrides = ["packing=b3 layer.*.mlp.up", "packing=i2 *.gate_proj"]} {
tern.weight @model.layers.0.mlp.up_proj.weight : !tern.packed<16x16, #tern.trit<tensor>> alpha 1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 64>
tern.weight @model.layers.1.mlp.up_proj.weight : !tern.packed<16x16, #tern.trit<tensor>> alpha 1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 64>
tern.weight @model.layers.1.mlp.gate_proj.weight : !tern.packed<16x16, #tern.trit<tensor>> alpha 1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 64>
func.func @f(%x: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %0 = tern.fused_linear %x quantize absmax8 weights [@model.layers.0.mlp.up_proj.weight] : tensor<?x16xf32> -> tensor<?x16xf32>
  %1 = tern.fused_linear %x quantize absmax8 weights [@model.layers.1.mlp.up_proj.weight] : tensor<?x16xf32> -> tensor<?x16xf32>
  %2 = tern.fused_linear %x quantize absmax8 weights [@model.layers.1.mlp.gate_proj.weight] : tensor<?x16xf32> -> tensor<?x16xf32>
  return %0 : tensor<?x16xf32>
}
}

// -----

// expected-error @+1 {{--set packing=b4 *: unknown packing 'b4', expected i2 or b3}}
module attributes {lut.overrides = ["packing=b4 *"]} {
tern.weight @w : !tern.packed<16x16, #tern.trit<tensor>> alpha 1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 64>
func.func @f(%x: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %0 = tern.fused_linear %x quantize absmax8 weights [@w] : tensor<?x16xf32> -> tensor<?x16xf32>
  return %0 : tensor<?x16xf32>
}
}

// -----

// No word of the dialect that is not a packing, and nothing that is no word.
// expected-error @+1 {{unknown packing 'lines<rows>'}}
module attributes {lut.overrides = ["packing=lines<rows> *"]} {
tern.weight @w : !tern.packed<16x16, #tern.trit<tensor>> alpha 1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 64>
func.func @f(%x: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %0 = tern.fused_linear %x quantize absmax8 weights [@w] : tensor<?x16xf32> -> tensor<?x16xf32>
  return %0 : tensor<?x16xf32>
}
}

// -----

// expected-error @+1 {{--set pack=b3 *: unknown key 'pack', expected packing, tile.<field> or tile.<class>.<field>}}
module attributes {lut.overrides = ["pack=b3 *"]} {
}

// -----

// expected-error @+1 {{--set packing=b3: expected KEY=VALUE and a pattern of weights' names}}
module attributes {lut.overrides = ["packing=b3"]} {
}

// -----

// expected-error @+1 {{found 'lut.overrides' = 3 : i64, which the lut dialect does not know}}
module attributes {lut.overrides = 3} {
}
