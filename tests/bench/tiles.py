#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""tiles.py SETUN FOLDER [MODEL,… [THREADS,… [CPU]]]: what the compiler's tiles
cost, beside the best of all those measured. A layer of a synthetic model has the
compiler's own tiles, every other one a tile of a grid, chosen by --set, so one
run measures all of them side by side. FOLDER keeps checkpoints, executables and,
as MODEL.CPU.json, every time; it measures only what is not there."""
import json
import math
import os
import statistics
import subprocess
import sys
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent / "tools"
#: hidden, intermediate, heads, KV heads, width of a head, layers
MODELS = {
    "tiny": (256, 768, 4, 2, 64, 24),
    "odd": (1000, 1360, 10, 5, 100, 24),
    "0.7b": (1536, 4096, 16, 16, 96, 24),
    "2b4t": (2560, 6912, 20, 5, 128, 24),
    "3b": (3200, 8640, 32, 32, 100, 16),
    "8b": (4096, 14336, 32, 8, 128, 12),
}
OPS = ("self_attn.q_proj", "self_attn.o_proj", "mlp.gate_proj",
       "mlp.down_proj")
#: class: the most rows, those measured
CLASSES = {"decode": 1, "small": 32, "prefill": 256}
ROWS = {"small": (8, 32), "prefill": (256,), "decode": (1,)}
PANEL = {"b3": 5, "i2": 1}


def run(*command, **options):
    return subprocess.run([str(word) for word in command], check=True,
                          text=True, **options)


def heights(tallest, unit):
    """Blocks of a tile for 1, 2, 3, 4, 6, 8 … tiles a matrix, whole units."""
    counts = [n * k for n in (1, 2, 4, 8, 16, 32, 64, 128) for k in (2, 3)]
    return sorted({math.ceil(tallest / n / unit) * unit
                   for n in [1, *counts] if n <= tallest})


def thin(tiles, count):
    """`count` of a list, evenly."""
    if len(tiles) <= count:
        return tiles
    return [tiles[i * len(tiles) // count] for i in range(count)]


def grid(batch, tallest, packing, count):
    """Tiles worth a try, as (strategy, blocks, unroll, tokens)."""
    panel = PANEL[packing]
    unrolls = (5,) if panel == 5 else (1, 2, 4)
    mads = lambda tokens: [("mad", blocks, unroll, t) for unroll in unrolls
                           if tallest % unroll == 0 or panel == 5
                           for t in tokens for blocks in heights(tallest, unroll)]
    looks = [("lookup", blocks, 1, 16) for blocks in heights(tallest, panel)]
    if batch == "decode":
        return thin(mads((1,)), count)
    if batch == "small":
        return (thin(mads((2, 3, 4, 6)), count - 5)
                + thin([t for t in looks if t[1] >= tallest / 12], 5))
    few = [t for t in looks if t[1] >= tallest / 40]
    return thin(few, count * 2 // 3) + thin(mads((3, 4, 6, 8)),
                                            count - count * 2 // 3)


def shapes(model):
    hidden, ffn, heads, kv, width, _ = MODELS[model]
    return {"self_attn.q_proj": ([heads * width, kv * width, kv * width], hidden),
            "self_attn.o_proj": ([hidden], heads * width),
            "mlp.gate_proj": ([ffn, ffn], hidden),
            "mlp.down_proj": ([hidden], ffn)}


def settings(model, packing):
    """-> the flags, {(op, class): tiles by layer; the first is None}"""
    flags, tiles = [], {}
    layers = MODELS[model][-1]
    for op, (rows, _) in shapes(model).items():
        tallest = math.ceil(max(rows) / 16)
        for batch in CLASSES:
            own = [None, *grid(batch, tallest, packing, layers - 1)]
            tiles[op, batch] = own
            for layer, tile in enumerate(own[1:], 1):
                for field, value in zip(("strategy", "blocks", "unroll",
                                         "tokens"), tile):
                    flags += [f"--set=tile.{batch}.{field}={value}",
                              f"layers.{layer}.{op}"]
    return flags, tiles


def compile_model(setun, folder, model, cpu, packing):
    checkpoint = folder / model
    if not checkpoint.exists():
        hidden, ffn, heads, kv, width, layers = MODELS[model]
        run("/usr/bin/python3", TOOLS / "make_checkpoint.py", "--hidden", hidden, "--ffn",
            ffn, "--heads", heads, "--kv-heads", kv, "--head-dim", width,
            "--layers", layers, "--vocab", 512, "--context", 512, "--act",
            "silu", "--untied", checkpoint)
    flags, tiles = settings(model, packing)
    exe = folder / f"{model}.{cpu}"
    if not exe.exists():
        run(setun, "compile", checkpoint, "-o", exe, f"--cpu={cpu}",
            "--no-tokenizer", f"--set=packing={packing}", "*_proj", *flags)
    return exe, tiles


def step_times(trace):
    """-> {(op, rows): ns}: what it takes from the end of the op before."""
    tracks = {}
    for event in json.loads(trace.read_text())["traceEvents"]:
        if event["ph"] == "X":
            tracks.setdefault(event["tid"], []).append(event)
    steps = []
    for track in tracks.values():
        count = 0
        for event in track:
            if event["cat"] == "step" and event["name"] != "head.screen":
                count += 1
                if len(steps) < count:
                    steps.append((event["ts"], event["args"]["rows"], {}))
            elif count and event["name"] != "barrier" and event["cat"] != "step":
                ends = steps[count - 1][2]
                ends[event["name"]] = max(ends.get(event["name"], 0),
                                          event["ts"] + event["dur"])
    samples = {}
    for start, rows, ends in steps:
        for name, end in ends.items():
            samples.setdefault((name, rows), []).append(max(end - start, 0))
            start = max(start, end)
    return {key: statistics.median(values) for key, values in samples.items()}


def measure(exe, threads, folder):
    """-> [name of an op, tokens, µs]"""
    trace, results = folder / "trace.json", []
    # Short steps often: workers that slept miss the first.
    for options in (("-p", "8,32", "-n", "32", "-r", "12"),
                    ("-p", "256", "-n", "0", "-r", "4")):
        run(exe, "bench", *options, "-t", threads, "--profile", trace,
            stdout=subprocess.DEVNULL)
        results += [[name, rows, us] for (name, rows), us
                    in step_times(trace).items()]
        trace.unlink()
    return results


def main(setun, folder, models=",".join(MODELS), threads="2", cpu="native",
         packing="b3"):
    folder = Path(folder)
    for model in models.split(","):
        exe, tiles = compile_model(setun, folder, model, cpu, packing)
        if os.environ.get("COMPILE_ONLY"):
            continue
        for count in threads.split(","):
            result = folder / f"{model}.{cpu}.{count}.json"
            result.write_text(json.dumps(
                {"tiles": [[op, batch, own] for (op, batch), own
                           in tiles.items()],
                 "times": measure(exe, count, folder)}))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
