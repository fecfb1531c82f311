#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What skipping gains at 6912x2560 (up) and 2560x6912 (down), a markdown table.

    tests/bench/skip.py

Microseconds a product on this machine, out of cache, one and two threads: the
dense decode kernel, the kernel that skips, and how much faster that is, by the
share of zeros. SETUN names the compiler, BENCH_DIR a folder for files.
"""
import os
import re
from pathlib import Path

from emulator import HERE, ROOT, SETUN, TRITS, call

WORK = Path(os.environ.get("BENCH_DIR", "/tmp/setun-bench")) / "skip"
SHAPES = {"up": (6912, 2560), "down": (2560, 6912)}
CPU = os.environ.get("CPU", "native")


def checkpoint():
    folder = WORK / "checkpoint"
    if not (folder / "config.json").exists():
        call("/usr/bin/python3", ROOT / "tests/tools/make_checkpoint.py",
             folder, "--hidden", 2560, "--ffn", 6912, "--heads", 20,
             "--kv-heads", 5, "--layers", 1)
    return folder


def compile_model(output, *options):
    call(SETUN, "compile", checkpoint(), "-o", WORK / output, "--no-tokenizer",
         f"--cpu={CPU}", *options)
    return WORK / output


def tile_blocks(text, projection):
    """16-row blocks that the dense decode kernel takes at once."""
    [tiles] = re.findall(rf"mlp\.{projection}.*lut\.tiles = \[(#\w+)", text)
    [blocks] = re.findall(rf"{tiles} = #lut\.tile<.*blocks = (\d+)", text)
    return blocks


def kernels():
    """-> an object with the four kernels under the driver's names, -D flags."""
    model = compile_model("model.o", "--emit=obj")
    tiles = compile_model("tile.mlir", "--stop-after=tile").read_text()
    symbols = call("llvm-nm-22", "--format=just-symbols", model).split()
    renamed, flags = {}, []
    for word, (rows, columns) in SHAPES.items():
        decode = re.compile(rf"(\w+?)_(\w+)_{rows}x{columns}_1(_r)?")
        for found in filter(None, map(decode.fullmatch, symbols)):
            skips = found[1] == "skip"
            renamed[found[0]] = word + "Skip" * skips
            if not skips:
                groups = -(-columns // (4 * TRITS[found[2]]))
                flags.append(f"-D{word.upper()}_GROUPS={groups}")
        flags.append(f"-D{word.upper()}_TILE="
                     + tile_blocks(tiles, word + "_proj"))
    call("llvm-objcopy-22",
         *(f"--globalize-symbol={old}" for old in renamed),
         *(f"--redefine-sym={old}={new}" for old, new in renamed.items()),
         model)
    return model, flags


def main():
    WORK.mkdir(parents=True, exist_ok=True)
    model, flags = kernels()
    call("clang++-22", "-std=c++20", "-O2", "-march=native", "-pthread", *flags,
         f"-I{ROOT}", HERE / "skip.cpp", model, "-Wl,--gc-sections", "-o",
         WORK / "driver")
    parts = [f"{word}, {threads} t{unit}" for threads in (1, 2)
             for word in SHAPES for unit in (": dense", ": skips", ": gain")]
    print("| zeros | " + " | ".join(parts) + " |")
    print("|---" * (len(parts) + 1) + "|")
    print(call(WORK / "driver"), end="")


if __name__ == "__main__":
    main()
