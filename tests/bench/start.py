#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""start.py EXE [THREADS…]: from the command line to the first token of a prompt
of one token, beside the time a process needs to map the same file and to read
it once from the page cache. Medians of runs in turns."""
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 11
CLANG = "clang-22"


def seconds(*command):
    begin = time.perf_counter()
    subprocess.run([str(word) for word in command], check=True,
                   stdout=subprocess.DEVNULL)
    return time.perf_counter() - begin


def measure(reader, exe, threads):
    """-> milliseconds of reading, of starting."""
    commands = ((reader, exe, threads),
                (exe, "run", "--ids", 1, "-n", 1, "--output-ids", "--temp", 0,
                 "-t", threads))
    times = [[seconds(*command) for command in commands]
             for run in range(RUNS + 1)]
    # The first turn brings the file in.
    return [1000 * statistics.median(column) for column in zip(*times[1:])]


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    exe = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        reader = Path(folder, "read")
        subprocess.run([CLANG, "-O2", "-pthread", "-o", reader,
                        Path(__file__).with_name("read.c")], check=True)
        print("| threads | read once, ms | first token, ms | ratio |\n"
              "|---|---|---|---|")
        for threads in sys.argv[2:] or ["1", "2"]:
            read, start = measure(reader, exe, threads)
            print(f"| {threads} | {read:.0f} | {start:.0f} | "
                  f"{start / read:.2f} |", flush=True)


if __name__ == "__main__":
    main()
