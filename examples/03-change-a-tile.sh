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

# variant NAME STAGE EDIT: changes with sed what the stage left, and goes on.
variant() {
  say "$1: after $2, $3"
  sed -E -e "$3" stages/0?-"$2".mlir >"$1.mlir"
  run setun compile --from="$2" "$1.mlir" -o "./$1"
  run "./$1" verify | grep -E '_256(_r)? '
  answer "./$1" | diff - expected
  cmp "$1.logits" plain.logits
  echo "the same ids, the same logits"
}
# Prefill takes tiles of 5 blocks, or what few tokens take.
few=$(grep -oEm1 'rows = 32, [^>]*' stages/04-tile.mlir)
variant looked-up tile "s/(rows = 256, )[^>]*/\1strategy = lookup, blocks = 5, unroll = 1, tokens = 16/"
variant multiplied tile "s/(rows = 256, )[^>]*/\1${few#*, }/"
variant two-bits encode 's/#lut\.b3/#lut.i2/'
variant base-3 encode 's/#lut\.i2/#lut.b3/'
