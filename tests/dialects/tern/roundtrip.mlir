// Every op, type and attribute prints as it is written.
// RUN: setun-opt %s | FileCheck %s
// RUN: setun-opt %s | setun-opt | FileCheck %s
// RUN: setun-opt %s --mlir-print-op-generic | setun-opt | FileCheck %s

// CHECK: module attributes {
// CHECK-SAME: tern.embed = "q8"
// CHECK-SAME: tern.files = ["model.safetensors"]
// CHECK-SAME: tern.model = #tern.model<name = "tiny", vocab = 64, maxContext = 32,
// CHECK-SAME:   layers = 1, hidden = 8, intermediate = 16, heads = 2, kvHeads = 1,
// CHECK-SAME:   headDim = 4, bos = -1, stop = [1, 2],
// CHECK-SAME:   rope = [1.000000e+00, 1.000000e-02]>
// CHECK-SAME: tern.synthetic
// CHECK-SAME: tern.tokenizer = "/models/tiny"
module attributes {
  tern.files = ["model.safetensors"],
  tern.model = #tern.model<name = "tiny", vocab = 64, maxContext = 32,
    layers = 1, hidden = 8, intermediate = 16, heads = 2, kvHeads = 1,
    headDim = 4, bos = -1, stop = [1, 2],
    rope = [1.0, 0.01]>,
  tern.embed = "q8",
  tern.synthetic,
  tern.tokenizer = "/models/tiny"} {

// Weights: trits with a scale per tensor, row and group; dense ones.
// CHECK: tern.weight @tensor : !tern.packed<8x8, #tern.trit<tensor>> alpha 5.000000e-01 in <file = 0, encoding = "hf-packed", offset = 128, bytes = 16>
tern.weight @tensor : !tern.packed<8x8, #tern.trit<tensor>> alpha 0.5 in <file = 0, encoding = "hf-packed", offset = 128, bytes = 16>
// CHECK: tern.weight @row : !tern.packed<8x8, #tern.trit<row>> scales @scale in <
tern.weight @row : !tern.packed<8x8, #tern.trit<row>> scales @scale in <file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
// CHECK: tern.weight @group : !tern.packed<8x256, #tern.trit<group, 128>> scales @scales in <
tern.weight @scales : !tern.packed<8x2, #tern.dense<f32>> in <file = 0, encoding = "f32", offset = 0, bytes = 64>
tern.weight @group : !tern.packed<8x256, #tern.trit<group, 128>> scales @scales in <file = 0, encoding = "hf-packed", offset = 0, bytes = 512>
// The file holds master weights: `quant` makes trits of them.
// CHECK: tern.weight @gate : !tern.packed<16x8, #tern.trit<tensor>> alpha 2.500000e-01 in <file = 0, encoding = "bf16", offset = 0, bytes = 256, quant = 4.000000e+00 : f32>
tern.weight @gate : !tern.packed<16x8, #tern.trit<tensor>> alpha 0.25 in <file = 0, encoding = "bf16", offset = 0, bytes = 256, quant = 4.0 : f32>
tern.weight @key : !tern.packed<4x8, #tern.trit<tensor>> alpha 0.25 in <file = 0, encoding = "hf-packed", offset = 0, bytes = 8>
tern.weight @up : !tern.packed<16x8, #tern.trit<tensor>> alpha 0.25 in <file = 0, encoding = "bf16", offset = 0, bytes = 256>
tern.weight @down : !tern.packed<8x16, #tern.trit<tensor>> alpha 0.25 in <file = 0, encoding = "bf16", offset = 0, bytes = 256>
// CHECK: tern.weight @embed : !tern.packed<64x8, #tern.dense<bf16>> in <
tern.weight @embed : !tern.packed<64x8, #tern.dense<bf16>> in <file = 0, encoding = "bf16", offset = 0, bytes = 1024>
// CHECK: tern.weight @scale : !tern.packed<8, #tern.dense<f32>> in <
tern.weight @scale : !tern.packed<8, #tern.dense<f32>> in <file = 0, encoding = "f32", offset = 0, bytes = 32>
// CHECK: tern.weight @half : !tern.packed<16, #tern.dense<f16>> in <
tern.weight @half : !tern.packed<16, #tern.dense<f16>> in <file = 0, encoding = "f16", offset = 0, bytes = 32>

// CHECK-LABEL: func.func @ops
func.func @ops(%ids: tensor<?xi32>) -> tensor<?x64xf32> {
  // CHECK: tern.embedding %{{.*}}, @embed : tensor<?xi32> -> tensor<?x8xf32>
  %x = tern.embedding %ids, @embed : tensor<?xi32> -> tensor<?x8xf32>
  // CHECK: tern.norm %{{.*}}, @scale eps 1.000000e-05 : tensor<?x8xf32>
  %n = tern.norm %x, @scale eps 1.0e-5 : tensor<?x8xf32>
  // CHECK: tern.quantize %{{.*}} : tensor<?x8xf32> -> <8, absmax8>
  %q = tern.quantize %n : tensor<?x8xf32> -> !tern.quantized<8, absmax8>
  // CHECK: tern.matmul %{{.*}}, @gate : !tern.quantized<8, absmax8> -> tensor<?x16xf32>
  %g = tern.matmul %q, @gate : !tern.quantized<8, absmax8> -> tensor<?x16xf32>
  %u = tern.matmul %q, @up : !tern.quantized<8, absmax8> -> tensor<?x16xf32>
  // CHECK: tern.gate relu2 %{{.*}}, %{{.*}} : tensor<?x16xf32>
  %h = tern.gate relu2 %g, %u : tensor<?x16xf32>
  // CHECK: tern.gate silu
  %s = tern.gate silu %h, %u : tensor<?x16xf32>
  // CHECK: tern.add %{{.*}}, %{{.*}} : tensor<?x16xf32>
  %a = tern.add %h, %s : tensor<?x16xf32>
  // CHECK: tern.attention %{{.*}}, %{{.*}}, %{{.*}} layer 0 : tensor<?x8xf32>, tensor<?x4xf32>, tensor<?x4xf32> -> tensor<?x8xf32>
  %k = tern.matmul %q, @key : !tern.quantized<8, absmax8> -> tensor<?x4xf32>
  %t = tern.attention %x, %k, %k layer 0 : tensor<?x8xf32>, tensor<?x4xf32>, tensor<?x4xf32> -> tensor<?x8xf32>
  // CHECK: tern.matmul %{{.*}}, @gate : tensor<?x8xf32> -> tensor<?x16xf32>
  %f = tern.matmul %x, @gate : tensor<?x8xf32> -> tensor<?x16xf32>
  // CHECK: tern.matmul %{{.*}}, @embed : tensor<?x8xf32> -> tensor<?x64xf32>
  %e = tern.matmul %x, @embed : tensor<?x8xf32> -> tensor<?x64xf32>
  // CHECK: tern.head %{{.*}}, @embed : tensor<?x8xf32> -> tensor<?x64xf32>
  %l = tern.head %t, @embed : tensor<?x8xf32> -> tensor<?x64xf32>
  return %l : tensor<?x64xf32>
}

// CHECK-LABEL: func.func @fused
func.func @fused(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK: tern.fused_linear %{{.*}} norm @scale eps 1.000000e-05 weights [@embed, @gate] : tensor<?x8xf32> -> tensor<?x64xf32>, tensor<?x16xf32>
  %f:2 = tern.fused_linear %x norm @scale eps 1.0e-5 weights [@embed, @gate] : tensor<?x8xf32> -> tensor<?x64xf32>, tensor<?x16xf32>
  // CHECK: tern.fused_linear %{{.*}} quantize absmax8 weights [@tensor, @gate] : tensor<?x8xf32> -> tensor<?x8xf32>, tensor<?x16xf32>
  %a, %b = tern.fused_linear %x quantize absmax8 weights [@tensor, @gate] : tensor<?x8xf32> -> tensor<?x8xf32>, tensor<?x16xf32>
  // CHECK: tern.fused_linear %{{.*}} norm @scale eps 1.000000e-05 quantize absmax8 weights [@gate, @up] gate relu2 : tensor<?x8xf32> -> tensor<?x16xf32>
  %h = tern.fused_linear %x norm @scale eps 1.0e-5 quantize absmax8 weights [@gate, @up] gate relu2 : tensor<?x8xf32> -> tensor<?x16xf32>
  // CHECK: tern.fused_linear %{{.*}} quantize absmax8 weights [@down] residual %{{.*}} : tensor<?x8xf32> : tensor<?x16xf32> -> tensor<?x8xf32>
  %y = tern.fused_linear %h quantize absmax8 weights [@down] residual %x : tensor<?x8xf32> : tensor<?x16xf32> -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
}
