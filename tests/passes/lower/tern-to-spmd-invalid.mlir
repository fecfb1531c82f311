// What the pass needs from the stages before it, and tiles that do not fit.
// RUN: setun-opt %s -lower-tern-to-spmd -split-input-file -verify-diagnostics

// expected-error @+1 {{the module has no 'tern.model' attribute}}
module {
func.func @forward() {
  return
}
}

// -----

#model = #tern.model<name = "m", vocab = 8, maxContext = 8, layers = 1, hidden = 8, intermediate = 8, heads = 1, kvHeads = 1, headDim = 2, bos = -1, stop = [], rope = [1.0]>
// expected-error @+1 {{expected a function @forward}}
module attributes {tern.model = #model} {
}

// -----

#model = #tern.model<name = "m", vocab = 8, maxContext = 8, layers = 1, hidden = 8, intermediate = 8, heads = 1, kvHeads = 1, headDim = 2, bos = -1, stop = [], rope = [1.0]>
// expected-error @+1 {{expected a function @forward}}
module attributes {tern.model = #model} {
func.func private @forward(tensor<?xi32>) -> tensor<?x8xf32>
}

// -----

#model = #tern.model<name = "m", vocab = 8, maxContext = 8, layers = 1, hidden = 8, intermediate = 8, heads = 1, kvHeads = 1, headDim = 2, bos = -1, stop = [], rope = [1.0]>
module attributes {tern.model = #model} {
// expected-error @+1 {{expected one block and the argument 'tensor<?xi32>' alone}}
func.func @forward(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  return %x : tensor<?x8xf32>
}
}

// -----

#model = #tern.model<name = "m", vocab = 8, maxContext = 8, layers = 1, hidden = 8, intermediate = 8, heads = 1, kvHeads = 1, headDim = 2, bos = -1, stop = [], rope = [1.0]>
module attributes {tern.model = #model} {
// expected-error @+1 {{expected to return what its one tern.head makes}}
func.func @forward(%ids: tensor<?xi32>) -> tensor<?xi32> {
  return %ids : tensor<?xi32>
}
}

// -----

#model = #tern.model<name = "m", vocab = 8, maxContext = 8, layers = 1, hidden = 8, intermediate = 8, heads = 1, kvHeads = 1, headDim = 2, bos = -1, stop = [], rope = [1.0]>
#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
#one = #lut.tile<rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>
module attributes {tern.model = #model} {
tern.weight @embed : !tern.packed<8x8, #tern.dense<f32>> in #file {lut.offset = 0, lut.packing = #lut.rows<f32>}
// expected-error @+1 {{has no place in the weights segment; run lower-lay-out-weights first}}
tern.weight @w : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
func.func @forward(%ids: tensor<?xi32>) -> tensor<?x8xf32> {
  %x = tern.embedding %ids, @embed : tensor<?xi32> -> tensor<?x8xf32>
  %y = tern.fused_linear %x quantize absmax8 weights [@w] {lut.tiles = [#one]} : tensor<?x8xf32> -> tensor<?x8xf32>
  %l = tern.head %x, @embed : tensor<?x8xf32> -> tensor<?x8xf32>
  return %l : tensor<?x8xf32>
}
}

// -----

#model = #tern.model<name = "m", vocab = 8, maxContext = 8, layers = 1, hidden = 8, intermediate = 8, heads = 1, kvHeads = 1, headDim = 2, bos = -1, stop = [], rope = [1.0]>
#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
module attributes {tern.model = #model} {
tern.weight @embed : !tern.packed<8x8, #tern.dense<f32>> in #file {lut.offset = 0, lut.packing = #lut.rows<f32>}
tern.weight @w : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in #file {lut.offset = 0, lut.packing = #lut.i2}
// expected-error @+1 {{expected a tern.fused_linear; run the fuse stage first}}
func.func @forward(%ids: tensor<?xi32>) -> tensor<?x8xf32> {
  %x = tern.embedding %ids, @embed : tensor<?xi32> -> tensor<?x8xf32>
  %l = tern.head %x, @embed : tensor<?x8xf32> -> tensor<?x8xf32>
  return %l : tensor<?x8xf32>
}
}

// -----

#model = #tern.model<name = "m", vocab = 8, maxContext = 8, layers = 1, hidden = 8, intermediate = 8, heads = 1, kvHeads = 1, headDim = 2, bos = -1, stop = [], rope = [1.0]>
#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
module attributes {tern.model = #model} {
tern.weight @embed : !tern.packed<8x8, #tern.dense<f32>> in #file {lut.offset = 0, lut.packing = #lut.rows<f32>}
tern.weight @w : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in #file {lut.offset = 0, lut.packing = #lut.i2}
func.func @forward(%ids: tensor<?xi32>) -> tensor<?x8xf32> {
  %x = tern.embedding %ids, @embed : tensor<?xi32> -> tensor<?x8xf32>
  // expected-error @+1 {{has no tiles; run the tile stage first}}
  %y = tern.fused_linear %x quantize absmax8 weights [@w] : tensor<?x8xf32> -> tensor<?x8xf32>
  %l = tern.head %x, @embed : tensor<?x8xf32> -> tensor<?x8xf32>
  return %l : tensor<?x8xf32>
}
}

// -----

#model = #tern.model<name = "m", vocab = 8, maxContext = 8, layers = 1, hidden = 8, intermediate = 8, heads = 1, kvHeads = 1, headDim = 2, bos = -1, stop = [], rope = [1.0]>
#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
#one = #lut.tile<rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>
module attributes {tern.model = #model} {
tern.weight @embed : !tern.packed<8x8, #tern.dense<f32>> in #file {lut.offset = 0, lut.packing = #lut.rows<f32>}
tern.weight @w : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in #file {lut.offset = 0}
func.func @forward(%ids: tensor<?xi32>) -> tensor<?x8xf32> {
  %x = tern.embedding %ids, @embed : tensor<?xi32> -> tensor<?x8xf32>
  // expected-error @+1 {{weight @w has no packing; run the encode stage first}}
  %y = tern.fused_linear %x quantize absmax8 weights [@w] {lut.tiles = [#one]} : tensor<?x8xf32> -> tensor<?x8xf32>
  %l = tern.head %x, @embed : tensor<?x8xf32> -> tensor<?x8xf32>
  return %l : tensor<?x8xf32>
}
}

// -----

#model = #tern.model<name = "m", vocab = 8, maxContext = 8, layers = 1, hidden = 8, intermediate = 8, heads = 1, kvHeads = 1, headDim = 2, bos = -1, stop = [], rope = [1.0]>
#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
#one = #lut.tile<rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>
#eight = #lut.tile<rows = 8, strategy = mad, blocks = 1, unroll = 1, tokens = 1>
module attributes {tern.model = #model} {
tern.weight @embed : !tern.packed<8x8, #tern.dense<f32>> in #file {lut.offset = 0, lut.packing = #lut.rows<f32>}
tern.weight @w : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in #file {lut.offset = 0, lut.packing = #lut.i2}
func.func @forward(%ids: tensor<?xi32>) -> tensor<?x8xf32> {
  %x = tern.embedding %ids, @embed : tensor<?xi32> -> tensor<?x8xf32>
  %y = tern.fused_linear %x quantize absmax8 weights [@w] {lut.tiles = [#one, #eight]} : tensor<?x8xf32> -> tensor<?x8xf32>
  // expected-error @+1 {{found 1 tiles, expected 2 as elsewhere}}
  %z = tern.fused_linear %x quantize absmax8 weights [@w] {lut.tiles = [#one]} : tensor<?x8xf32> -> tensor<?x8xf32>
  %l = tern.head %x, @embed : tensor<?x8xf32> -> tensor<?x8xf32>
  return %l : tensor<?x8xf32>
}
}

// -----

#model = #tern.model<name = "m", vocab = 8, maxContext = 8, layers = 1, hidden = 8, intermediate = 8, heads = 1, kvHeads = 1, headDim = 2, bos = -1, stop = [], rope = [1.0]>
#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
#one = #lut.tile<rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>
#eight = #lut.tile<rows = 8, strategy = mad, blocks = 1, unroll = 1, tokens = 1>
module attributes {tern.model = #model} {
tern.weight @embed : !tern.packed<8x8, #tern.dense<f32>> in #file {lut.offset = 0, lut.packing = #lut.rows<f32>}
tern.weight @w : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in #file {lut.offset = 0, lut.packing = #lut.i2}
func.func @forward(%ids: tensor<?xi32>) -> tensor<?x8xf32> {
  %x = tern.embedding %ids, @embed : tensor<?xi32> -> tensor<?x8xf32>
  %y = tern.fused_linear %x quantize absmax8 weights [@w] {lut.tiles = [#one]} : tensor<?x8xf32> -> tensor<?x8xf32>
  // expected-error @+1 {{found a tile for 8 rows, expected 1 as elsewhere}}
  %z = tern.fused_linear %x quantize absmax8 weights [@w] {lut.tiles = [#eight]} : tensor<?x8xf32> -> tensor<?x8xf32>
  %l = tern.head %x, @embed : tensor<?x8xf32> -> tensor<?x8xf32>
  return %l : tensor<?x8xf32>
}
}

// -----

#model = #tern.model<name = "m", vocab = 8, maxContext = 8, layers = 1, hidden = 8, intermediate = 8, heads = 1, kvHeads = 1, headDim = 2, bos = -1, stop = [], rope = [1.0]>
#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
#one = #lut.tile<rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>
#eight = #lut.tile<rows = 8, strategy = mad, blocks = 1, unroll = 1, tokens = 1>
module attributes {tern.model = #model} {
tern.weight @embed : !tern.packed<8x8, #tern.dense<f32>> in #file {lut.offset = 0, lut.packing = #lut.rows<f32>}
tern.weight @w : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in #file {lut.offset = 0, lut.packing = #lut.i2}
// expected-error @+1 {{found tiles for 8 and then 1 rows, expected ascending rows}}
func.func @forward(%ids: tensor<?xi32>) -> tensor<?x8xf32> {
  %x = tern.embedding %ids, @embed : tensor<?xi32> -> tensor<?x8xf32>
  %y = tern.fused_linear %x quantize absmax8 weights [@w] {lut.tiles = [#eight, #one]} : tensor<?x8xf32> -> tensor<?x8xf32>
  %l = tern.head %x, @embed : tensor<?x8xf32> -> tensor<?x8xf32>
  return %l : tensor<?x8xf32>
}
}

// -----

// Two blocks at a time of a matrix of three: the last call would leave it.
#model = #tern.model<name = "m", vocab = 8, maxContext = 8, layers = 1, hidden = 8, intermediate = 8, heads = 1, kvHeads = 1, headDim = 2, bos = -1, stop = [], rope = [1.0]>
#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
#two = #lut.tile<rows = 1, strategy = mad, blocks = 2, unroll = 2, tokens = 1>
module attributes {tern.model = #model} {
tern.weight @embed : !tern.packed<8x8, #tern.dense<f32>> in #file {lut.offset = 0, lut.packing = #lut.rows<f32>}
tern.weight @w : !tern.packed<40x8, #tern.trit<tensor>> alpha 1.0 in #file {lut.offset = 0, lut.packing = #lut.i2}
func.func @forward(%ids: tensor<?xi32>) -> tensor<?x8xf32> {
  %x = tern.embedding %ids, @embed : tensor<?xi32> -> tensor<?x8xf32>
  // expected-error @+1 {{weight @w: found unroll 2, expected a divisor of the 3 blocks of the matrix (rule 3)}}
  %y = tern.fused_linear %x quantize absmax8 weights [@w] {lut.tiles = [#two]} : tensor<?x8xf32> -> tensor<?x40xf32>
  %l = tern.head %x, @embed : tensor<?x8xf32> -> tensor<?x8xf32>
  return %l : tensor<?x8xf32>
}
}

// -----

// Sums that int32 does not hold.
#model = #tern.model<name = "m", vocab = 8, maxContext = 8, layers = 1, hidden = 8, intermediate = 8, heads = 1, kvHeads = 1, headDim = 2, bos = -1, stop = [], rope = [1.0]>
#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
#one = #lut.tile<rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>
module attributes {tern.model = #model} {
tern.weight @embed : !tern.packed<8x264209, #tern.dense<f32>> in #file {lut.offset = 0, lut.packing = #lut.rows<f32>}
tern.weight @w : !tern.packed<8x264209, #tern.trit<tensor>> alpha 1.0 in #file {lut.offset = 0, lut.packing = #lut.i2}
func.func @forward(%ids: tensor<?xi32>) -> tensor<?x8xf32> {
  %x = tern.embedding %ids, @embed : tensor<?xi32> -> tensor<?x264209xf32>
  // expected-error @+1 {{weight @w: found a matrix of 8x264209, expected at most 264208 columns (rule 1)}}
  %y = tern.fused_linear %x quantize absmax8 weights [@w] {lut.tiles = [#one]} : tensor<?x264209xf32> -> tensor<?x8xf32>
  %l = tern.head %x, @embed : tensor<?x264209xf32> -> tensor<?x8xf32>
  return %l : tensor<?x8xf32>
}
}

// -----

#model = #tern.model<name = "m", vocab = 8, maxContext = 8, layers = 1, hidden = 8, intermediate = 8, heads = 1, kvHeads = 1, headDim = 2, bos = -1, stop = [], rope = [1.0]>
#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
#one = #lut.tile<rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>
module attributes {tern.model = #model} {
tern.weight @embed : !tern.packed<8x8, #tern.dense<f32>> in #file {lut.offset = 0, lut.packing = #lut.rows<f32>}
tern.weight @w : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in #file {lut.offset = 0, lut.packing = #lut.i2}
func.func @forward(%ids: tensor<?xi32>) -> tensor<?x8xf32> {
  %x = tern.embedding %ids, @embed : tensor<?xi32> -> tensor<?x8xf32>
  %y = tern.fused_linear %x quantize absmax8 weights [@w] {lut.tiles = [#one]} : tensor<?x8xf32> -> tensor<?x8xf32>
  // expected-error @+1 {{has no lowering here; expected what the fuse stage leaves: embedding, norm, fused_linear, gate}}
  %a = tern.add %x, %y : tensor<?x8xf32>
  %l = tern.head %x, @embed : tensor<?x8xf32> -> tensor<?x8xf32>
  return %l : tensor<?x8xf32>
}
}

// -----

#model = #tern.model<name = "m", vocab = 8, maxContext = 8, layers = 1, hidden = 8, intermediate = 8, heads = 1, kvHeads = 1, headDim = 2, bos = -1, stop = [], rope = [1.0]>
#file = #tern.source<file = 0, encoding = "f32", offset = 0, bytes = 256>
#other = #tern.source<file = 0, encoding = "f32", offset = 256, bytes = 256>
module attributes {tern.model = #model} {
tern.weight @e : !tern.packed<8x8, #tern.dense<f32>> in #file {lut.packing = #lut.rows<f32>, lut.offset = 0}
tern.weight @s : !tern.packed<8x8, #tern.dense<f32>> in #other {lut.packing = #lut.screen, lut.offset = 4096}
func.func @forward(%ids: tensor<?xi32>) -> tensor<?x8xf32> {
  %x = tern.embedding %ids, @e : tensor<?xi32> -> tensor<?x8xf32>
  // expected-error @+1 {{found screen @s, expected the type and source of @e, packed as #lut.screen}}
  %l = tern.head %x, @e {lut.screen = @s} : tensor<?x8xf32> -> tensor<?x8xf32>
  return %l : tensor<?x8xf32>
}
}
