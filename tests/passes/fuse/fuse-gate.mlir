// The two results of one fused_linear that a gate reads become one.
// RUN: setun-opt %s -fuse-gate | FileCheck %s

#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
tern.weight @n : !tern.packed<8, #tern.dense<f32>> in #file
tern.weight @a : !tern.packed<16x8, #tern.trit<tensor>> alpha 1.0 in #file
tern.weight @b : !tern.packed<16x8, #tern.trit<tensor>> alpha 1.0 in #file

// CHECK-LABEL: func.func @gate_up
// CHECK-SAME: (%[[X:.*]]: tensor
func.func @gate_up(%x: tensor<?x8xf32>) -> tensor<?x16xf32> {
  // CHECK-NEXT: %[[Y:.*]] = tern.fused_linear %[[X]] norm @n eps {{.*}} quantize absmax8 weights [@a, @b] gate relu2 : tensor<?x8xf32> -> tensor<?x16xf32>
  // CHECK-NEXT: return %[[Y]]
  %a, %b = tern.fused_linear %x norm @n eps 1.0e-5 quantize absmax8 weights [@a, @b] : tensor<?x8xf32> -> tensor<?x16xf32>, tensor<?x16xf32>
  %y = tern.gate relu2 %a, %b : tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}

// The gate is the second result: the weights change places.
// CHECK-LABEL: func.func @up_gate
func.func @up_gate(%x: tensor<?x8xf32>) -> tensor<?x16xf32> {
  // CHECK-NEXT: tern.fused_linear %{{.*}} weights [@b, @a] gate silu :
  // CHECK-NEXT: return
  %a, %b = tern.fused_linear %x quantize absmax8 weights [@a, @b] : tensor<?x8xf32> -> tensor<?x16xf32>, tensor<?x16xf32>
  %y = tern.gate silu %b, %a : tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}

// Up is read by somebody else.
// CHECK-LABEL: func.func @up_read_twice
func.func @up_read_twice(%x: tensor<?x8xf32>) -> (tensor<?x16xf32>, tensor<?x16xf32>) {
  // CHECK-NEXT: tern.fused_linear %{{.*}} weights [@a, @b] :
  // CHECK-NEXT: tern.gate relu2
  %a, %b = tern.fused_linear %x quantize absmax8 weights [@a, @b] : tensor<?x8xf32> -> tensor<?x16xf32>, tensor<?x16xf32>
  %y = tern.gate relu2 %a, %b : tensor<?x16xf32>
  return %y, %b : tensor<?x16xf32>, tensor<?x16xf32>
}

// One result is gate and up at once.
// CHECK-LABEL: func.func @same
func.func @same(%x: tensor<?x8xf32>) -> tensor<?x16xf32> {
  // CHECK-NEXT: tern.fused_linear %{{.*}} weights [@a, @b] :
  // CHECK-NEXT: tern.gate relu2
  %a, %b = tern.fused_linear %x quantize absmax8 weights [@a, @b] : tensor<?x8xf32> -> tensor<?x16xf32>, tensor<?x16xf32>
  %y = tern.gate relu2 %a, %a : tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}

// Gate and up come from two linears.
// CHECK-LABEL: func.func @two_linears
func.func @two_linears(%x: tensor<?x8xf32>, %z: tensor<?x8xf32>) -> tensor<?x16xf32> {
  // CHECK-COUNT-2: tern.fused_linear
  // CHECK-NEXT: tern.gate relu2
  %a = tern.fused_linear %x quantize absmax8 weights [@a] : tensor<?x8xf32> -> tensor<?x16xf32>
  %b = tern.fused_linear %z quantize absmax8 weights [@b] : tensor<?x8xf32> -> tensor<?x16xf32>
  %y = tern.gate relu2 %a, %b : tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}

// A third weight reads the same activation.
// CHECK-LABEL: func.func @three_results
func.func @three_results(%x: tensor<?x8xf32>) -> (tensor<?x16xf32>, tensor<?x16xf32>) {
  // CHECK-NEXT: tern.fused_linear %{{.*}} weights [@a, @b, @a] :
  // CHECK-NEXT: tern.gate relu2
  %a, %b, %c = tern.fused_linear %x quantize absmax8 weights [@a, @b, @a] : tensor<?x8xf32> -> tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>
  %y = tern.gate relu2 %a, %b : tensor<?x16xf32>
  return %y, %c : tensor<?x16xf32>, tensor<?x16xf32>
}
