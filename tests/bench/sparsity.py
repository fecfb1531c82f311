#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What zeros gain end to end: a markdown row for each share of gates that are
not positive, of a synthetic BitNet-2B-4T.

    tests/bench/sparsity.py [-r TURNS] [--cpu LEVEL] [SHARE…]

Tokens a second with --no-skip and without, one and two threads, in turns, and
their medians; zeros as the executable counts them. There is one executable,
since where a file's pages lie in memory is worth 15 %: where its norms lie,
their constant channels are overwritten, which shift the gates (see
make_checkpoint.py). SETUN names the compiler, BENCH_DIR a folder for files,
which are kept.
"""
import argparse
import json
import mmap
import os
import re
import statistics
import subprocess
import sys
from pathlib import Path

import numpy as np

from emulator import ROOT, SETUN, call

sys.path.append(str(ROOT / "tests/tools"))
import make_checkpoint  # noqa: E402

WORK = Path(os.environ.get("BENCH_DIR", "/tmp/setun-bench")) / "sparsity"
SHARES = (0.01, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
TOKENS = 32


def options(share):
    return make_checkpoint.parse([str(WORK / "checkpoint"), "--preset", "2b4t",
                                  "--gate-zeros", str(share)])


def executable(cpu):
    """Compiled unless it is there."""
    exe = WORK / f"{cpu}.exe"
    if not (WORK / "checkpoint/config.json").exists():
        make_checkpoint.build(options(SHARES[0]))
    if not exe.exists():
        call(SETUN, "compile", WORK / "checkpoint", "-o", exe, f"--cpu={cpu}",
             "--no-tokenizer", "--context=512")
    return exe


def find_norms(exe):
    """-> where in the file the norms before the MLPs lie, layer by layer."""
    with open(WORK / "checkpoint/model.safetensors", "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
        places = []
        with open(exe, "rb") as program, mmap.mmap(
                program.fileno(), 0, access=mmap.ACCESS_READ) as code:
            for layer in range(options(0.5).layers):
                name = f"model.layers.{layer}.post_attention_layernorm.weight"
                begin, end = header[name]["data_offsets"]
                file.seek(8 + size + begin)
                stored = np.frombuffer(file.read(end - begin), "<u2")
                wanted = (stored.astype("<u4") << 16)
                wanted[make_checkpoint.constant_channels(options(0.5))] = 0
                # From behind the first constant channels on.
                first = int(wanted.nonzero()[0][0])
                some = wanted[first:first + 64].tobytes()
                place = code.find(some)
                if place < 0:
                    sys.exit(f"{exe} does not hold {name}: remove {WORK}")
                places.append(place - 4 * first)
    return places


def set_share(exe, places, share):
    a = options(share)
    channels = make_checkpoint.constant_channels(a)
    with open(exe, "r+b") as file:
        for layer, place in enumerate(places):
            shift = make_checkpoint.gate_shift(a, 2 * layer + 1)
            for channel in channels:
                file.seek(place + 4 * int(channel))
                file.write(np.float32(shift).tobytes())


def zeros(exe):
    """-> the mean share of zeros of the inputs of up, and of down, in %."""
    text = subprocess.run(
        [exe, "run", "--ids", "1", "-n", str(TOKENS), "--output-ids", "-v",
         "--ignore-eos", "-s", "1"], capture_output=True, text=True,
        check=True).stderr
    for projection in "up", "down":
        found = re.findall(rf"zeros +([\d.]+) %.*mlp\.{projection}_proj", text)
        yield statistics.mean(map(float, found))


def speed(exe, threads, *flags):
    text = call(exe, "bench", "-p", 0, "-n", TOKENS, "-r", 1, "-t", threads,
                "-o", "json", *flags)
    return json.loads(text)[0]["avg_ts"]


def measure(exe, threads, count):
    turns = [(speed(exe, threads, "--no-skip"), speed(exe, threads))
             for turn in range(count)]
    every, some = map(statistics.median, zip(*turns))
    gain = statistics.median(b / a for a, b in turns)
    return f"{every:.1f}", f"{some:.1f}", f"{gain:.3f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("-r", type=int, default=7, dest="turns")
    parser.add_argument("--cpu", default="native")
    parser.add_argument("shares", nargs="*", type=float, default=SHARES)
    arguments = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    exe = executable(arguments.cpu)
    places = find_norms(exe)
    print("| zeros: up | down | 1 thread: all | skip | gain | 2 threads: all "
          "| skip | gain |\n|---|---|---|---|---|---|---|---|", flush=True)
    for share in arguments.shares:
        set_share(exe, places, share)
        row = [f"{mean:.0f} %" for mean in zeros(exe)]
        for threads in 1, 2:
            row += measure(exe, threads, arguments.turns)
        print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
