#!/usr/bin/env bash
# Lesson 1: a checkpoint becomes one executable, and the executable tells a story.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

say "the checkpoint: weights, configuration, tokenizer"
run ls -L examples/tinystories-3m

say "one command makes one file of it"
run setun compile examples/tinystories-3m -o tinystories
run ls -l tinystories

say "it needs nothing else: no interpreter, no model file, no library"
run ./tinystories -p "Once upon a time" -n 60 -s 1 | tee one

say "the seed fixes the story, the number of threads does not matter"
run ./tinystories -p "Once upon a time" -n 60 -s 1 -t 3 | tee three
diff one three

say "greedy, and as token ids: what tools compare"
run ./tinystories tokenize -p "Once upon a time"
run ./tinystories run -p "Once upon a time" -n 12 --temp 0 --output-ids
