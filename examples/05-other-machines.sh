#!/usr/bin/env bash
# Lesson 5: one command makes a program for another ISA; it tells the same story.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

say "no compiler, no library and no machine of the other ISAs is needed for this"
run setun compile examples/tinystories-3m -o here
run setun compile examples/tinystories-3m -o arm --target=aarch64
run setun compile examples/tinystories-3m -o riscv --target=riscv64

# Debian's qemu-user stands in for the machines.
emulator() { command -v "qemu-$1" || command -v "qemu-$1-static" ||
  { echo "no qemu-$1 in PATH; scripts/install.sh installs it" >&2; exit 1; }; }
qemu_arm=$(emulator aarch64)
qemu_riscv=$(emulator riscv64)

say "code for several CPU levels is inside, the weights once; each CPU takes its best"
levels() { run "$@" info | sed -n '/^levels/,/^features/p'; }
levels "$qemu_arm" -cpu cortex-a53 ./arm | tee small
levels "$qemu_arm" -cpu max ./arm | tee large
[ "$(sed -n '/runs here/=' small)" -lt "$(sed -n '/runs here/=' large)" ]
levels "$qemu_riscv" -cpu rv64,v=true,vlen=256,elen=64,vext_spec=v1.0 ./riscv

say "three ISAs, one story"
tell() { run "$@" -p "Once upon a time" -n 60 -s 1; }
tell ./here | tee story
tell "$qemu_arm" ./arm | tee arm-story
tell "$qemu_riscv" ./riscv | tee riscv-story
run diff --from-file=story arm-story riscv-story
