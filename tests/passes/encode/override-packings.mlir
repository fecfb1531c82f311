// What the user chose for linears with a weight of that name; the last choice
// that matches holds, and what is for tiles stays for later.
// RUN: setun-opt %s -encode-override-packings -encode-pack-weights | FileCheck %s

#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 64>
// CHECK: module attributes {lut.overrides = ["tile.blocks=2 *"]
module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = quads, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1, base3 = true>,
  lut.overrides = ["packing=i2 layers.*.mlp.up_*", "tile.blocks=2 *", "packing=b3 model.layers.1.*.weight", "packing=i2 *.{q,k}_proj"]} {
// Gate is multiplied together with up.
// CHECK: @model.layers.0.mlp.gate_proj.weight {{.*}}lut.packing = #lut.i2
tern.weight @model.layers.0.mlp.gate_proj.weight : !tern.packed<16x16, #tern.trit<tensor>> alpha 1.0 in #file
// CHECK: @model.layers.0.mlp.up_proj.weight {{.*}}lut.packing = #lut.i2
tern.weight @model.layers.0.mlp.up_proj.weight : !tern.packed<16x16, #tern.trit<tensor>> alpha 1.0 in #file
// CHECK: @model.layers.1.mlp.up_proj.weight {{.*}}lut.packing = #lut.b3
tern.weight @model.layers.1.mlp.up_proj.weight : !tern.packed<16x16, #tern.trit<tensor>> alpha 1.0 in #file
// CHECK: @q_proj {{.*}}lut.packing = #lut.b3
tern.weight @q_proj : !tern.packed<16x16, #tern.trit<tensor>> alpha 1.0 in #file
// CHECK: @a.q_proj {{.*}}lut.packing = #lut.i2
tern.weight @a.q_proj : !tern.packed<16x16, #tern.trit<tensor>> alpha 1.0 in #file
// CHECK: @layers.0.mlp.up_norm {{.*}}lut.packing = #lut.rows<f32>
tern.weight @layers.0.mlp.up_norm : !tern.packed<16, #tern.dense<f32>> in <file = 0, encoding = "f32", offset = 0, bytes = 64>

func.func @forward(%x: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %a = tern.fused_linear %x norm @layers.0.mlp.up_norm eps 1.0e-05 quantize absmax8 weights [@model.layers.0.mlp.gate_proj.weight, @model.layers.0.mlp.up_proj.weight] gate relu2 : tensor<?x16xf32> -> tensor<?x16xf32>
  %b = tern.fused_linear %a quantize absmax8 weights [@model.layers.1.mlp.up_proj.weight] : tensor<?x16xf32> -> tensor<?x16xf32>
  %c = tern.fused_linear %b quantize absmax8 weights [@q_proj] : tensor<?x16xf32> -> tensor<?x16xf32>
  %d = tern.fused_linear %c quantize absmax8 weights [@a.q_proj] : tensor<?x16xf32> -> tensor<?x16xf32>
  return %d : tensor<?x16xf32>
}
}
