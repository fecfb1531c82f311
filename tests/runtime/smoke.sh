#!/bin/sh
# smoke.sh PROGRAMS ARCH…: runs PROGRAMS/fake-ARCH in an empty root directory,
# under qemu where ARCH is not this machine's. All give the same ids and logits.
set -eu
programs=$1
shift
root=$(mktemp -d) results=$(mktemp -d)
trap 'rm -rf "$root" "$results"' EXIT

# The superuser may chroot; others need a user namespace, which not every
# system grants.
if [ "$(id -u)" = 0 ]; then
  enter="chroot $root"
elif unshare --map-root-user true 2>/dev/null; then
  enter="unshare --map-root-user chroot $root"
else
  echo "cannot change the root directory here; running in place"
  enter=
fi

# A dynamically linked emulator needs its libraries: it runs in place.
find_emulator() {
  emulator=
  [ "$arch" != "$(uname -m)" ] || return 0
  emulator=$(command -v "qemu-$arch-static" || command -v "qemu-$arch") ||
    return 1
  case $emulator in *-static) cp "$emulator" "$root/qemu" ;; esac
}

# in_root PROGRAM ARGUMENT…
in_root() {
  case $enter:$emulator in
  ?*:) $enter "$@" ;;
  ?*:*-static) $enter /qemu "$@" ;;
  *) (cd "$root" && program=$1 && shift && $emulator ".$program" "$@") ;;
  esac
}
run() { in_root /exe "$@"; }

# fails CODE TEXT COMMAND…: ends with that code and that text on stderr.
fails() {
  code=$1 text=$2 status=0
  shift 2
  "$@" >/dev/null 2>"$results/stderr" || status=$?
  [ "$status" = "$code" ] && grep -q "$text" "$results/stderr" && return
  echo "expected code $code and '$text', found $status and:" "$@" >&2
  cat "$results/stderr" >&2
  return 1
}

# Ids and logits of some runs, to be compared.
generate() {
  run --ids 1,2,3 -n 30 --output-ids --ignore-eos -s 5 -t 1
  run --ids 1,2,3 -n 30 --output-ids --ignore-eos -s 5 -t 4 -b 1
  run --ids 1 -n 4 --output-ids --ignore-eos -s 5 --dump-logits logits
  cat "$root/logits"
}

# choose LEVEL CPU: the emulated CPU gets this level.
choose() {
  export QEMU_CPU="$2"
  run info
  run info | grep -q "$1  (runs here)"
  run verify | grep -q "^ok .*\.$1 "
}

try_levels() {
  case $arch in
  aarch64)
    choose best max
    choose better cortex-a76
    choose plain cortex-a53
    ;;
  riscv64)
    choose best rv64,v=true,vlen=256,elen=64,vext_spec=v1.0
    choose better rv64,v=true,vlen=128,elen=64,vext_spec=v1.0
    choose plain rv64
    ;;
  *) return 0 ;;
  esac
  # The last CPU runs the plain level only.
  run verify --cpu plain | grep -q '^1 kernels, 0 failed'
  run verify | grep -q '^skipped best: this CPU lacks '
  fails 3 'lacks .*; without --cpu it runs plain' run info --cpu best
  fails 3 'lacks ' run --ids 1 -n 4 --output-ids --cpu better
  unset QEMU_CPU
}

for arch in "$@"; do
  find_emulator || { echo "no qemu-$arch here: $arch is left out"; continue; }
  for name in exe=fake foreign=foreign all=helpers; do
    cp "$programs/${name#*=}-$arch" "$root/${name%=*}"
  done
  size=$(stat -c %s "$root/exe")
  echo "$arch: the executable has $size bytes"
  [ "$size" -lt 500000 ]

  run --version
  run --help | grep -q verify
  run verify
  run info --json
  in_root /all --version
  fails 3 'warp-drive, which .* (plain, the plainest of its levels)' \
    in_root /foreign -h
  fails 2 "expected one of plain|better|best, found 'frob'" run info --cpu frob
  status=0
  run --ids 1 -n 4 --output-ids --ignore-eos >/dev/full || status=$?
  [ "$status" = 1 ]

  generate >"$results/$arch"
  [ "$(sed -n 1p "$results/$arch" | tr ',' '\n' | wc -l)" = 30 ]
  [ "$(sed -n 1p "$results/$arch")" = "$(sed -n 2p "$results/$arch")" ]
  [ "$(stat -c %s "$root/logits")" = $((4 * 101 * 4)) ]
  cmp "$results/$arch" "$results/$1"
  try_levels
done
