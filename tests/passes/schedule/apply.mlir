// A schedule in the module, at the stage of each of its sequences; then it goes.
// RUN: setun-opt %s -pass-pipeline="builtin.module(schedule-apply{stage=encode},encode-pack-weights,func.func(tile-choose),schedule-apply{stage=tile last})" --mlir-print-local-scope | FileCheck %s
// RUN: setun-opt %s | setun-opt | FileCheck %s --check-prefix=OPS

#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 64>
module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = quads, permuteBytes = 0, dotMacs = 2, lookupMacs = 1, l2Bytes = 1>} {
// CHECK: @model.layers.0.mlp.up_proj.weight {{.*}}lut.packing = #lut.i2
tern.weight @model.layers.0.mlp.up_proj.weight : !tern.packed<64x64, #tern.trit<tensor>> alpha 1.0 in #file
// CHECK: @model.layers.0.mlp.down_proj.weight {{.*}}lut.packing = #lut.b3
tern.weight @model.layers.0.mlp.down_proj.weight : !tern.packed<64x64, #tern.trit<tensor>> alpha 1.0 in #file
func.func @forward(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  // CHECK: tern.fused_linear {{.*}}up_proj
  // CHECK-SAME: lut.tiles = [#lut.tile<rows = 1, strategy = mad, blocks = 4, unroll = 4, tokens = 1>, #lut.tile<rows = {{[0-9]+}}, strategy = mad, blocks = 2, unroll = 2, tokens = 4>, #lut.tile<rows = 256, strategy = mad, blocks = 2, unroll = 2, tokens = 4>]
  %a = tern.fused_linear %x quantize absmax8 weights [@model.layers.0.mlp.up_proj.weight] : tensor<?x64xf32> -> tensor<?x64xf32>
  // CHECK: tern.fused_linear {{.*}}down_proj
  // CHECK-SAME: lut.tiles = [#lut.tile<rows = 1, strategy = mad, blocks = 10, unroll = 5, tokens = 1>,
  %b = tern.fused_linear %a quantize absmax8 weights [@model.layers.0.mlp.down_proj.weight] : tensor<?x64xf32> -> tensor<?x64xf32>
  return %b : tensor<?x64xf32>
}
// CHECK-NOT: transform
module @schedule attributes {transform.with_named_sequence} {
  transform.named_sequence @encode(%model: !transform.any_op {transform.readonly}) {
    // OPS: transform.setun.match_linears "layers.*.down_proj" in %{{.*}} : (!transform.any_op) -> !transform.any_op
    %down = transform.setun.match_linears "layers.*.down_proj" in %model : (!transform.any_op) -> !transform.any_op
    // OPS: transform.setun.set_packing %{{.*}} to "b3" : !transform.any_op
    transform.setun.set_packing %down to "b3" : !transform.any_op
    transform.yield
  }
  transform.named_sequence @tile(%model: !transform.any_op {transform.readonly}) {
    %all = transform.setun.match_linears "*" in %model : (!transform.any_op) -> !transform.any_op
    // MLIR's own ops work beside: the linears one by one.
    %up, %down = transform.split_handle %all : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    // OPS: transform.setun.set_tile %{{.*}} of "small" {blocks = 2 : i64, strategy = "mad", tokens = 4 : i64, unroll = 2 : i64} : !transform.any_op
    transform.setun.set_tile %up of "small" {strategy = "mad", blocks = 2, unroll = 2, tokens = 4} : !transform.any_op
    transform.setun.set_tile %up of "prefill" {strategy = "mad", blocks = 2, unroll = 2, tokens = 4} : !transform.any_op
    transform.setun.set_tile %up of "decode" {blocks = 4, unroll = 4, tokens = 1} : !transform.any_op
    transform.setun.set_tile %down of "decode" {strategy = "mad", blocks = 10, unroll = 5, tokens = 1} : !transform.any_op
    transform.yield
  }
}
}
