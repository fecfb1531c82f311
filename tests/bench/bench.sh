#!/usr/bin/env bash
# tests/bench/bench.sh [PRESET [CPU…]]: compiles a synthetic checkpoint of a
# real shape (2b4t, 0.7b, 3b, 8b) for each CPU level and measures it beside the
# read bandwidth of the same run. Serial; prints the machine and the commands.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

preset=${1:-2b4t}
shift || true
[ $# -gt 0 ] || set -- native
setun=${SETUN:-build/release/bin/setun}
work=${BENCH_DIR:-/tmp/setun-bench}
mkdir -p "$work"

run() {
  printf '+ %s\n' "$*"
  "$@"
}

grep -m1 'model name' /proc/cpuinfo
printf 'cores: %s, load: %s\n' "$(nproc)" "$(cut -d' ' -f1-3 /proc/loadavg)"
[ -f "$work/$preset/config.json" ] ||
  run /usr/bin/python3 tests/tools/make_checkpoint.py --preset "$preset" \
    "$work/$preset"
for cpu in "$@"; do
  exe=$work/$preset-$cpu
  time run "$setun" compile "$work/$preset" -o "$exe" --cpu="$cpu" --no-tokenizer
  run "$exe" bench -p 128,512 -n 128 -r 3 -t 1,2 --roofline
done
