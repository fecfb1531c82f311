#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""prefill.py EXE [TOKENS,… [THREADS,…]]: multiply-adds of the linear layers a
second while EXE reads prompts, beside what vpdpbusd does at most in the same
minutes; of the whole step, and of the linear layers alone, with their norms,
quantizers and gates: all that the profile does not call attention, head or
barrier. The last column is what the others leave of the linear layers' speed."""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

CLANG = "clang-22"
RUNS = 3


def output(*command):
    return subprocess.run([str(word) for word in command], check=True,
                          capture_output=True, text=True).stdout


def linear_share(profile):
    """Of the steps' time, by worker 0."""
    events = [e for e in json.loads(profile.read_text())["traceEvents"]
              if e["tid"] == 0]
    steps = sum(e["dur"] for e in events if e["cat"] == "step")
    others = sum(e["dur"] for e in events
                 if e["name"] in ("barrier", "head", "head.screen",
                                  "head.exact")
                 or e["name"].startswith("attention"))
    return 1 - others / steps


def main(exe, tokens="128,512", threads="1,2"):
    sections = json.loads(output(exe, "info", "--json"))["sections"]
    macs = sum(s["weights"] for s in sections if s["name"] in ("b3", "i2"))
    print("| tokens a prompt | threads | tokens/s | GMAC/s | peak | share | "
          "linear layers alone | step |\n|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        peak = Path(folder, "peak")
        output(CLANG, "-O2", "-march=x86-64-v4", "-mavx512vnni", "-pthread",
               Path(__file__).with_name("peak.c"), "-o", peak)
        for count in threads.split(","):
            for length in tokens.split(","):
                before = float(output(peak, count))
                profile = Path(folder, "profile")
                rows = json.loads(output(
                    exe, "bench", "-p", length, "-n", 0, "-t", count, "-r",
                    RUNS, "-o", "json", "--profile", profile))
                limit = (before + float(output(peak, count))) / 2
                speed = rows[0]["avg_ts"]
                rate = speed * macs * 1e-9
                linear = linear_share(profile)
                share = 100 * rate / limit
                print(f"| {length} | {count} | {speed:.1f} | {rate:.0f} | "
                      f"{limit:.0f} | {share:.0f} % | {share / linear:.0f} % | "
                      f"{100 * linear:.0f} % |", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
