#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""lookup.py EXE [TOKENS [THREADS…]]: tokens a second with and without --lookup, on
text that repeats itself (recent tokens are made likelier by a penalty below 1)
and on text that does not. Best of runs in turns; ids are compared."""
import re
import subprocess
import sys

RUNS = 5
TEXTS = {
    "repeats itself": ("--temp", "0", "--repeat-penalty", "0.1"),
    "as the model wants": ("--temp", "0"),
    "random": ("--temp", "3", "--top-k", "0", "--top-p", "1", "--min-p", "0",
               "-s", "1"),
}


def generate(exe, tokens, threads, *options):
    """-> ids, tokens a second, guesses and how many of them were right."""
    result = subprocess.run(
        [exe, "run", "--ids", "1", "-n", tokens, "-t", threads, "-v",
         "--ignore-eos", "--output-ids", *options],
        capture_output=True, text=True, check=True)
    speed = re.search(r"generation .* ([\d.]+) tokens/s", result.stderr)
    guesses = re.search(r"lookup +(\d+) tokens guessed, (\d+)", result.stderr)
    return result.stdout, float(speed[1]), guesses and guesses.groups()


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    exe, tokens = sys.argv[1], (sys.argv[2:3] or ["100"])[0]
    print("| text | threads | tokens/s | with --lookup | ratio | guessed, right "
          "|\n|---|---|---|---|---|---|")
    for text, options in TEXTS.items():
        for threads in sys.argv[3:] or ["1", "2"]:
            turns = [[generate(exe, tokens, threads, *options, *more)
                      for more in ((), ("--lookup",))] for run in range(RUNS)]
            if len({ids for turn in turns for ids, *rest in turn}) != 1:
                sys.exit(f"{text}: the ids differ")
            plain, lookup = (max(turn[i][1] for turn in turns) for i in (0, 1))
            print(f"| {text} | {threads} | {plain:.1f} | {lookup:.1f} | "
                  f"{lookup / plain:.2f} | {', '.join(turns[-1][1][2])} |",
                  flush=True)


if __name__ == "__main__":
    main()
