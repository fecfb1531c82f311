#!/usr/bin/env bash
# scripts/build.sh [PRESET [TARGET…]]: installs what is missing and builds;
# without arguments everything, preset release. Tools: build/PRESET/bin.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

bash scripts/install.sh
[ $# -gt 0 ] || set -- release
build "$@"
