#!/bin/sh
# smoke.sh LD.LLD RUNTIME.o MODEL.o FOREIGN.o: what the compiler does to link, by
# hand; then the executable runs in an empty root directory. FOREIGN.o wants a
# CPU that nobody has.
set -eu
lld=$1 runtime=$2 model=$3 foreign=$4
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

"$lld" -static --gc-sections --strip-all -o "$root/exe" "$runtime" "$model"
"$lld" -static --gc-sections --strip-all -o "$root/foreign" "$runtime" "$foreign"
size=$(stat -c %s "$root/exe")
echo "the executable has $size bytes"
[ "$size" -lt 300000 ]

# The superuser may chroot; others need a user namespace, which not every
# system grants.
if [ "$(id -u)" = 0 ]; then
  run() { chroot "$root" /exe "$@"; }
elif unshare --map-root-user true 2>/dev/null; then
  run() { unshare --map-root-user chroot "$root" /exe "$@"; }
else
  echo "cannot change the root directory here; running in place"
  run() { (cd "$root" && ./exe "$@"); }
fi

run --version
run verify
run info --json
one=$(run --ids 1,2,3 -n 30 --output-ids --ignore-eos -s 5 -t 1)
four=$(run --ids 1,2,3 -n 30 --output-ids --ignore-eos -s 5 -t 4 -b 1)
echo "$one"
[ "$(echo "$one" | tr ',' '\n' | wc -l)" = 30 ]
[ "$one" = "$four" ]
run --ids 1 -n 4 --output-ids --ignore-eos --dump-logits logits
[ "$(stat -c %s "$root/logits")" = $((4 * 101 * 4)) ]
status=0
run --ids 1 -n 4 --output-ids --ignore-eos >/dev/full || status=$?
[ "$status" = 1 ]
status=0
"$root/foreign" --version || status=$?
[ "$status" = 3 ]
