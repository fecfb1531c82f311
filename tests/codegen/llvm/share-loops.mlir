// Loops of a step that differ in numbers become one function.
// RUN: setun-opt %s -codegen-spmd-to-func -codegen-share-loops \
// RUN: | FileCheck %s
// RUN: setun-opt %s -codegen-spmd-to-func -codegen-share-loops \
// RUN: | FileCheck %s --check-prefix=OTHER

// What all loops have in common stays a constant, what differs is handed over
// once, however often it is used. The first loop has one number in two places
// where the second has two: they are two parameters.
// CHECK-LABEL: func.func private @step.loop0(
// CHECK-SAME:    %[[PARTS:[a-z0-9]+]]: index, %[[WORKER:[a-z0-9]+]]: index,
// CHECK-SAME:    %[[COUNT:[a-z0-9]+]]: index, %[[COUNTERS:[a-z0-9]+]]: !llvm.ptr,
// CHECK-SAME:    %[[OFFSET:[a-z0-9]+]]: index, %[[STEP:[a-z0-9]+]]: !llvm.ptr,
// CHECK-SAME:    %[[N:[a-z0-9]+]]: index, %[[SCALE:[a-z0-9]+]]: f32)
// CHECK-SAME:    attributes {lut.target = #
// CHECK-DAG:   %[[C64:.*]] = arith.constant 64 : index
// CHECK:       scf.for %{{.*}} to %[[PARTS]]
// CHECK:         llvm.getelementptr %[[COUNTERS]]
// CHECK:         %[[AT:.*]] = arith.muli %{{.*}}, %[[C64]]
// CHECK:         arith.addi %[[AT]], %[[OFFSET]]
// CHECK:         call @kernel(%{{.*}}, %[[N]], %[[SCALE]])
// CHECK-NOT:   call @kernel
// CHECK:       return

// CHECK-LABEL: func.func @step
// CHECK-DAG:   %[[HALF:.*]] = arith.constant 5.000000e-01 : f32
// CHECK-DAG:   %[[TWO:.*]] = arith.constant 2.000000e+00 : f32
// CHECK-NOT:   call @kernel
// CHECK:       call @step.loop0({{.*}}%[[HALF]]
// CHECK:       call @setun_barrier
// CHECK:       call @step.loop0({{.*}}%[[TWO]]
// CHECK:       call @setun_barrier

// Another form stays where it is.
// CHECK:       scf.for
// CHECK:         memref.store
// CHECK:       call @kernel
// CHECK-NOT:   call @step.loop

// A loop of its own step is nobody else's, and what is no step is left alone.
// OTHER-LABEL: func.func @other
// OTHER:         call @kernel
// OTHER-LABEL: func.func @no_step
// OTHER-COUNT-2: call @kernel
#machine = #lut.target<name = "a", triple = "x86_64-unknown-linux-musl",
  cpu = "x86-64", features = "", dot = singles, permuteBytes = 0, dotMacs = 1,
  lookupMacs = 1, l2Bytes = 1>
module {
  func.func private @kernel(memref<64xi8>, index, f32)

  spmd.step @step rows 1 arena 64 scratch 64 claims 3 attributes {lut.target = #machine} {
    %c4 = arith.constant 4 : index
    %half = arith.constant 0.5 : f32
    spmd.parallel_for %tile to %c4 claim 0 {
      %c64 = arith.constant 64 : index
      %c128 = arith.constant 128 : index
      %at = arith.muli %tile, %c64 : index
      %here = arith.addi %at, %c128 : index
      %w = spmd.view weights[%here] : memref<64xi8>
      func.call @kernel(%w, %c128, %half) : (memref<64xi8>, index, f32) -> ()
    }
    spmd.barrier
    %c5 = arith.constant 5 : index
    %two = arith.constant 2.0 : f32
    spmd.parallel_for %tile to %c5 claim 1 {
      %c64 = arith.constant 64 : index
      %c4096 = arith.constant 4096 : index
      %at = arith.muli %tile, %c64 : index
      %here = arith.addi %at, %c4096 : index
      %w = spmd.view weights[%here] : memref<64xi8>
      func.call @kernel(%w, %c64, %two) : (memref<64xi8>, index, f32) -> ()
    }
    spmd.barrier
    spmd.parallel_for %tile to %c5 claim 2 {
      %c64 = arith.constant 64 : index
      %c0 = arith.constant 0 : i8
      %at = arith.muli %tile, %c64 : index
      %w = spmd.view weights[%at] : memref<64xi8>
      memref.store %c0, %w[%tile] : memref<64xi8>
      func.call @kernel(%w, %c64, %two) : (memref<64xi8>, index, f32) -> ()
    }
  }

  spmd.step @other rows 1 arena 64 scratch 64 claims 1 {
    %c4 = arith.constant 4 : index
    %half = arith.constant 0.5 : f32
    spmd.parallel_for %tile to %c4 claim 0 {
      %c64 = arith.constant 64 : index
      %c128 = arith.constant 128 : index
      %at = arith.muli %tile, %c64 : index
      %here = arith.addi %at, %c128 : index
      %w = spmd.view weights[%here] : memref<64xi8>
      func.call @kernel(%w, %c128, %half) : (memref<64xi8>, index, f32) -> ()
    }
  }

  func.func @no_step(%w: memref<64xi8>, %scale: f32) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c9 = arith.constant 9 : index
    scf.for %i = %c0 to %c9 step %c1 {
      %a = arith.addi %i, %c1 : index
      func.call @kernel(%w, %a, %scale) : (memref<64xi8>, index, f32) -> ()
    }
    scf.for %i = %c0 to %c9 step %c1 {
      %a = arith.addi %i, %c9 : index
      func.call @kernel(%w, %a, %scale) : (memref<64xi8>, index, f32) -> ()
    }
    return
  }
}
