// A linear whose only result is added to something takes it as its residual.
// RUN: setun-opt %s -fuse-residual | FileCheck %s

#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
tern.weight @n : !tern.packed<8, #tern.dense<f32>> in #file
tern.weight @a : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in #file

// CHECK-LABEL: func.func @right
// CHECK-SAME: (%[[X:.*]]: tensor<?x8xf32>, %[[R:.*]]: tensor<?x8xf32>)
func.func @right(%x: tensor<?x8xf32>, %r: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK-NEXT: %[[Y:.*]] = tern.fused_linear %[[X]] norm @n eps {{.*}} weights [@a] residual %[[R]]
  // CHECK-NEXT: return %[[Y]]
  %a = tern.fused_linear %x norm @n eps 1.0e-5 quantize absmax8 weights [@a] : tensor<?x8xf32> -> tensor<?x8xf32>
  %y = tern.add %r, %a : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: func.func @left
// CHECK-SAME: (%[[X:.*]]: tensor<?x8xf32>, %[[R:.*]]: tensor<?x8xf32>)
func.func @left(%x: tensor<?x8xf32>, %r: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK-NEXT: tern.fused_linear %[[X]] {{.*}} residual %[[R]]
  // CHECK-NEXT: return
  %a = tern.fused_linear %x quantize absmax8 weights [@a] : tensor<?x8xf32> -> tensor<?x8xf32>
  %y = tern.add %a, %r : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// The residual comes later than the linear.
// CHECK-LABEL: func.func @late
func.func @late(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK-NEXT: %[[N:.*]] = tern.norm
  // CHECK-NEXT: tern.fused_linear %{{.*}} residual %[[N]]
  // CHECK-NEXT: return
  %a = tern.fused_linear %x quantize absmax8 weights [@a] : tensor<?x8xf32> -> tensor<?x8xf32>
  %n = tern.norm %x, @n eps 1.0e-5 : tensor<?x8xf32>
  %y = tern.add %a, %n : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// Two linears: one takes the other as its residual.
// CHECK-LABEL: func.func @both
func.func @both(%x: tensor<?x8xf32>, %z: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK-NEXT: %[[A:.*]] = tern.fused_linear %arg0 quantize absmax8 weights [@a] :
  // CHECK-NEXT: tern.fused_linear %arg1 quantize absmax8 weights [@a] residual %[[A]]
  // CHECK-NEXT: return
  %a = tern.fused_linear %x quantize absmax8 weights [@a] : tensor<?x8xf32> -> tensor<?x8xf32>
  %b = tern.fused_linear %z quantize absmax8 weights [@a] : tensor<?x8xf32> -> tensor<?x8xf32>
  %y = tern.add %a, %b : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// The product is read by somebody else.
// CHECK-LABEL: func.func @read_twice
func.func @read_twice(%x: tensor<?x8xf32>, %r: tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<?x8xf32>) {
  // CHECK-NEXT: tern.fused_linear %{{.*}} weights [@a] :
  // CHECK-NEXT: tern.add
  %a = tern.fused_linear %x quantize absmax8 weights [@a] : tensor<?x8xf32> -> tensor<?x8xf32>
  %y = tern.add %r, %a : tensor<?x8xf32>
  return %y, %a : tensor<?x8xf32>, tensor<?x8xf32>
}

// Twice the product is no residual.
// CHECK-LABEL: func.func @twice
func.func @twice(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK-NEXT: tern.fused_linear %{{.*}} weights [@a] :
  // CHECK-NEXT: tern.add
  %a = tern.fused_linear %x quantize absmax8 weights [@a] : tensor<?x8xf32> -> tensor<?x8xf32>
  %y = tern.add %a, %a : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// Gated linears and such with several weights take none.
// CHECK-LABEL: func.func @gated
func.func @gated(%x: tensor<?x8xf32>, %r: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK-NEXT: tern.fused_linear %{{.*}} gate silu :
  // CHECK-NEXT: tern.add
  // CHECK-NEXT: tern.fused_linear %{{.*}} weights [@a, @a] :
  // CHECK-NEXT: tern.add
  %a = tern.fused_linear %x quantize absmax8 weights [@a, @a] gate silu : tensor<?x8xf32> -> tensor<?x8xf32>
  %y = tern.add %r, %a : tensor<?x8xf32>
  %b, %c = tern.fused_linear %y quantize absmax8 weights [@a, @a] : tensor<?x8xf32> -> tensor<?x8xf32>, tensor<?x8xf32>
  %z = tern.add %r, %b : tensor<?x8xf32>
  return %z : tensor<?x8xf32>
}

// One residual is enough.
// CHECK-LABEL: func.func @second
func.func @second(%x: tensor<?x8xf32>, %r: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK-NEXT: tern.fused_linear
  // CHECK-NEXT: tern.add
  %a = tern.fused_linear %x quantize absmax8 weights [@a] residual %x : tensor<?x8xf32> : tensor<?x8xf32> -> tensor<?x8xf32>
  %y = tern.add %r, %a : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
