# What the lessons share; sourced, not run. $SETUN names the compiler, setun-opt
# lies beside it. A lesson works in a folder that goes away with it.
# shellcheck shell=bash
examples=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
SETUN=$(realpath -m "${SETUN:-$examples/../build/release/bin/setun}")
[ -x "$SETUN" ] || { echo "no compiler at $SETUN; scripts/build.sh makes it" >&2; exit 1; }
PATH=$(dirname "$SETUN"):$PATH

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place" || exit
ln -s "$examples" examples

# What the lesson says goes to stderr, what the programs say to stdout.
say() { printf '\n# %s\n' "$*" >&2; }
# Shows a command as one would type it, then runs it.
run() {
  printf '$' >&2
  for word; do
    case $word in
    *[!A-Za-z0-9_./=,:+-]*) printf " '%s'" "$word" >&2 ;;
    *) printf ' %s' "$word" >&2 ;;
    esac
  done
  printf '\n' >&2
  "$@"
}
