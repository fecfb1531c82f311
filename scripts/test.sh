#!/usr/bin/env bash
# scripts/test.sh [--fuzz]: installs, builds and runs every test. With --fuzz
# instead the fuzzers, SETUN_FUZZ_SECONDS each (60), and the tests of parsers,
# built with sanitizers. Ends with ctest's summary.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

case ${1-} in
--fuzz) preset=asan targets=(fuzz) ;;
?*) die "unknown option '$1'; there is --fuzz" ;;
*) preset=release targets=() ;;
esac
parsers='^(fuzz-.*|setun_test_safetensors|tokenizer-compile-test|tuning-test)$'

bash scripts/install.sh --tests
say "ccache in $(ccache --get-config cache_dir)"

build "$preset" "${targets[@]}"
say "testing build/$preset"
CTEST_PARALLEL_LEVEL=${CTEST_PARALLEL_LEVEL:-$(nproc)} \
  run ctest --preset "$preset" --no-tests=error ${targets:+-R "$parsers"}
