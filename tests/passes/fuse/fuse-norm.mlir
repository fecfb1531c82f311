// A norm that only one fused_linear reads becomes part of it.
// RUN: setun-opt %s -fuse-norm | FileCheck %s

#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
tern.weight @n : !tern.packed<8, #tern.dense<f32>> in #file
tern.weight @m : !tern.packed<8, #tern.dense<f32>> in #file
tern.weight @a : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in #file

// CHECK-LABEL: func.func @one_reader
// CHECK-SAME: (%[[X:.*]]: tensor
func.func @one_reader(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK-NEXT: tern.fused_linear %[[X]] norm @n eps 1.000000e-05 quantize absmax8 weights [@a] :
  %n = tern.norm %x, @n eps 1.0e-5 : tensor<?x8xf32>
  %y = tern.fused_linear %n quantize absmax8 weights [@a] : tensor<?x8xf32> -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// The residual is the row before the norm: it stays what it is.
// CHECK-LABEL: func.func @residual_before
// CHECK-SAME: (%[[X:.*]]: tensor
func.func @residual_before(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK-NEXT: tern.fused_linear %[[X]] norm @n eps {{.*}} residual %[[X]]
  %n = tern.norm %x, @n eps 1.0e-5 : tensor<?x8xf32>
  %y = tern.fused_linear %n quantize absmax8 weights [@a] residual %x : tensor<?x8xf32> : tensor<?x8xf32> -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// Two readers: the normed row has to exist.
// CHECK-LABEL: func.func @two_readers
func.func @two_readers(%x: tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<?x8xf32>) {
  // CHECK-NEXT: %[[N:.*]] = tern.norm
  // CHECK-NEXT: tern.fused_linear %[[N]] quantize
  %n = tern.norm %x, @n eps 1.0e-5 : tensor<?x8xf32>
  %y = tern.fused_linear %n quantize absmax8 weights [@a] : tensor<?x8xf32> -> tensor<?x8xf32>
  return %y, %n : tensor<?x8xf32>, tensor<?x8xf32>
}

// So it does where the linear itself reads it twice.
// CHECK-LABEL: func.func @residual_behind
func.func @residual_behind(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK-NEXT: %[[N:.*]] = tern.norm
  // CHECK-NEXT: tern.fused_linear %[[N]] quantize {{.*}} residual %[[N]]
  %n = tern.norm %x, @n eps 1.0e-5 : tensor<?x8xf32>
  %y = tern.fused_linear %n quantize absmax8 weights [@a] residual %n : tensor<?x8xf32> : tensor<?x8xf32> -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// A linear holds one norm.
// CHECK-LABEL: func.func @second_norm
func.func @second_norm(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK-NEXT: %[[M:.*]] = tern.norm %{{.*}}, @m
  // CHECK-NEXT: tern.fused_linear %[[M]] norm @n eps
  %m = tern.norm %x, @m eps 1.0e-5 : tensor<?x8xf32>
  %y = tern.fused_linear %m norm @n eps 1.0e-5 quantize absmax8 weights [@a] : tensor<?x8xf32> -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// Before the head a norm stays on its own.
tern.weight @h : !tern.packed<64x8, #tern.dense<f32>> in #file
// CHECK-LABEL: func.func @before_head
func.func @before_head(%x: tensor<?x8xf32>) -> tensor<?x64xf32> {
  // CHECK-NEXT: tern.norm
  // CHECK-NEXT: tern.head
  %n = tern.norm %x, @n eps 1.0e-5 : tensor<?x8xf32>
  %y = tern.head %n, @h : tensor<?x8xf32> -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}
