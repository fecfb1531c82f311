// What was measured to be best for linears of a shape; what has a packing keeps
// it, and what is for tiles stays for later.
// RUN: setun-opt %s -encode-tune-packings -encode-pack-weights | FileCheck %s

#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 64>
// CHECK: module attributes {{.*}}lut.tuning
module attributes {lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = quads, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>,
  lut.tuning = [
    #lut.choice<level = "c", rows = [16], columns = 16, gate = "", residual = false, packing = #lut.b3, decode = #lut.tile<rows = 1, strategy = mad, blocks = 5, unroll = 5, tokens = 1>>,
    #lut.choice<level = "", rows = [32], columns = 16, gate = "", residual = false, packing = #lut.b3>,
    #lut.choice<level = "", rows = [16, 16], columns = 16, gate = "relu2", residual = false, packing = #lut.b3>]} {
// CHECK: @a {{.*}}lut.packing = #lut.i2
tern.weight @a : !tern.packed<16x16, #tern.trit<tensor>> alpha 1.0 in #file
// CHECK: @b {{.*}}lut.packing = #lut.b3
tern.weight @b : !tern.packed<32x16, #tern.trit<tensor>> alpha 1.0 in #file
// CHECK: @c {{.*}}lut.packing = #lut.i2
tern.weight @c : !tern.packed<32x16, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
// CHECK: @d {{.*}}lut.packing = #lut.i2
tern.weight @d : !tern.packed<16x16, #tern.trit<tensor>> alpha 1.0 in #file
// CHECK: @e {{.*}}lut.packing = #lut.i2
tern.weight @e : !tern.packed<16x16, #tern.trit<tensor>> alpha 1.0 in #file
// CHECK: @f {{.*}}lut.packing = #lut.b3
tern.weight @f : !tern.packed<16x16, #tern.trit<tensor>> alpha 1.0 in #file
// CHECK: @g {{.*}}lut.packing = #lut.b3
tern.weight @g : !tern.packed<16x16, #tern.trit<tensor>> alpha 1.0 in #file

func.func @forward(%x: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %a = tern.fused_linear %x quantize absmax8 weights [@a] : tensor<?x16xf32> -> tensor<?x16xf32>
  %b = tern.fused_linear %x quantize absmax8 weights [@b] : tensor<?x16xf32> -> tensor<?x32xf32>
  %c = tern.fused_linear %x quantize absmax8 weights [@c] : tensor<?x16xf32> -> tensor<?x32xf32>
  %d = tern.fused_linear %x quantize absmax8 weights [@d, @e] gate silu : tensor<?x16xf32> -> tensor<?x16xf32>
  %f = tern.fused_linear %x quantize absmax8 weights [@f, @g] gate relu2 : tensor<?x16xf32> -> tensor<?x16xf32>
  return %f : tensor<?x16xf32>
}
}
