// RUN: setun-opt %s -pass-pipeline="builtin.module(schedule-apply{stage=tile last})" -split-input-file -verify-diagnostics

// What verifiers refuse, at the line of the schedule.
#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 64>
module {
tern.weight @w : !tern.packed<64x64, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
func.func @forward(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %a = tern.fused_linear %x quantize absmax8 weights [@w] {lut.tiles = [#lut.tile<rows = 1, strategy = mad, blocks = 3, unroll = 1, tokens = 1>, #lut.tile<rows = 8, strategy = mad, blocks = 1, unroll = 1, tokens = 1>, #lut.tile<rows = 128, strategy = mad, blocks = 1, unroll = 1, tokens = 1>]} : tensor<?x64xf32> -> tensor<?x64xf32>
  return %a : tensor<?x64xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @tile(%model: !transform.any_op {transform.readonly}) {
    %w = transform.setun.match_linears "w" in %model : (!transform.any_op) -> !transform.any_op
    // expected-error @+1 {{decode: found unroll 3, expected a divisor of the 4 blocks of the matrix (rule 3)}}
    transform.setun.set_tile %w of "decode" {unroll = 3} : !transform.any_op
    transform.yield
  }
}
}

// -----

#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 64>
module {
tern.weight @model.layers.0.up : !tern.packed<64x64, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
func.func @forward(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %a = tern.fused_linear %x quantize absmax8 weights [@model.layers.0.up] : tensor<?x64xf32> -> tensor<?x64xf32>
  return %a : tensor<?x64xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @tile(%model: !transform.any_op {transform.readonly}) {
    // expected-error @+1 {{found no weight of a linear like 'layer.*.up', expected one like 'layers.*.up'}}
    %w = transform.setun.match_linears "layer.*.up" in %model : (!transform.any_op) -> !transform.any_op
    transform.setun.set_tile %w {blocks = 3} : !transform.any_op
    transform.yield
  }
}
}

// -----

// Too early; too late; not a linear.
#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 64>
module {
tern.weight @w : !tern.packed<64x64, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
func.func @forward(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %a = tern.fused_linear %x quantize absmax8 weights [@w] : tensor<?x64xf32> -> tensor<?x64xf32>
  return %a : tensor<?x64xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @tile(%model: !transform.any_op {transform.readonly}) {
    %w = transform.setun.match_linears "w" in %model : (!transform.any_op) -> !transform.any_op
    // expected-error @+1 {{decode: found no tiles for decode, small and prefill}}
    transform.setun.set_tile %w {blocks = 3} : !transform.any_op
    transform.yield
  }
}
}

// -----

#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 64>
module {
tern.weight @w : !tern.packed<64x64, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
func.func @forward(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %a = tern.fused_linear %x quantize absmax8 weights [@w] {lut.tiles = [#lut.tile<rows = 1, strategy = mad, blocks = 3, unroll = 1, tokens = 1>, #lut.tile<rows = 8, strategy = mad, blocks = 1, unroll = 1, tokens = 1>, #lut.tile<rows = 128, strategy = mad, blocks = 1, unroll = 1, tokens = 1>]} : tensor<?x64xf32> -> tensor<?x64xf32>
  return %a : tensor<?x64xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @tile(%model: !transform.any_op {transform.readonly}) {
    %w = transform.setun.match_linears "w" in %model : (!transform.any_op) -> !transform.any_op
    // expected-error @+1 {{found tiles, which depend on packings; expected it in @encode}}
    transform.setun.set_packing %w to "b3" : !transform.any_op
    transform.yield
  }
}
}

// -----

module {
module attributes {transform.with_named_sequence} {
  transform.named_sequence @tile(%model: !transform.any_op {transform.readonly}) {
    // expected-error @+1 {{found 'builtin.module', expected tern.fused_linear}}
    transform.setun.set_tile %model {blocks = 3} : !transform.any_op
    transform.yield
  }
}
}

// -----

module attributes {transform.with_named_sequence} {
  transform.named_sequence @tile(%model: !transform.any_op {transform.readonly}) {
    // expected-error @+1 {{found batch class 'large', expected decode, small or prefill}}
    transform.setun.set_tile %model of "large" {blocks = 3} : !transform.any_op
    transform.yield
  }
}

// -----

module attributes {transform.with_named_sequence} {
  transform.named_sequence @tile(%model: !transform.any_op {transform.readonly}) {
    // expected-error @+1 {{found no field to set, expected rows, strategy, blocks, unroll or tokens}}
    transform.setun.set_tile %model : !transform.any_op
    transform.yield
  }
}

// -----

module attributes {transform.with_named_sequence} {
  transform.named_sequence @tile(%model: !transform.any_op {transform.readonly}) {
    // expected-error @+1 {{strategy: found 'skip', expected mad, table or lookup}}
    transform.setun.set_tile %model {strategy = "skip"} : !transform.any_op
    transform.yield
  }
}

// -----

module attributes {transform.with_named_sequence} {
  transform.named_sequence @tile(%model: !transform.any_op {transform.readonly}) {
    // expected-error @+1 {{unknown packing 'lines', expected i2 or b3}}
    transform.setun.set_packing %model to "lines" : !transform.any_op
    transform.yield
  }
}

// -----

module attributes {transform.with_named_sequence} {
  transform.named_sequence @tile(%model: !transform.any_op {transform.readonly}) {
    // expected-error @+1 {{unmatched '['}}
    %w = transform.setun.match_linears "[" in %model : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}
