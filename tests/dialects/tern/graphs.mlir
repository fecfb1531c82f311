// What other architectures than LLaMA add: tables of angles, windows, norms of
// heads, biases, adjusted vectors, a factor of the embedding.
// RUN: setun-opt %s | FileCheck %s
// RUN: setun-opt %s | setun-opt | FileCheck %s
// RUN: setun-opt %s --mlir-print-op-generic | setun-opt | FileCheck %s

// CHECK: rope = [1.000000e+00, 2.500000e-01], rotary = 2, ropeScales = [1.000000e+00, 1.100000e+00]>, tern.pooling = "mean"}
module attributes {tern.pooling = "mean", tern.model = #tern.model<name = "m", vocab = 64, maxContext = 32, layers = 1, hidden = 8, intermediate = 16, heads = 2, kvHeads = 1, headDim = 4, bos = -1, stop = [], rope = [1.0, 0.25], rotary = 2, ropeScales = [1.0, 1.1]>} {
tern.weight @q : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
tern.weight @embed : !tern.packed<64x8, #tern.dense<f32>> in <file = 0, encoding = "f32", offset = 0, bytes = 2048>
// CHECK: in <file = 0, encoding = "f32", offset = 0, bytes = 16, plus = 1.000000e+00 : f32>
tern.weight @n : !tern.packed<4, #tern.dense<f32>> in <file = 0, encoding = "f32", offset = 0, bytes = 16, plus = 1.0 : f32>
// CHECK: bytes = 32, times = 5.000000e-01 : f32>
tern.weight @b : !tern.packed<8, #tern.dense<f32>> in <file = 0, encoding = "f32", offset = 0, bytes = 32, times = 0.5 : f32>

func.func @ops(%ids: tensor<?xi32>, %k: tensor<?x4xf32>) -> tensor<?x8xf32> {
  // CHECK: tern.embedding %{{.*}}, @embed scale 2.500000e+00 :
  %x = tern.embedding %ids, @embed scale 2.5 : tensor<?xi32> -> tensor<?x8xf32>
  %a = tern.quantize %x : tensor<?x8xf32> -> !tern.quantized<8, absmax8>
  // CHECK: tern.matmul %{{.*}}, @q bias @b :
  %q = tern.matmul %a, @q bias @b : !tern.quantized<8, absmax8> -> tensor<?x8xf32>
  // CHECK: tern.attention %{{.*}} layer 0 rope 1 norms [@n, @n] eps 1.000000e-05 window 7 scale 1.250000e-01 :
  %o = tern.attention %q, %k, %k layer 0 rope 1 norms [@n, @n] eps 1.0e-5 window 7 scale 0.125 : tensor<?x8xf32>, tensor<?x4xf32>, tensor<?x4xf32> -> tensor<?x8xf32>
  // CHECK: tern.fused_linear %{{.*}} quantize absmax8 weights [@q] biases [@b] residual %{{.*}} :
  %y = tern.fused_linear %o quantize absmax8 weights [@q] biases [@b] residual %x : tensor<?x8xf32> : tensor<?x8xf32> -> tensor<?x8xf32>
  // CHECK: tern.gate gelu_tanh
  %g = tern.gate gelu_tanh %y, %x : tensor<?x8xf32>
  return %g : tensor<?x8xf32>
}
}
