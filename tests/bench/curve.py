#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""curve.py EXE [THREADS,… [ROWS,…]]: milliseconds of a step against the tokens it
takes, from decoding to reading a prompt; the head is that of the last token. The
median of runs in turns, and what each token beyond the first adds."""
import json
import statistics
import subprocess
import sys

ROWS = "1,2,3,4,5,6,7,8,9,10,12,14,15,16,17,18,20,24,28,31,32,33,40,47,48,64,65"
TURNS, RUNS = 3, 3


def measure(exe, rows, threads):
    """-> {rows: milliseconds of each run}"""
    lines = subprocess.run(
        [exe, "bench", "-p", rows, "-n", "0", "-t", threads, "-r", str(RUNS),
         "-o", "json"], check=True, capture_output=True, text=True).stdout
    return {test["n_prompt"]: [ns / 1e6 for ns in test["samples_ns"]]
            for test in json.loads(lines)}


def main(exe, threads="1,2", rows=ROWS):
    for count in threads.split(","):
        turns = [measure(exe, rows, count) for turn in range(TURNS)]
        times = {n: statistics.median(sum((turn[n] for turn in turns), []))
                 for n in turns[0]}
        first = times[min(times)]
        print(f"{count} threads\n\n| tokens | ms | ms a token | ÷ the first "
              "| added a token |\n|---|---|---|---|---|")
        for n, time in times.items():
            added = f"{(time - first) / (n - 1):.2f}" if n > 1 else ""
            print(f"| {n} | {time:.1f} | {time / n:.2f} | {time / first:.2f} "
                  f"| {added} |")
        print(flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(*sys.argv[1:])
