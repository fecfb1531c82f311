#!/usr/bin/env bash
# Lesson 3: packings, strategies and tiles change the speed, never a bit.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

prompt="One day, a little girl and her big brown dog went to the park to play"
answer() { # EXE: ids on stdout, logits into EXE.logits
  "$1" run -p "$prompt" -n 12 --temp 0 --output-ids --dump-logits "$1.logits"
}
run setun compile examples/tinystories-3m -o ./plain --dump-dir=stages
answer ./plain | tee expected

# variant NAME PACKING TILE: edits what the tile stage left and goes on from it.
variant() {
  say "$1: packing $2, prefill with $3"
  sed -E -e "s/#lut\.(i2|b3)/#lut.$2/" \
    -e "s/(rows = 128, )strategy[^>]*/\1$3/" stages/04-tile.mlir >"$1.mlir"
  run setun compile --from=tile "$1.mlir" -o "./$1"
  run "./$1" verify | grep -E '_128(_r)? '
  answer "./$1" | diff - expected
  cmp "$1.logits" plain.logits
  echo "the same ids, the same logits"
}
variant looked-up i2 "strategy = lookup, blocks = 4, unroll = 1, tokens = 16"
variant multiplied b3 "strategy = mad, blocks = 2, unroll = 1, tokens = 4"
