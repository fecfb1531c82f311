#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the facts of this machine choose, beside the best that tuning finds.

    tune.py [--setun PATH] [--budget 60s] [--models 0.7b,2b4t …] [-t N]

Four linears of each model, of one layer: queries, keys and values; attention's
output; gate and up; down. Prints a table in Markdown: how much faster the best
is than the facts' choice, by batch class, and the geometric means. The tuning
files stay in $BENCH_DIR/tune (/tmp/setun-bench/tune): run again, it goes on.
"""
import argparse
import math
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests/tools"))

import make_checkpoint  # noqa: E402

# Hidden, heads, KV heads, FFN, gate; of models that exist.
SHAPES = {
    "125m": (768, 12, 12, 2048, "silu"),
    "0.7b": (1536, 16, 16, 4096, "silu"),
    "1.1b": (2048, 32, 4, 5632, "silu"),
    "2b4t": (2560, 20, 5, 6912, "relu2"),
    "3b": (3200, 32, 32, 8640, "silu"),
    "8b": (4096, 32, 8, 14336, "silu"),
}
CLASSES = "decode", "small", "prefill"
ROW = re.compile(r"^(\d+ > .+?)  +(decode|small|prefill) .* ([\d.]+)x$", re.M)


def checkpoint(name, folder):
    hidden, heads, kv_heads, ffn, act = SHAPES[name]
    path = folder / name
    if not (path / "config.json").exists():
        flags = dict(hidden=hidden, heads=heads, kv_heads=kv_heads, ffn=ffn,
                     act=act, layers=1, vocab=512)
        words = [f"--{k.replace('_', '-')}={v}" for k, v in flags.items()]
        make_checkpoint.build(make_checkpoint.parse([str(path), *words]))
    return path


def mean(values):
    return math.exp(sum(map(math.log, values)) / len(values))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--setun", default=ROOT / "build/release/bin/setun")
    parser.add_argument("--budget", default="60s")
    parser.add_argument("--models", default=",".join(SHAPES))
    parser.add_argument("-t", default="0")
    options = parser.parse_args()
    folder = Path(os.environ.get("BENCH_DIR", "/tmp/setun-bench")) / "tune"
    folder.mkdir(parents=True, exist_ok=True)
    found = {each: [] for each in CLASSES}
    print("| model | linear | decode | small | prefill |\n|---|---|---|---|---|")
    for name in options.models.split(","):
        output = subprocess.run(
            [options.setun, "tune", checkpoint(name, folder), "-o",
             folder / f"{name}.tuning", f"--budget={options.budget}",
             "-t", options.t], stdout=subprocess.PIPE, text=True,
            check=True).stdout
        rows = {}
        for linear, batch_class, faster in ROW.findall(output):
            rows.setdefault(linear, {})[batch_class] = float(faster)
            found[batch_class].append(float(faster))
        for linear, by_class in rows.items():
            cells = [f"{by_class.get(each, math.nan):.2f}" for each in CLASSES]
            print(f"| {name} | {linear} | {' | '.join(cells)} |", flush=True)
    means = [f"{mean(found[each]):.3f}" for each in CLASSES]
    every = mean(sum(found.values(), []))
    print(f"| geometric mean: {every:.3f} | | {' | '.join(means)} |")


if __name__ == "__main__":
    main()
