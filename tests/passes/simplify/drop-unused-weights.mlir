// A weight stays if any op names it, alone or in a list.
// RUN: setun-opt %s -simplify-drop-unused-weights | FileCheck %s

#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>

// CHECK-NOT: @bias
tern.weight @bias : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in #file
// CHECK: tern.weight @norm
tern.weight @norm : !tern.packed<8, #tern.dense<f32>> in #file
// CHECK: tern.weight @listed
tern.weight @listed : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in #file
// CHECK: tern.weight @read
tern.weight @read : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in #file
// CHECK-NOT: @last
tern.weight @last : !tern.packed<8, #tern.dense<f32>> in #file

// CHECK-LABEL: func.func @forward
func.func @forward(%x: tensor<?x8xf32>, %q: !tern.quantized<8, absmax8>) -> (tensor<?x8xf32>, tensor<?x8xf32>) {
  %y = tern.fused_linear %x norm @norm eps 1.0e-5 quantize absmax8 weights [@listed] : tensor<?x8xf32> -> tensor<?x8xf32>
  %z = tern.matmul %q, @read : !tern.quantized<8, absmax8> -> tensor<?x8xf32>
  return %y, %z : tensor<?x8xf32>, tensor<?x8xf32>
}
