# What the scripts share; sourced, not run. Sets $root and goes there.
# shellcheck shell=bash
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

: "${HOME:=$(getent passwd "$(id -u)" | cut -d: -f6)}"
: "${XDG_CACHE_HOME:=$HOME/.cache}"
: "${ZIG_GLOBAL_CACHE_DIR:=$XDG_CACHE_HOME/zig}"
export HOME XDG_CACHE_HOME

say() { printf '\n== %s\n' "$*" >&2; }
die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# Shows a command as one would type it, then runs it.
run() {
  printf '+' >&2
  printf ' %q' "$@" >&2
  printf '\n' >&2
  "$@"
}

# A compiler process takes up to half a gigabyte: a machine with many cores and
# little memory builds with fewer jobs than cores.
jobs_that_fit() {
  local cores gigabytes
  cores=$(nproc)
  gigabytes=$(awk '/^MemAvailable/ { print int($2 / 1048576) }' /proc/meminfo)
  echo $((gigabytes < 1 ? 1 : gigabytes < cores ? gigabytes : cores))
}

# configure PRESET: once; afterwards ninja notices what has changed by itself.
# zig's cache holds musl and libc++ as built: worth keeping between clones.
configure() {
  [ -f "build/$1/build.ninja" ] && return
  say "configuring build/$1"
  run cmake --preset "$1" -DSETUN_ZIG_CACHE="$ZIG_GLOBAL_CACHE_DIR"
}

# build PRESET [TARGET…]
build() {
  local preset=$1
  shift
  configure "$preset"
  say "building build/$preset"
  : "${CMAKE_BUILD_PARALLEL_LEVEL:=$(jobs_that_fit)}"
  export CMAKE_BUILD_PARALLEL_LEVEL
  run cmake --build --preset "$preset" ${1:+--target "$@"}
}
