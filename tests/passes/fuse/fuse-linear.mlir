// The matmuls that read one quantized activation become one fused_linear, in
// program order.
// RUN: setun-opt %s -fuse-linear | FileCheck %s

#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
tern.weight @q : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in #file
tern.weight @k : !tern.packed<4x8, #tern.trit<tensor>> alpha 1.0 in #file
tern.weight @v : !tern.packed<4x8, #tern.trit<tensor>> alpha 1.0 in #file

// CHECK-LABEL: func.func @three
// CHECK-SAME: (%[[X:.*]]: tensor
func.func @three(%x: tensor<?x8xf32>) -> (tensor<?x4xf32>, tensor<?x8xf32>, tensor<?x4xf32>) {
  // CHECK-NEXT: %[[Y:.*]]:3 = tern.fused_linear %[[X]] quantize absmax8 weights [@q, @k, @v]
  // CHECK-SAME: : tensor<?x8xf32> -> tensor<?x8xf32>, tensor<?x4xf32>, tensor<?x4xf32>
  // CHECK-NEXT: return %[[Y]]#1, %[[Y]]#0, %[[Y]]#2
  %a = tern.quantize %x : tensor<?x8xf32> -> !tern.quantized<8, absmax8>
  %q = tern.matmul %a, @q : !tern.quantized<8, absmax8> -> tensor<?x8xf32>
  %k = tern.matmul %a, @k : !tern.quantized<8, absmax8> -> tensor<?x4xf32>
  %v = tern.matmul %a, @v : !tern.quantized<8, absmax8> -> tensor<?x4xf32>
  return %k, %q, %v : tensor<?x4xf32>, tensor<?x8xf32>, tensor<?x4xf32>
}

// Two activations stay two.
// CHECK-LABEL: func.func @two_rows
func.func @two_rows(%x: tensor<?x8xf32>, %y: tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<?x8xf32>) {
  // CHECK-NEXT: tern.fused_linear %{{.*}} weights [@q]
  // CHECK-NEXT: tern.fused_linear %{{.*}} weights [@q]
  // CHECK-NEXT: return
  %a = tern.quantize %x : tensor<?x8xf32> -> !tern.quantized<8, absmax8>
  %b = tern.quantize %y : tensor<?x8xf32> -> !tern.quantized<8, absmax8>
  %q = tern.matmul %a, @q : !tern.quantized<8, absmax8> -> tensor<?x8xf32>
  %r = tern.matmul %b, @q : !tern.quantized<8, absmax8> -> tensor<?x8xf32>
  return %q, %r : tensor<?x8xf32>, tensor<?x8xf32>
}

// Somebody else reads the activation: it has to exist.
// CHECK-LABEL: func.func @other_reader
func.func @other_reader(%x: tensor<?x8xf32>) -> (tensor<?x8xf32>, !tern.quantized<8, absmax8>) {
  // CHECK-NEXT: = tern.quantize
  // CHECK-NEXT: tern.matmul
  // CHECK-NOT: fused_linear
  %a = tern.quantize %x : tensor<?x8xf32> -> !tern.quantized<8, absmax8>
  %q = tern.matmul %a, @q : !tern.quantized<8, absmax8> -> tensor<?x8xf32>
  return %q, %a : tensor<?x8xf32>, !tern.quantized<8, absmax8>
}

// A reader in another region does not run whenever the quantizer does.
// CHECK-LABEL: func.func @other_block
func.func @other_block(%x: tensor<?x8xf32>, %c: i1) -> tensor<?x8xf32> {
  // CHECK-NEXT: = tern.quantize
  // CHECK-NOT: fused_linear
  %a = tern.quantize %x : tensor<?x8xf32> -> !tern.quantized<8, absmax8>
  %y = scf.if %c -> tensor<?x8xf32> {
    %q = tern.matmul %a, @q : !tern.quantized<8, absmax8> -> tensor<?x8xf32>
    scf.yield %q : tensor<?x8xf32>
  } else {
    scf.yield %x : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}

// Nobody reads it: left to the canonicalizer.
// CHECK-LABEL: func.func @no_reader
func.func @no_reader(%x: tensor<?x8xf32>) {
  // CHECK-NEXT: = tern.quantize
  // CHECK-NEXT: return
  %a = tern.quantize %x : tensor<?x8xf32> -> !tern.quantized<8, absmax8>
  return
}

tern.weight @b : !tern.packed<8, #tern.dense<f32>> in <file = 0, encoding = "f32", offset = 0, bytes = 32>

// A linear has biases or none.
// CHECK-LABEL: func.func @biases
func.func @biases(%x: tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<?x4xf32>, tensor<?x8xf32>) {
  // CHECK-NEXT: tern.fused_linear %{{.*}} weights [@q, @q] biases [@b, @b] :
  // CHECK-NEXT: tern.fused_linear %{{.*}} weights [@k] :
  // CHECK-NEXT: return
  %a = tern.quantize %x : tensor<?x8xf32> -> !tern.quantized<8, absmax8>
  %q = tern.matmul %a, @q bias @b : !tern.quantized<8, absmax8> -> tensor<?x8xf32>
  %k = tern.matmul %a, @k : !tern.quantized<8, absmax8> -> tensor<?x4xf32>
  %r = tern.matmul %a, @q bias @b : !tern.quantized<8, absmax8> -> tensor<?x8xf32>
  return %q, %k, %r : tensor<?x8xf32>, tensor<?x4xf32>, tensor<?x8xf32>
}

// So do those that read the same floats; others stay apart.
tern.weight @dense : !tern.packed<4x8, #tern.dense<f32>> in <file = 0, encoding = "f32", offset = 0, bytes = 128>
// CHECK-LABEL: func.func @floats
// CHECK-SAME: (%[[X:.*]]: tensor
func.func @floats(%x: tensor<?x8xf32>) -> (tensor<?x4xf32>, tensor<?x8xf32>, tensor<?x4xf32>) {
  // CHECK-NEXT: %[[Q:.*]] = tern.fused_linear %[[X]] quantize absmax8 weights [@k]
  // CHECK-NEXT: %[[F:.*]]:2 = tern.fused_linear %[[X]] weights [@dense, @q]
  // CHECK-NEXT: return %[[F]]#0, %[[F]]#1, %[[Q]]
  %a = tern.quantize %x : tensor<?x8xf32> -> !tern.quantized<8, absmax8>
  %k = tern.matmul %a, @k : !tern.quantized<8, absmax8> -> tensor<?x4xf32>
  %d = tern.matmul %x, @dense : tensor<?x8xf32> -> tensor<?x4xf32>
  %q = tern.matmul %x, @q : tensor<?x8xf32> -> tensor<?x8xf32>
  return %d, %q, %k : tensor<?x4xf32>, tensor<?x8xf32>, tensor<?x4xf32>
}
