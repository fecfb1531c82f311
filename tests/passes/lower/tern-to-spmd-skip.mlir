// Decoding looks at its zeros and then takes one of two kernels; other batch
// classes read all.
// RUN: setun-opt -mlir-print-local-scope %s -lower-tern-to-spmd | FileCheck %s

#file = #tern.source<file = 0, encoding = "hf-packed", offset = 0, bytes = 16>
#one = #lut.tile<rows = 1, strategy = mad, blocks = 2, unroll = 1, tokens = 1>
#more = #lut.tile<rows = 8, strategy = mad, blocks = 2, unroll = 1, tokens = 1>
module attributes {tern.model = #tern.model<name = "tiny", vocab = 100, maxContext = 40, layers = 1, hidden = 24, intermediate = 600, heads = 6, kvHeads = 2, headDim = 4, bos = -1, stop = [], rope = [1.0, 0.5]>} {
tern.weight @embed : !tern.packed<100x24, #tern.dense<bf16>> in #file {lut.packing = #lut.rows<bf16>, lut.offset = 0}
tern.weight @gate : !tern.packed<600x24, #tern.trit<tensor>> alpha 0.5 in #file {lut.packing = #lut.i2, lut.offset = 8192}
tern.weight @up : !tern.packed<600x24, #tern.trit<tensor>> alpha 0.5 in #file {lut.packing = #lut.i2, lut.offset = 16384, lut.skip_packing = #lut.lines<rows>, lut.skip_offset = 24576}
tern.weight @down : !tern.packed<24x600, #tern.trit<tensor>> alpha 0.5 in #file {lut.packing = #lut.i2, lut.offset = 65536, lut.skip_packing = #lut.lines<columns>, lut.skip_offset = 73728}

// Its rows are read in whole groups of 256.
// CHECK: func.func private @mad_i2_600x24_1({{.*}}memref<1x256xi8>
// CHECK: func.func private @skip_rows_600x24_1_r({{.*}}memref<1x256xi8>
// CHECK: func.func private @skip_columns_24x600_1_r(

// CHECK-LABEL: spmd.step @decode rows 1
// CHECK: spmd.parallel_for
// CHECK: call @mad_i2_600x24_1(
// CHECK: %[[COUNT:.*]] = scf.for
// CHECK: arith.cmpf ogt
// CHECK: %[[SUM:.*]] = vector.reduction <add>, %[[COUNT]]
// CHECK: %[[ACTIVE:.*]] = arith.index_castui %[[SUM]]
// Of the last 32 rows 8 are padding.
// CHECK: %[[INPUTS:.*]] = arith.minui
// 400 of 1000 may be positive with one worker, 550 with several.
// CHECK: %[[WORKERS:.*]] = spmd.get workers
// CHECK: %[[ALONE:.*]] = arith.cmpi eq, %[[WORKERS]]
// CHECK: %[[MOST:.*]] = arith.select %[[ALONE]], %c400{{.*}}, %c550
// CHECK: %[[FEW:.*]] = arith.cmpi ule
// CHECK: %[[SKIPS:.*]] = spmd.get skips
// CHECK: %[[WANTED:.*]] = arith.cmpi ne, %[[SKIPS]]
// CHECK: %[[BOTH:.*]] = arith.andi %[[FEW]], %[[WANTED]]
// CHECK: scf.if %[[BOTH]] {
// CHECK: %[[ZEROS:.*]] = arith.subi %[[INPUTS]], %[[ACTIVE]]
// CHECK: spmd.tally @up %[[ZEROS]] of %[[INPUTS]] skipped
// CHECK: call @skip_rows_600x24_1_r(
// CHECK: } else {
// CHECK: spmd.tally @up %{{.*}} of %[[INPUTS]]{{$}}
// CHECK: call @mad_i2_600x24_1(
// CHECK: call @glu_relu2
// CHECK: spmd.barrier
// CHECK: call @quantize_600x608
// CHECK: arith.cmpi ne
// CHECK: arith.cmpi ule
// CHECK: scf.if
// CHECK: spmd.tally @down %{{.*}} of %{{.*}} skipped
// As many tiles as workers, each of whole groups.
// CHECK: spmd.get workers
// CHECK: spmd.parallel_for
// CHECK: call @skip_columns_24x600_1_r(
// CHECK: } else {
// CHECK: spmd.parallel_for
// CHECK: call @mad_i2_24x600_1_r(
// CHECK: spmd.barrier

// CHECK-LABEL: spmd.step @prefill rows 8
// CHECK-NOT: @skip
// CHECK-NOT: spmd.tally
// CHECK: call @mad_i2_24x600_8_r(
func.func @forward(%ids: tensor<?xi32>) -> tensor<?x100xf32> {
  %x = tern.embedding %ids, @embed : tensor<?xi32> -> tensor<?x24xf32>
  %a = tern.fused_linear %x quantize absmax8 weights [@gate, @up] gate relu2 {lut.skip = #lut.skip<alone = 600, shared = 450>, lut.tiles = [#one, #more]} : tensor<?x24xf32> -> tensor<?x600xf32>
  %b = tern.fused_linear %a quantize absmax8 weights [@down] residual %x : tensor<?x24xf32> {lut.skip = #lut.skip<alone = 500, shared = 400>, lut.tiles = [#one, #more]} : tensor<?x600xf32> -> tensor<?x24xf32>
  %c = tern.head %b, @embed : tensor<?x24xf32> -> tensor<?x100xf32>
  return %c : tensor<?x100xf32>
}
}
