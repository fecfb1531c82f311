// The importer quantizes for every projection; equal quantizers and norms
// become one, and attention, which writes the cache, is never merged or dropped.
// RUN: setun-opt %s -setun-simplify | FileCheck %s

#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
tern.weight @n : !tern.packed<8, #tern.dense<f32>> in #file
tern.weight @a : !tern.packed<8x8, #tern.trit<tensor>> alpha 1.0 in #file

// CHECK-LABEL: func.func @forward
// CHECK-NEXT: %[[N:.*]] = tern.norm
// CHECK-NEXT: %[[Q:.*]] = tern.quantize %[[N]]
// CHECK-NEXT: %[[A:.*]] = tern.matmul %[[Q]], @a
// CHECK-NEXT: tern.attention %[[A]], %[[A]], %[[A]] layer 0
// CHECK-NEXT: %[[B:.*]] = tern.attention %[[A]], %[[A]], %[[A]] layer 0
// CHECK-NEXT: return %[[B]]
func.func @forward(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %n = tern.norm %x, @n eps 1.0e-5 : tensor<?x8xf32>
  %m = tern.norm %x, @n eps 1.0e-5 : tensor<?x8xf32>
  %q = tern.quantize %n : tensor<?x8xf32> -> !tern.quantized<8, absmax8>
  %r = tern.quantize %m : tensor<?x8xf32> -> !tern.quantized<8, absmax8>
  %a = tern.matmul %q, @a : !tern.quantized<8, absmax8> -> tensor<?x8xf32>
  %b = tern.matmul %r, @a : !tern.quantized<8, absmax8> -> tensor<?x8xf32>
  %s = tern.attention %a, %b, %b layer 0 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?x8xf32>
  %t = tern.attention %a, %b, %b layer 0 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?x8xf32>
  return %t : tensor<?x8xf32>
}
