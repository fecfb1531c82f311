// Every op, region and field prints as it is written.
// RUN: setun-opt %s | FileCheck %s
// RUN: setun-opt %s | setun-opt | FileCheck %s
// RUN: setun-opt %s --mlir-print-op-generic | setun-opt | FileCheck %s

// CHECK: spmd.step @small rows 1 arena 4096 scratch 64 claims 6 {
spmd.step @small rows 1 arena 4096 scratch 64 claims 6 {
  %zero = arith.constant 0 : index
  // CHECK: spmd.get rows
  %rows = spmd.get rows
  // CHECK: spmd.get position
  %position = spmd.get position
  // CHECK: spmd.get workers
  %workers = spmd.get workers
  // CHECK: spmd.get skips
  %skips = spmd.get skips
  // CHECK: spmd.get first_logit
  %first = spmd.get first_logit
  // CHECK: spmd.parallel_for %[[TILE:.*]] to %{{.*}} claim 1 {
  spmd.parallel_for %tile to %rows claim 1 {
    // CHECK: spmd.view weights[%[[TILE]]] : memref<64xi8>
    %w = spmd.view weights[%tile] : memref<64xi8>
    // CHECK: spmd.view arena[%{{.*}}] : memref<8x16xf32>
    %a = spmd.view arena[%zero] : memref<8x16xf32>
    // CHECK: spmd.view scratch
    %s = spmd.view scratch[%zero] : memref<16xf32>
    // CHECK: } {note = "of tiles"}
  } {note = "of tiles"}
  // CHECK: spmd.mark "layer 0"
  spmd.mark "layer 0"
  // CHECK: spmd.parallel_for %[[TILE:.*]] to
  spmd.parallel_for %tile to %rows claim 0 {
    // CHECK: %{{.*}} = spmd.finish claim 2[%[[TILE]] of 4]
    %before = spmd.finish claim 2[%tile of 4]
  }
  // CHECK: spmd.await %{{.*}} claim 2[%{{.*}} of 4]
  spmd.await %rows claim 2[%zero of 4]
  // CHECK: spmd.tally @up %{{.*}} of %{{.*}} skipped{{$}}
  spmd.tally @up %zero of %rows skipped
  // CHECK: spmd.tally @up %{{.*}} of %{{.*}} {note = "read whole"}
  spmd.tally @up %zero of %rows {note = "read whole"}
  // CHECK: spmd.barrier
  spmd.barrier
  // CHECK: spmd.view cache
  %c = spmd.view cache[%zero] : memref<32x16xf32>
  // CHECK: spmd.view tokens
  %t = spmd.view tokens[%zero] : memref<8xi32>
  // CHECK: spmd.view rope
  %r = spmd.view rope[%zero] : memref<4xf32>
  // CHECK: spmd.view logits
  %l = spmd.view logits[%zero] : memref<64xf32>
}

// An empty step.
// CHECK: spmd.step @decode rows 1 arena 0 scratch 0 claims 0 attributes {why = "none"}
spmd.step @decode rows 1 arena 0 scratch 0 claims 0 attributes {why = "none"} {
}
