#!/usr/bin/env bash
# scripts/test.sh [--fuzz]: installs, builds and runs every test. With --fuzz
# first the build with sanitizers and its fuzzers. Ends with ctest's summary.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

presets=(release)
case ${1-} in
--fuzz) presets=(asan release) ;;
?*) die "unknown option '$1'; there is --fuzz" ;;
esac

bash scripts/install.sh --tests
say "ccache in $(ccache --get-config cache_dir)"

status=0
for preset in "${presets[@]}"; do
  build "$preset"
  say "testing build/$preset"
  CTEST_PARALLEL_LEVEL=${CTEST_PARALLEL_LEVEL:-$(nproc)} \
    run ctest --preset "$preset" --no-tests=error || status=$?
done
exit "$status"
