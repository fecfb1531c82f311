// A step becomes a function (step, worker); the numbers are byte offsets in
// abi::Step.
// RUN: setun-opt %s -codegen-spmd-to-func | FileCheck %s
// RUN: setun-opt %s -codegen-to-llvm | FileCheck %s --check-prefix=LLVM

// CHECK: llvm.func @setun_barrier(!llvm.ptr)
// CHECK: llvm.func @setun_mark(!llvm.ptr, i64, i64) attributes {passthrough = ["cold"]}
// CHECK: llvm.func @setun_await(!llvm.ptr, !llvm.ptr, i64)

// CHECK-LABEL: func.func @step
// CHECK-SAME: (%[[STEP:.*]]: !llvm.ptr, %[[WORKER:.*]]: i64)
// CHECK-NOT: spmd.
spmd.step @step rows 1 arena 4096 scratch 192 claims 8 {
  %c64 = arith.constant 64 : index

  // The fields behind nine pointers.
  // CHECK: llvm.getelementptr %[[STEP]][72] : (!llvm.ptr) -> !llvm.ptr, i8
  // CHECK: %[[N:.*]] = llvm.load {{.*}} : !llvm.ptr -> i64
  // CHECK: %[[ROWS:.*]] = arith.index_cast %[[N]] : i64 to index
  %rows = spmd.get rows
  // CHECK: llvm.getelementptr %[[STEP]][80]
  %position = spmd.get position
  // CHECK: llvm.getelementptr %[[STEP]][88]
  %first = spmd.get first_logit

  // The counters of loop 2 lie 2·64 bytes behind the first, one for each part of
  // the tiles. A worker begins with its own part; of each it takes the next tile
  // until there is none.
  // CHECK: %[[AT:.*]] = llvm.getelementptr %[[STEP]][56]
  // CHECK: %[[CLAIMS:.*]] = llvm.load %[[AT]] : !llvm.ptr -> !llvm.ptr
  // CHECK: %[[COUNTERS:.*]] = llvm.getelementptr %[[CLAIMS]][128]
  // CHECK: llvm.getelementptr %[[STEP]][104]
  // CHECK: %[[SIXTEEN:.*]] = arith.constant 16 : index
  // CHECK: %[[PARTS:.*]] = arith.minui %{{.*}}, %[[SIXTEEN]]
  // CHECK: %[[SELF:.*]] = arith.index_cast %[[WORKER]] : i64 to index
  // CHECK: scf.for %[[K:.*]] = %{{.*}} to %[[PARTS]]
  // CHECK: %[[SUM:.*]] = arith.addi %[[SELF]], %[[K]]
  // CHECK: %[[PART:.*]] = arith.remui %[[SUM]], %[[PARTS]]
  // CHECK: %[[BEFORE:.*]] = arith.muli %[[ROWS]], %[[PART]]
  // CHECK: %[[FIRST:.*]] = arith.divui %[[BEFORE]], %[[PARTS]]
  // CHECK: %[[LAST:.*]] = arith.divui %{{.*}}, %[[PARTS]]
  // CHECK: %[[COUNTER:.*]] = llvm.getelementptr %[[COUNTERS]][%{{.*}}]
  // CHECK: scf.while : () -> index
  // CHECK: llvm.atomicrmw add %[[COUNTER]], %{{.*}} monotonic : !llvm.ptr, i32
  // CHECK: %[[NEXT:.*]] = arith.index_castui
  // CHECK: %[[TAKEN:.*]] = arith.addi %[[FIRST]], %[[NEXT]]
  // CHECK: %[[MORE:.*]] = arith.cmpi ult, %[[TAKEN]], %[[LAST]]
  // CHECK: scf.condition(%[[MORE]]) %[[TAKEN]]
  // CHECK: ^bb0(%[[TILE:.*]]: index):
  spmd.parallel_for %tile to %rows claim 2 {
    // CHECK: llvm.getelementptr %[[STEP]][0]
    // CHECK: arith.index_cast %[[TILE]] : index to i64
    // CHECK: builtin.unrealized_conversion_cast {{.*}} to memref<64xi8>
    %w = spmd.view weights[%tile] : memref<64xi8>
    %b = memref.load %w[%c64] : memref<64xi8>
    memref.store %b, %w[%c64] : memref<64xi8>
  }

  // Marks are numbered, and nothing is called while nobody watches.
  // CHECK: %[[P:.*]] = llvm.getelementptr %[[STEP]][96]
  // CHECK: %[[PROFILE:.*]] = llvm.load %[[P]]
  // CHECK: %[[NULL:.*]] = llvm.mlir.zero
  // CHECK: %[[WATCHED:.*]] = llvm.icmp "ne" %[[PROFILE]], %[[NULL]]
  // CHECK: %[[ZERO:.*]] = llvm.mlir.constant(0 : i64)
  // CHECK: scf.if %[[WATCHED]]
  // CHECK: llvm.call @setun_mark(%[[PROFILE]], %[[WORKER]], %[[ZERO]])
  spmd.mark "layer 0"
  // CHECK: %[[ONE:.*]] = llvm.mlir.constant(1 : i64)
  // CHECK: scf.if
  // CHECK: llvm.call @setun_mark(%{{.*}}, %[[WORKER]], %[[ONE]])
  spmd.mark "barrier"

  // Two weights are tallied in 64 bytes each; the second half of these counts
  // what was skipped.
  // CHECK: %[[BYTES:.*]] = llvm.mlir.constant(128 : i64)
  // CHECK: %[[OWN:.*]] = llvm.mul %[[WORKER]], %[[BYTES]]
  // CHECK: llvm.getelementptr %[[STEP]][112]
  // CHECK: %[[TALLIES:.*]] = llvm.load
  // CHECK: %[[ALL:.*]] = llvm.getelementptr %[[TALLIES]][%[[OWN]]]
  // CHECK: %[[UP:.*]] = llvm.mlir.constant(0 : i64)
  // CHECK: %[[MINE:.*]] = llvm.getelementptr %[[ALL]][%[[UP]]]
  // CHECK: %[[INPUTS:.*]] = llvm.getelementptr %[[MINE]][0]
  // CHECK: %[[BEFORE:.*]] = llvm.load %[[INPUTS]]
  // CHECK: %[[MORE:.*]] = arith.index_cast %[[ROWS]]
  // CHECK: %[[SUM:.*]] = llvm.add %[[BEFORE]], %[[MORE]]
  // CHECK: llvm.store %[[SUM]], %[[INPUTS]]
  // CHECK: llvm.getelementptr %[[MINE]][8]
  spmd.tally @up %c64 of %rows
  // CHECK: %[[DOWN:.*]] = llvm.mlir.constant(64 : i64)
  // CHECK: %[[MINE:.*]] = llvm.getelementptr %{{.*}}[%[[DOWN]]]
  // CHECK: llvm.getelementptr %[[MINE]][16]
  // CHECK: llvm.getelementptr %[[MINE]][24]
  spmd.tally @down %c64 of %rows skipped

  // CHECK: scf.while
  // CHECK: ^bb0(%[[TILE:.*]]: index):
  spmd.parallel_for %tile to %rows claim 0 {
    // CHECK: %[[CLAIM:.*]] = llvm.mlir.constant(192 : i64)
    // CHECK: %[[FIRST:.*]] = llvm.getelementptr %{{.*}}[%[[CLAIM]]]
    // CHECK: %[[BYTES:.*]] = llvm.mul
    // CHECK: %[[DONE:.*]] = llvm.getelementptr %[[FIRST]][%[[BYTES]]]
    // CHECK: llvm.atomicrmw add %[[DONE]], %{{.*}} acq_rel : !llvm.ptr, i32
    %before = spmd.finish claim 3[%tile of 5]
  }
  // CHECK: %[[BARRIER:.*]] = llvm.load
  // CHECK: %[[COUNT:.*]] = arith.index_cast %[[ROWS]] : index to i64
  // CHECK: %[[CLAIM:.*]] = llvm.mlir.constant(192 : i64)
  // CHECK: llvm.getelementptr %{{.*}}[%[[CLAIM]]]
  // CHECK: llvm.mul
  // CHECK-NEXT: %[[DONE:.*]] = llvm.getelementptr
  // CHECK: llvm.call @setun_await(%[[BARRIER]], %[[DONE]], %[[COUNT]])
  spmd.await %rows claim 3[%c64 of 5]

  // CHECK: %[[B:.*]] = llvm.getelementptr %[[STEP]][64]
  // CHECK: %[[BARRIER:.*]] = llvm.load %[[B]]
  // CHECK: llvm.call @setun_barrier(%[[BARRIER]])
  spmd.barrier

  // CHECK: llvm.getelementptr %[[STEP]][8]
  %a = spmd.view arena[%c64] : memref<16xf32>
  // Each worker has 192 bytes of its own.
  // CHECK: llvm.getelementptr %[[STEP]][16]
  // CHECK: %[[BYTES:.*]] = llvm.mlir.constant(192 : i64)
  // CHECK: %[[OWN:.*]] = llvm.mul %[[WORKER]], %[[BYTES]]
  // CHECK: llvm.getelementptr %{{.*}}[%[[OWN]]]
  %s = spmd.view scratch[%c64] : memref<16xf32>
  // CHECK: llvm.getelementptr %[[STEP]][24]
  %c = spmd.view cache[%c64] : memref<16xf32>
  // CHECK: llvm.getelementptr %[[STEP]][32]
  %t = spmd.view tokens[%c64] : memref<8xi32>
  // CHECK: llvm.getelementptr %[[STEP]][40]
  %r = spmd.view rope[%c64] : memref<16xf32>
  // CHECK: llvm.getelementptr %[[STEP]][48]
  %l = spmd.view logits[%c64] : memref<16xf32>
}

// Buffers are bare pointers in a kernel's signature.
// LLVM-LABEL: llvm.func @step(%arg0: !llvm.ptr, %arg1: i64)
// LLVM-NOT: unrealized_conversion_cast
// LLVM: llvm.atomicrmw
// LLVM-LABEL: llvm.func @kernel(%arg0: !llvm.ptr, %arg1: i64) -> f32
// LLVM-NOT: builtin.
func.func @kernel(%x: memref<16x32xf32>, %i: index) -> f32 {
  %y = memref.load %x[%i, %i] : memref<16x32xf32>
  return %y : f32
}
