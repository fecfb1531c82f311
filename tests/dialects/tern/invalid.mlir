// Every rule of the dialect's verifiers, broken once.
// RUN: setun-opt %s -split-input-file -verify-diagnostics

// expected-error @+1 {{unexpected attribute 'tern.modell'}}
module attributes {tern.modell = 1 : i64} {
}

// -----

// The model's numbers belong on the module.
// expected-error @+1 {{unexpected attribute 'tern.files'}}
func.func private @f() attributes {tern.files = []}

// -----

// expected-error @+1 {{unexpected attribute 'tern.synthetic'}}
module attributes {tern.synthetic = true} {
}

// -----

// expected-error @+1 {{unexpected attribute 'tern.tokenizer'}}
module attributes {tern.tokenizer = 3 : i64} {
}

// -----

// expected-error @+1 {{a scale per group needs a group size, others have none; found group with 0 (rule 1)}}
#trit = #tern.trit<group>

// -----

// expected-error @+1 {{found tensor with 64 (rule 1)}}
#trit = #tern.trit<tensor, 64>

// -----

// expected-error @+1 {{found group with -4 (rule 1)}}
#trit = #tern.trit<group, -4>

// -----

// expected-error @+1 {{found a size of 0, expected all sizes to be positive and below 2^31}}
#model = #tern.model<name = "m", vocab = 64, maxContext = 32, layers = 0, hidden = 8, intermediate = 16, heads = 2, kvHeads = 1, headDim = 4, bos = -1, stop = [], rope = [1.0, 0.5]>

// -----

// expected-error @+1 {{found 3 heads for 2 KV heads, expected a multiple}}
#model = #tern.model<name = "m", vocab = 64, maxContext = 32, layers = 1, hidden = 8, intermediate = 16, heads = 3, kvHeads = 2, headDim = 4, bos = -1, stop = [], rope = [1.0, 0.5]>

// -----

// expected-error @+1 {{found 1 rope angles, expected half of an even head dimension, which is 4, a table}}
#model = #tern.model<name = "m", vocab = 64, maxContext = 32, layers = 1, hidden = 8, intermediate = 16, heads = 2, kvHeads = 1, headDim = 4, bos = -1, stop = [], rope = [1.0]>

// -----

// expected-error @+1 {{found 1 rope angles, expected half of an even head dimension, which is 3, a table}}
#model = #tern.model<name = "m", vocab = 64, maxContext = 32, layers = 1, hidden = 8, intermediate = 16, heads = 2, kvHeads = 1, headDim = 3, bos = -1, stop = [], rope = [1.0]>

// -----

// expected-error @+1 {{found a size of 2147483648, expected all sizes}}
#model = #tern.model<name = "m", vocab = 2147483648, maxContext = 32, layers = 1, hidden = 8, intermediate = 16, heads = 2, kvHeads = 1, headDim = 4, bos = -1, stop = [], rope = [1.0, 0.5]>

// -----

// expected-error @+1 {{expected rope angles to be floats}}
#model = #tern.model<name = "m", vocab = 64, maxContext = 32, layers = 1, hidden = 8, intermediate = 16, heads = 2, kvHeads = 1, headDim = 4, bos = -1, stop = [], rope = [1.0, "a"]>

// -----

// expected-error @+1 {{expected one or two positive dimensions (rule 2)}}
tern.weight @w : !tern.packed<2x3x4, #tern.dense<f32>> in <file = 0, encoding = "f32", offset = 0, bytes = 96>

// -----

// expected-error @+1 {{expected one or two positive dimensions (rule 2)}}
tern.weight @w : !tern.packed<0x4, #tern.dense<f32>> in <file = 0, encoding = "f32", offset = 0, bytes = 0>

// -----

// expected-error @+1 {{found a vector of trits, expected a matrix (rule 2)}}
tern.weight @w : !tern.packed<8, #tern.trit<tensor>> alpha 1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 2>

// -----

// expected-error @+1 {{found quantization "four", expected #tern.trit or #tern.dense}}
tern.weight @w : !tern.packed<8x8, "four"> in <file = 0, encoding = "f32", offset = 0, bytes = 64>

// -----

// expected-error @+1 {{expected an alpha for trits with a scale a tensor, scales for other trits, and neither for dense weights (rule 3)}}
tern.weight @w : !tern.packed<8x8, #tern.trit<tensor>> in <file = 0, encoding = "hf-packed", offset = 0, bytes = 16>

// -----

// expected-error @+1 {{expected an alpha for trits with a scale a tensor, scales for other trits, and neither for dense weights (rule 3)}}
tern.weight @w : !tern.packed<8x8, #tern.dense<f32>> alpha 1.0 in <file = 0, encoding = "f32", offset = 0, bytes = 256>

// -----

// expected-error @+1 {{found alpha 0.000000e+00, expected a positive finite number (rule 3)}}
tern.weight @w : !tern.packed<8x8, #tern.trit<tensor>> alpha 0.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 16>

// -----

// expected-error @+1 {{found alpha -1.000000e+00, expected a positive finite number (rule 3)}}
tern.weight @w : !tern.packed<8x8, #tern.trit<tensor>> alpha -1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 16>

// -----

// expected-error @+1 {{expected an alpha for trits with a scale a tensor, scales for other trits}}
tern.weight @w : !tern.packed<8x8, #tern.trit<row>> alpha 1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 16>

// -----

// expected-error @+1 {{expected dense scales 8 (rule 3)}}
tern.weight @w : !tern.packed<8x8, #tern.trit<row>> scales @none in <file = 0, encoding = "hf-packed", offset = 0, bytes = 16>

// -----

tern.weight @scales : !tern.packed<8, #tern.dense<f32>> in <file = 0, encoding = "f32", offset = 0, bytes = 32>
// expected-error @+1 {{expected dense scales 8x2 (rule 3)}}
tern.weight @w : !tern.packed<8x64, #tern.trit<group, 32>> scales @scales in <file = 0, encoding = "hf-packed", offset = 0, bytes = 128>

// -----

// expected-error @+1 {{found groups of 24 of 48 columns, expected a multiple of 16 that divides them (rule 3)}}
tern.weight @w : !tern.packed<8x48, #tern.trit<group, 24>> scales @w in <file = 0, encoding = "hf-packed", offset = 0, bytes = 96>

// -----

// expected-error @+1 {{found groups of 32 of 48 columns}}
tern.weight @w : !tern.packed<8x48, #tern.trit<group, 32>> scales @w in <file = 0, encoding = "hf-packed", offset = 0, bytes = 96>

// -----

tern.weight @w : !tern.packed<16x12, #tern.dense<f32>> in <file = 0, encoding = "f32", offset = 0, bytes = 768>
func.func @f(%x: tensor<?x8xf32>) {
  // expected-error @+1 {{expected 16x8 trits or dense weights (rule 4)}}
  %y = tern.matmul %x, @w : tensor<?x8xf32> -> tensor<?x16xf32>
  return
}

// -----

// Infinity.
// expected-error @+1 {{expected a positive finite number (rule 3)}}
tern.weight @w : !tern.packed<8x8, #tern.trit<tensor>> alpha 0x7F800000 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 16>

// -----

func.func @f(%ids: tensor<?xi32>) {
  // expected-error @+1 {{names @embed, which is no tern.weight}}
  %x = tern.embedding %ids, @embed : tensor<?xi32> -> tensor<?x8xf32>
  return
}

// -----

// A symbol, but no weight.
func.func private @embed()
func.func @f(%ids: tensor<?xi32>) {
  // expected-error @+1 {{names @embed, which is no tern.weight}}
  %x = tern.embedding %ids, @embed : tensor<?xi32> -> tensor<?x8xf32>
  return
}

// -----

tern.weight @w : !tern.packed<64x16, #tern.dense<f32>> in <file = 0, encoding = "f32", offset = 0, bytes = 4096>
func.func @f(%ids: tensor<?xi32>) {
  // expected-error @+1 {{weight @w has type '!tern.packed<64x16, #tern.dense<f32>>', expected 64x8 dense weights (rule 4)}}
  %x = tern.embedding %ids, @w : tensor<?xi32> -> tensor<?x8xf32>
  return
}

// -----

tern.weight @w : !tern.packed<64x8, #tern.trit<tensor>> alpha 1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 128>
func.func @f(%ids: tensor<?xi32>) {
  // expected-error @+1 {{expected 64x8 dense weights (rule 4)}}
  %x = tern.embedding %ids, @w : tensor<?xi32> -> tensor<?x8xf32>
  return
}

// -----

tern.weight @w : !tern.packed<16, #tern.dense<f32>> in <file = 0, encoding = "f32", offset = 0, bytes = 64>
func.func @f(%x: tensor<?x8xf32>) {
  // expected-error @+1 {{weight @w has type '!tern.packed<16, #tern.dense<f32>>', expected 8 dense weights (rule 4)}}
  %y = tern.norm %x, @w eps 1.0e-5 : tensor<?x8xf32>
  return
}

// -----

tern.weight @w : !tern.packed<8x16, #tern.trit<tensor>> alpha 1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 32>
func.func @f(%q: !tern.quantized<8, absmax8>) {
  // expected-error @+1 {{expected 16x8 trits (rule 4)}}
  %y = tern.matmul %q, @w : !tern.quantized<8, absmax8> -> tensor<?x16xf32>
  return
}

// -----

tern.weight @w : !tern.packed<16x8, #tern.dense<f32>> in <file = 0, encoding = "f32", offset = 0, bytes = 512>
func.func @f(%q: !tern.quantized<8, absmax8>) {
  // expected-error @+1 {{expected 16x8 trits (rule 4)}}
  %y = tern.matmul %q, @w : !tern.quantized<8, absmax8> -> tensor<?x16xf32>
  return
}

// -----

tern.weight @w : !tern.packed<8x64, #tern.dense<f32>> in <file = 0, encoding = "f32", offset = 0, bytes = 2048>
func.func @f(%x: tensor<?x8xf32>) {
  // expected-error @+1 {{expected 64x8 dense weights (rule 4)}}
  %y = tern.head %x, @w : tensor<?x8xf32> -> tensor<?x64xf32>
  return
}

// -----

tern.weight @a : !tern.packed<16x8, #tern.trit<tensor>> alpha 1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 32>
func.func @f(%x: tensor<?x8xf32>) {
  // expected-error @+1 {{found 2 weights and 1 results, expected one result a weight, or gate and up with one result (rule 4)}}
  %y = tern.fused_linear %x quantize absmax8 weights [@a, @a] : tensor<?x8xf32> -> tensor<?x16xf32>
  return
}

// -----

func.func @f(%x: tensor<?x8xf32>) {
  // expected-error @+1 {{found 0 weights and 0 results}}
  "tern.fused_linear"(%x) <{operandSegmentSizes = array<i32: 1, 0>, quantizer = #tern<quantizer absmax8>, weights = []}> : (tensor<?x8xf32>) -> ()
  return
}

// -----

tern.weight @a : !tern.packed<16x8, #tern.trit<tensor>> alpha 1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 32>
func.func @f(%x: tensor<?x8xf32>) {
  // expected-error @+1 {{found 1 weights and 1 results, expected one result a weight, or gate and up with one result (rule 4)}}
  %y = tern.fused_linear %x quantize absmax8 weights [@a] gate relu2 : tensor<?x8xf32> -> tensor<?x16xf32>
  return
}

// -----

tern.weight @a : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
func.func @f(%x: tensor<?x8xf32>) {
  // expected-error @+1 {{a residual needs one weight and no gate (rule 5)}}
  %y, %z = tern.fused_linear %x quantize absmax8 weights [@a, @a] residual %x : tensor<?x8xf32> : tensor<?x8xf32> -> tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

tern.weight @a : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
func.func @f(%x: tensor<?x8xf32>) {
  // expected-error @+1 {{a residual needs one weight and no gate (rule 5)}}
  %y = tern.fused_linear %x quantize absmax8 weights [@a, @a] gate silu residual %x : tensor<?x8xf32> : tensor<?x8xf32> -> tensor<?x8xf32>
  return
}

// -----

func.func @f(%x: tensor<?x8xf32>) {
  // expected-error @+1 {{names @a, which is no tern.weight}}
  %y = tern.fused_linear %x quantize absmax8 weights [@a] : tensor<?x8xf32> -> tensor<?x8xf32>
  return
}

// -----

tern.weight @a : !tern.packed<16x8, #tern.trit<tensor>> alpha 1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 32>
tern.weight @b : !tern.packed<16x12, #tern.trit<tensor>> alpha 1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 48>
func.func @f(%x: tensor<?x8xf32>) {
  // expected-error @+1 {{weight @b has type '!tern.packed<16x12, #tern.trit<tensor>>', expected 16x8 trits (rule 4)}}
  %y, %z = tern.fused_linear %x quantize absmax8 weights [@a, @b] : tensor<?x8xf32> -> tensor<?x16xf32>, tensor<?x16xf32>
  return
}

// -----

tern.weight @a : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
func.func @f(%x: tensor<?x8xf32>) {
  // expected-error @+1 {{expected 8 dense weights (rule 4)}}
  %y = tern.fused_linear %x norm @a eps 1.0e-5 quantize absmax8 weights [@a] : tensor<?x8xf32> -> tensor<?x8xf32>
  return
}

// -----

tern.weight @a : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
func.func @f(%x: tensor<?x8xf32>) {
  // expected-error @+1 {{expected a norm and its eps, or neither}}
  %y = "tern.fused_linear"(%x) <{operandSegmentSizes = array<i32: 1, 0>, norm = @a, quantizer = #tern<quantizer absmax8>, weights = [@a]}> : (tensor<?x8xf32>) -> tensor<?x8xf32>
  return
}

// -----

module attributes {tern.model = #tern.model<name = "m", vocab = 64, maxContext = 32, layers = 2, hidden = 8, intermediate = 16, heads = 2, kvHeads = 1, headDim = 4, bos = -1, stop = [], rope = [1.0, 0.5]>} {
func.func @f(%q: tensor<?x8xf32>, %k: tensor<?x4xf32>) {
  // expected-error @+1 {{found layer 2, expected one below 2 (rule 6)}}
  %y = tern.attention %q, %k, %k layer 2 : tensor<?x8xf32>, tensor<?x4xf32>, tensor<?x4xf32> -> tensor<?x8xf32>
  return
}
}

// -----

module attributes {tern.model = #tern.model<name = "m", vocab = 64, maxContext = 32, layers = 2, hidden = 8, intermediate = 16, heads = 2, kvHeads = 1, headDim = 4, bos = -1, stop = [], rope = [1.0, 0.5]>} {
func.func @f(%q: tensor<?x8xf32>) {
  // expected-error @+1 {{expected q and result of width 8, k and v of width 4 (rule 6)}}
  %y = tern.attention %q, %q, %q layer 1 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?x8xf32>
  return
}
}

// -----

func.func @f(%x: tensor<?x8xf32>) {
  // expected-error @+1 {{found a result of width 9, expected 8}}
  %q = tern.quantize %x : tensor<?x8xf32> -> !tern.quantized<9, absmax8>
  return
}

// -----

// Activations are rows.
func.func @f(%x: tensor<8xf32>) {
  // expected-error @+1 {{must be 2D tensor of 32-bit float values}}
  %q = tern.quantize %x : tensor<8xf32> -> !tern.quantized<8, absmax8>
  return
}

// -----

tern.weight @a : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
func.func @f(%x: tensor<?x8xf32>, %r: tensor<?x9xf32>) {
  // expected-error @+1 {{found a residual of type 'tensor<?x9xf32>', expected the result's (rule 5)}}
  %y = tern.fused_linear %x quantize absmax8 weights [@a] residual %r : tensor<?x9xf32> : tensor<?x8xf32> -> tensor<?x8xf32>
  return
}

// -----

module attributes {tern.model = #tern.model<name = "m", vocab = 64, maxContext = 32, layers = 1, hidden = 8, intermediate = 16, heads = 2, kvHeads = 1, headDim = 4, bos = -1, stop = [], rope = [1.0, 0.5]>} {
tern.weight @w : !tern.packed<32x8, #tern.dense<f32>> in <file = 0, encoding = "f32", offset = 0, bytes = 1024>
func.func @f(%ids: tensor<?xi32>) {
  // expected-error @+1 {{found a vocabulary of 32, expected the model's 64 (rule 7)}}
  %x = tern.embedding %ids, @w : tensor<?xi32> -> tensor<?x8xf32>
  return
}
}

// -----

module attributes {tern.model = #tern.model<name = "m", vocab = 64, maxContext = 32, layers = 1, hidden = 8, intermediate = 16, heads = 2, kvHeads = 1, headDim = 4, bos = -1, stop = [], rope = [1.0, 0.5]>} {
tern.weight @w : !tern.packed<32x8, #tern.dense<f32>> in <file = 0, encoding = "f32", offset = 0, bytes = 1024>
func.func @f(%x: tensor<?x8xf32>) {
  // expected-error @+1 {{found a vocabulary of 32, expected the model's 64 (rule 7)}}
  %y = tern.head %x, @w : tensor<?x8xf32> -> tensor<?x32xf32>
  return
}
}

// -----

// expected-error @+1 {{found 6 rotated elements of 4}}
#model = #tern.model<name = "m", vocab = 64, maxContext = 32, layers = 1, hidden = 8, intermediate = 16, heads = 2, kvHeads = 1, headDim = 4, bos = -1, stop = [], rope = [1.0], rotary = 6>

// -----

// expected-error @+1 {{expected a float of ropeScales a table}}
#model = #tern.model<name = "m", vocab = 64, maxContext = 32, layers = 1, hidden = 8, intermediate = 16, heads = 2, kvHeads = 1, headDim = 4, bos = -1, stop = [], rope = [1.0, 0.5, 1.0, 0.5], ropeScales = [1.0]>

// -----

// expected-error @+1 {{expected plus and times to be finite f32 of a vector (rule 9)}}
tern.weight @m : !tern.packed<4x4, #tern.dense<f32>> in <file = 0, encoding = "f32", offset = 0, bytes = 64, plus = 1.0 : f32>

// -----

module attributes {tern.model = #tern.model<name = "m", vocab = 64, maxContext = 32, layers = 1, hidden = 8, intermediate = 16, heads = 2, kvHeads = 1, headDim = 4, bos = -1, stop = [], rope = [1.0, 0.5]>} {
func.func @table(%q: tensor<?x8xf32>, %k: tensor<?x4xf32>) {
  // expected-error @+1 {{found rope table 1, expected one below 1 (rule 6)}}
  %o = tern.attention %q, %k, %k layer 0 rope 1 : tensor<?x8xf32>, tensor<?x4xf32>, tensor<?x4xf32> -> tensor<?x8xf32>
  return
}
}

// -----

func.func @window(%q: tensor<?x8xf32>, %k: tensor<?x4xf32>) {
  // expected-error @+1 {{found a window of 0, expected at least 1 (rule 8)}}
  %o = tern.attention %q, %k, %k layer 0 window 0 : tensor<?x8xf32>, tensor<?x4xf32>, tensor<?x4xf32> -> tensor<?x8xf32>
  return
}

// -----

tern.weight @n : !tern.packed<4, #tern.dense<f32>> in <file = 0, encoding = "f32", offset = 0, bytes = 16>
func.func @norms(%q: tensor<?x8xf32>, %k: tensor<?x4xf32>) {
  // expected-error @+1 {{expected two norms and their eps, or neither (rule 8)}}
  %o = tern.attention %q, %k, %k layer 0 norms [@n] eps 1.0e-6 : tensor<?x8xf32>, tensor<?x4xf32>, tensor<?x4xf32> -> tensor<?x8xf32>
  return
}

// -----

tern.weight @w : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
tern.weight @n : !tern.packed<4, #tern.dense<f32>> in <file = 0, encoding = "f32", offset = 0, bytes = 16>
func.func @bias(%x: tensor<?x8xf32>) {
  // expected-error @+1 {{weight @n has type '!tern.packed<4, #tern.dense<f32>>', expected 8 dense weights (rule 4)}}
  %y = tern.fused_linear %x quantize absmax8 weights [@w] biases [@n] : tensor<?x8xf32> -> tensor<?x8xf32>
  return
}

// -----

tern.weight @w : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
func.func @biases(%x: tensor<?x8xf32>) {
  // expected-error @+1 {{found 2 biases for 1 weights (rule 5)}}
  %y = tern.fused_linear %x quantize absmax8 weights [@w] biases [@w, @w] : tensor<?x8xf32> -> tensor<?x8xf32>
  return
}

// -----

// expected-error @+1 {{unexpected attribute 'tern.pooling'}}
module attributes {tern.pooling = "max"} {}
