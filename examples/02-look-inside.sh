#!/usr/bin/env bash
# Lesson 2: what is in an executable, and what each stage made of the model.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

run setun compile examples/tinystories-3m -o tinystories --dump-dir=stages -v
say "the result: shape, CPU features, bytes and bits per weight, batch classes"
run ./tinystories info

say "every stage left its module; the first five have a few hundred lines"
run wc -l stages/*

say "simplify leaves the model as it is defined: norm, quantize, matmul apart"
run grep -m 4 -E 'tern.(norm|quantize|matmul)' stages/01-simplify.mlir
say "one pass alone: q, k and v, which read the same activation, become one op"
run setun-opt --fuse-linear stages/01-simplify.mlir -o linear.mlir
grep -m 1 tern.fused_linear linear.mlir
say "the next pass takes the norm in"
run setun-opt --fuse-norm linear.mlir -o norm.mlir
grep -m 1 tern.fused_linear norm.mlir
[ "$(grep -c tern.norm norm.mlir)" -lt "$(grep -c tern.norm linear.mlir)" ]

say "encode chose a packing for each weight, tile a kernel for each batch class"
grep -m 1 -o '@[a-z_.0-9]*q_proj.weight : .*lut.packing = [^}]*' stages/04-tile.mlir
grep -m 1 -o 'lut.tiles = [^]]*]' stages/04-tile.mlir
