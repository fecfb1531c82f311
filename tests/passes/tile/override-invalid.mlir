// RUN: setun-opt %s -tile-override -split-input-file -verify-diagnostics

module attributes {lut.overrides = ["tile.small.unroll=3 up"]} {
tern.weight @up : !tern.packed<16x8, #tern.trit<tensor>> alpha 1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 16> {lut.packing = #lut.i2}
func.func @f(%x: tensor<?x8xf32>) -> tensor<?x16xf32> {
  // expected-error @+1 {{--set, small: found 1 blocks, expected a multiple of unroll, which is 3 (rule 1)}}
  %a = tern.fused_linear %x quantize absmax8 weights [@up] {lut.tiles = [#lut.tile<rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>, #lut.tile<rows = 8, strategy = mad, blocks = 1, unroll = 1, tokens = 1>, #lut.tile<rows = 128, strategy = mad, blocks = 1, unroll = 1, tokens = 1>]} : tensor<?x8xf32> -> tensor<?x16xf32>
  return %a : tensor<?x16xf32>
}
}

// -----

// expected-error @+1 {{--set tile.strategy=skip up: found 'skip', expected mad, table or lookup}}
module attributes {lut.overrides = ["tile.strategy=skip up"]} {
tern.weight @up : !tern.packed<16x8, #tern.trit<tensor>> alpha 1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 16> {lut.packing = #lut.i2}
func.func @f(%x: tensor<?x8xf32>) -> tensor<?x16xf32> {
  %a = tern.fused_linear %x quantize absmax8 weights [@up] {lut.tiles = [#lut.tile<rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>, #lut.tile<rows = 8, strategy = mad, blocks = 1, unroll = 1, tokens = 1>, #lut.tile<rows = 128, strategy = mad, blocks = 1, unroll = 1, tokens = 1>]} : tensor<?x8xf32> -> tensor<?x16xf32>
  return %a : tensor<?x16xf32>
}
}

// -----

// expected-error @+1 {{--set tile.decode.blocks=many up: found 'many', expected a number}}
module attributes {lut.overrides = ["tile.decode.blocks=many up"]} {
tern.weight @up : !tern.packed<16x8, #tern.trit<tensor>> alpha 1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 16> {lut.packing = #lut.i2}
func.func @f(%x: tensor<?x8xf32>) -> tensor<?x16xf32> {
  %a = tern.fused_linear %x quantize absmax8 weights [@up] {lut.tiles = [#lut.tile<rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>, #lut.tile<rows = 8, strategy = mad, blocks = 1, unroll = 1, tokens = 1>, #lut.tile<rows = 128, strategy = mad, blocks = 1, unroll = 1, tokens = 1>]} : tensor<?x8xf32> -> tensor<?x16xf32>
  return %a : tensor<?x16xf32>
}
}

// -----

// A step of several tokens is not decode, whatever its place.
module attributes {lut.overrides = ["tile.decode.rows=4 up"]} {
tern.weight @up : !tern.packed<16x8, #tern.trit<tensor>> alpha 1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 16> {lut.packing = #lut.i2}
func.func @f(%x: tensor<?x8xf32>) -> tensor<?x16xf32> {
  // expected-error @+1 {{--set, decode: found 4 rows, expected 1 for decode}}
  %a = tern.fused_linear %x quantize absmax8 weights [@up] {lut.tiles = [#lut.tile<rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>, #lut.tile<rows = 8, strategy = mad, blocks = 1, unroll = 1, tokens = 1>, #lut.tile<rows = 128, strategy = mad, blocks = 1, unroll = 1, tokens = 1>]} : tensor<?x8xf32> -> tensor<?x16xf32>
  return %a : tensor<?x16xf32>
}
}

// -----

module attributes {lut.overrides = ["tile.rows=4 up"]} {
tern.weight @up : !tern.packed<16x8, #tern.trit<tensor>> alpha 1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 16> {lut.packing = #lut.i2}
func.func @f(%x: tensor<?x8xf32>) -> tensor<?x16xf32> {
  // expected-error @+1 {{--set, decode: found 4 rows, expected 1 for decode}}
  %a = tern.fused_linear %x quantize absmax8 weights [@up] {lut.tiles = [#lut.tile<rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>, #lut.tile<rows = 8, strategy = mad, blocks = 1, unroll = 1, tokens = 1>, #lut.tile<rows = 128, strategy = mad, blocks = 1, unroll = 1, tokens = 1>]} : tensor<?x8xf32> -> tensor<?x16xf32>
  return %a : tensor<?x16xf32>
}
}

// -----

// Someone's own tiles are not for three classes.
module attributes {lut.overrides = ["tile.blocks=1 up"]} {
tern.weight @up : !tern.packed<16x8, #tern.trit<tensor>> alpha 1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 16> {lut.packing = #lut.i2}
func.func @f(%x: tensor<?x8xf32>) -> tensor<?x16xf32> {
  // expected-error @+1 {{--set, decode: found no tiles for decode, small and prefill}}
  %a = tern.fused_linear %x quantize absmax8 weights [@up] {lut.tiles = [#lut.tile<rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>]} : tensor<?x8xf32> -> tensor<?x16xf32>
  return %a : tensor<?x16xf32>
}
}

// -----

// expected-error @+1 {{found no weight of a linear like 'up', expected one like 'down'}}
module attributes {lut.overrides = ["tile.blocks=1 up"]} {
tern.weight @down : !tern.packed<16x8, #tern.trit<tensor>> alpha 1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 16> {lut.packing = #lut.i2}
func.func @f(%x: tensor<?x8xf32>) -> tensor<?x16xf32> {
  %a = tern.fused_linear %x quantize absmax8 weights [@down] : tensor<?x8xf32> -> tensor<?x16xf32>
  return %a : tensor<?x16xf32>
}
}

// -----

// All at once: each message for the first linear that it is about.
module attributes {lut.overrides = ["tile.small.unroll=3 up*", "tile.decode.unroll=2 down"]} {
tern.weight @up0 : !tern.packed<16x8, #tern.trit<tensor>> alpha 1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 16> {lut.packing = #lut.i2}
tern.weight @up1 : !tern.packed<16x8, #tern.trit<tensor>> alpha 1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 16> {lut.packing = #lut.i2}
tern.weight @down : !tern.packed<16x8, #tern.trit<tensor>> alpha 1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 16> {lut.packing = #lut.i2}
func.func @f(%x: tensor<?x8xf32>) -> tensor<?x16xf32> {
  // expected-error @+1 {{--set, small: found 1 blocks, expected a multiple of unroll, which is 3 (rule 1)}}
  %a = tern.fused_linear %x quantize absmax8 weights [@up0] {lut.tiles = [#lut.tile<rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>, #lut.tile<rows = 8, strategy = mad, blocks = 1, unroll = 1, tokens = 1>, #lut.tile<rows = 128, strategy = mad, blocks = 1, unroll = 1, tokens = 1>]} : tensor<?x8xf32> -> tensor<?x16xf32>
  %b = tern.fused_linear %x quantize absmax8 weights [@up1] {lut.tiles = [#lut.tile<rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>, #lut.tile<rows = 8, strategy = mad, blocks = 1, unroll = 1, tokens = 1>, #lut.tile<rows = 128, strategy = mad, blocks = 1, unroll = 1, tokens = 1>]} : tensor<?x8xf32> -> tensor<?x16xf32>
  // expected-error @+1 {{--set, decode: found unroll 2, expected a divisor of the 1 blocks of the matrix (rule 3)}}
  %c = tern.fused_linear %x quantize absmax8 weights [@down] {lut.tiles = [#lut.tile<rows = 1, strategy = mad, blocks = 2, unroll = 1, tokens = 1>, #lut.tile<rows = 8, strategy = mad, blocks = 1, unroll = 1, tokens = 1>, #lut.tile<rows = 128, strategy = mad, blocks = 1, unroll = 1, tokens = 1>]} : tensor<?x8xf32> -> tensor<?x16xf32>
  return %c : tensor<?x16xf32>
}
}

// -----

// expected-error @+2 {{--set tile.blocks=x up: found 'x', expected a number}}
// expected-error @+1 {{--set tile.small.strategy=y up: found 'y', expected mad, table or lookup}}
module attributes {lut.overrides = ["tile.blocks=x up", "tile.small.strategy=y up"]} {
}
