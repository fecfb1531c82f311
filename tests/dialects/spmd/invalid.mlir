// Every rule of the dialect's verifiers, broken once.
// RUN: setun-opt %s -split-input-file -verify-diagnostics

spmd.step @step rows 1 arena 0 scratch 0 claims 1 {
  %count = arith.constant 4 : index
  // expected-error @+1 {{claims counter 1, expected one below 1 (rule 1)}}
  spmd.parallel_for %tile to %count claim 1 {
  }
}

// -----

// Two loops with one counter: the second would find no tiles left.
spmd.step @step rows 1 arena 0 scratch 0 claims 1 {
  %count = arith.constant 4 : index
  spmd.parallel_for %tile to %count claim 0 {
  }
  // expected-error @+1 {{claims counter 0, which another loop of the step has (rule 1)}}
  spmd.parallel_for %tile to %count claim 0 {
  }
}

// -----

func.func @f(%count: index) {
  // expected-error @+1 {{expected a body with one index, the tile}}
  "spmd.parallel_for"(%count) <{claim = 0 : i64}> ({
  ^bb0(%tile: i32):
  }) : (index) -> ()
  return
}

// -----

// Each worker passes a mark once: none in a loop.
spmd.step @step rows 1 arena 0 scratch 0 claims 1 {
  %count = arith.constant 4 : index
  spmd.parallel_for %tile to %count claim 0 {
    // expected-error @+1 {{'spmd.mark' op expects parent op 'spmd.step'}}
    spmd.mark "tile"
  }
}

// -----

func.func @f(%i: index) {
  // expected-error @+1 {{must be statically shaped memref of any type values}}
  %v = spmd.view arena[%i] : memref<?xf32>
  return
}

// -----

// expected-error @+1 {{'rows' failed to satisfy constraint: 64-bit signless integer attribute whose value is positive}}
spmd.step @step rows 0 arena 0 scratch 0 claims 0 {
}

// -----

// expected-error @+1 {{'arena' failed to satisfy constraint}}
spmd.step @step rows 1 arena -64 scratch 0 claims 0 {
}

// -----

// expected-error @+1 {{'scratch' failed to satisfy constraint}}
spmd.step @step rows 1 arena 0 scratch -64 claims 0 {
}

// -----

// expected-error @+1 {{'claims' failed to satisfy constraint}}
spmd.step @step rows 1 arena 0 scratch 0 claims -1 {
}

// -----

spmd.step @step rows 1 arena 0 scratch 0 claims 3 {
  %count = arith.constant 4 : index
  spmd.parallel_for %tile to %count claim 0 {
    // expected-error @+1 {{counts in 1 to 3, expected counters below 3 (rule 2)}}
    %n = spmd.finish claim 1[%tile of 3]
  }
}

// -----

// The loop would skip a tile.
spmd.step @step rows 1 arena 0 scratch 0 claims 3 {
  %count = arith.constant 4 : index
  spmd.parallel_for %tile to %count claim 1 {
    // expected-error @+1 {{counts in 1, which a loop or another range has (rule 2)}}
    %n = spmd.finish claim 0[%tile of 3]
  }
}

// -----

spmd.step @step rows 1 arena 0 scratch 0 claims 4 {
  %count = arith.constant 4 : index
  spmd.parallel_for %tile to %count claim 0 {
    %n = spmd.finish claim 1[%tile of 3]
    // expected-error @+1 {{counts in 2, which a loop or another range has (rule 2)}}
    %m = spmd.finish claim 2[%tile of 1]
  }
}

// -----

// Every worker would count.
spmd.step @step rows 1 arena 0 scratch 0 claims 1 {
  %zero = arith.constant 0 : index
  // expected-error @+1 {{expected to stand in a loop (rule 3)}}
  %n = spmd.finish claim 0[%zero of 1]
}

// -----

spmd.step @step rows 1 arena 0 scratch 0 claims 3 {
  %one = arith.constant 1 : index
  spmd.parallel_for %tile to %one claim 0 {
    %n = spmd.finish claim 1[%tile of 2]
  }
  // expected-error @+1 {{waits for counters 1 to 1, which no finish counts in (rule 4)}}
  spmd.await %one claim 1[%one of 1]
}

// -----

// A worker alone would wait for its own next tile.
spmd.step @step rows 1 arena 0 scratch 0 claims 2 {
  %one = arith.constant 1 : index
  %zero = arith.constant 0 : index
  spmd.parallel_for %tile to %one claim 0 {
    %n = spmd.finish claim 1[%zero of 1]
    // expected-error @+1 {{expected every finish of counter 1 in an earlier part of the step (rule 4)}}
    spmd.await %one claim 1[%zero of 1]
  }
}

// -----

spmd.step @step rows 2 arena 0 scratch 0 claims 0 {
  %one = arith.constant 1 : index
  // expected-error @+1 {{counts in a step of up to 2 rows, expected 1 (rule 5)}}
  spmd.tally @up %one of %one
}
