#!/usr/bin/env bash
# Lesson 6: what this machine measures to be faster; stop it, go on, keep it.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

# Stopped by Ctrl-C when a round is done: what was measured is in the file.
set -m # else bash's children in the background ignore it
run setun tune examples/tinystories-3m -o measured.tuning --budget=1m &
until [ -e measured.tuning ]; do sleep 0.1; done
kill -INT -$!
wait $! || [ $? = 130 ]
sessions=$(grep -c '^sessions' measured.tuning)
say "the same command goes on: still $sessions session in the file"
run setun tune examples/tinystories-3m -o measured.tuning --budget=1s
[ "$(grep -c '^sessions' measured.tuning)" = "$sessions" ]

run setun compile examples/tinystories-3m -o ./facts
run setun compile examples/tinystories-3m -o ./tuned \
  --tuning=measured.tuning -v 2>&1 | grep -E '^tuning|^tile' | head

for exe in facts tuned; do
  run "./$exe" run -p "One day" -n 12 --temp 0 --output-ids \
    --dump-logits $exe.logits >$exe.ids
done
cmp facts.ids tuned.ids && cmp facts.logits tuned.logits
say "the same ids, the same logits"
run ./tuned bench -p 64 -n 32 -r 3 -t 1
