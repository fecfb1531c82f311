#!/usr/bin/env bash
# From a fresh Debian 12 to a story: installs, builds setun, compiles the
# example model to ./tinystories and runs it, with the options given here too.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

bash scripts/install.sh
build release setun

say "compiling examples/tinystories-3m"
run build/release/bin/setun compile examples/tinystories-3m -o ./tinystories
ls -l ./tinystories >&2

say "a story"
run ./tinystories -p "Once upon a time" -n 200 -s 1 "$@"
