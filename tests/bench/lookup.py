#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""lookup.py EXE [TOKENS [THREADS,… [TURNS [TEXT]]]]: tokens a second with and
without --lookup, on text that repeats itself (recent tokens are made likelier by
a penalty below 1) and on text that does not. Each turn runs both, one first and
then the other; the ratio is the median of the turns', and its standard error
stands behind it. Ids are compared."""
import re
import statistics
import subprocess
import sys

TEXTS = {
    "repeats itself": ("--temp", "0", "--repeat-penalty", "0.1"),
    "as the model wants": ("--temp", "0"),
    "random": ("--temp", "3", "--top-k", "0", "--top-p", "1", "--min-p", "0",
               "-s", "1"),
    # What followed before follows again one time in three.
    "misleading": ("--temp", "100", "--top-k", "3", "--top-p", "1", "-s", "1",
                   "--min-p", "0", "--repeat-penalty", "0.1"),
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


def compare(exe, tokens, threads, turns, options):
    """-> tokens a second without and with, the ratios, the guesses"""
    ways = {(): [], ("--lookup",): []}
    for turn in range(turns):
        for way in sorted(ways, reverse=turn % 2):
            ways[way].append(generate(exe, tokens, threads, *options, *way))
    if len({ids for runs in ways.values() for ids, *rest in runs}) != 1:
        sys.exit(f"{options}: the ids differ")
    plain, lookup = ([speed for ids, speed, guesses in runs]
                     for runs in ways.values())
    guesses = ", ".join(ways[("--lookup",)][-1][2])
    return plain, lookup, [b / a for a, b in zip(plain, lookup)], guesses


def main(exe, tokens="100", threads="1,2", turns="7", only=""):
    if int(turns) < 2:
        sys.exit("TURNS: at least 2, for the error")
    print("| text | threads | tokens/s | with --lookup | ratio | guessed, right "
          "|\n|---|---|---|---|---|---|")
    for text, options in TEXTS.items():
        for count in threads.split(",") if only in text else ():
            plain, lookup, ratios, guesses = compare(exe, tokens, count,
                                                     int(turns), options)
            error = 1.25 * statistics.stdev(ratios) / len(ratios) ** 0.5
            print(f"| {text} | {count} | {statistics.median(plain):.1f} | "
                  f"{statistics.median(lookup):.1f} | "
                  f"{statistics.median(ratios):.3f} ± {error:.3f} | {guesses} |",
                  flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(*sys.argv[1:])
