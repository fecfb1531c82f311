#!/usr/bin/env bash
# Lesson 4: a checkpoint of a shape that nobody ships, on two CPU levels.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

say "random trits, odd sizes: 6 heads of 44, 3 KV heads, no multiple of a vector"
run /usr/bin/python3 "$examples/../tests/tools/make_checkpoint.py" odd \
  --hidden 264 --heads 6 --kv-heads 3 --ffn 700 --vocab 777 --layers 3

say "it has no tokenizer: raw ids go in and come out"
for cpu in x86-64 native; do
  run setun compile odd -o "odd-$cpu" --cpu=$cpu --no-tokenizer
  run "./odd-$cpu" run --ids 3,1,4,1,5,9,2,6,5,3,5 -n 16 --temp 0 --ignore-eos \
    --output-ids --dump-logits "$cpu.logits" | tee "$cpu.ids"
done

say "other instructions, other packing, the same bits: 16 rows of 777 logits"
diff x86-64.ids native.ids
run cmp x86-64.logits native.logits
run sha256sum x86-64.logits native.logits
