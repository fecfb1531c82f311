#!/usr/bin/env bash
# run.sh FUZZER FOLDER: fuzzes for SETUN_FUZZ_SECONDS from FOLDER/seeds and what
# was found before, in FOLDER/corpus. Inputs that fail stay in FOLDER/findings.
set -euo pipefail
fuzzer=$1 folder=$2
name=$(basename "$fuzzer")
dictionary=$(dirname "${BASH_SOURCE[0]}")/$name.dict
mkdir -p "$folder"/{seeds,corpus,findings}/"$name"
options=(-max_total_time="${SETUN_FUZZ_SECONDS:-60}" -max_len=65536 -timeout=20
         -rss_limit_mb=4096 -verbosity=0 -print_final_stats=1
         -artifact_prefix="$folder/findings/$name/")
[ -f "$dictionary" ] && options+=(-dict="$dictionary")
exec "$fuzzer" "${options[@]}" "$folder"/{corpus,seeds}/"$name"
