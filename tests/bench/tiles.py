#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""tiles.py SETUN FOLDER [MODEL,… [THREADS,… [CPU [PACKING]]]]: what the
compiler's tiles cost, beside the best of all those measured. Every layer of a
synthetic model has a tile of a grid, chosen by --set, so one run measures all of
them side by side. FOLDER keeps checkpoints, executables and times; only what is
not there is measured, so to judge a changed cost model takes seconds."""
import json
import math
import re
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
FIELDS = ("strategy", "blocks", "unroll", "tokens")
PYTHON = "/usr/bin/python3"  # the one with numpy


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
    """-> the flags, {(op, class): {layer: tile}}"""
    flags, tiles = [], {}
    layers = MODELS[model][-1]
    for op, (rows, _) in shapes(model).items():
        tallest = math.ceil(max(rows) / 16)
        for batch in CLASSES:
            own = grid(batch, tallest, packing, layers - 1)
            tiles[op, batch] = dict(enumerate(own, 1))
            for layer, tile in tiles[op, batch].items():
                for field, value in zip(FIELDS, tile):
                    flags += [f"--set=tile.{batch}.{field}={value}",
                              f"layers.{layer}.{op}"]
    return flags, tiles


def make_checkpoint(folder, model):
    path = folder / model
    if not path.exists():
        hidden, ffn, heads, kv, width, layers = MODELS[model]
        run(PYTHON, TOOLS / "make_checkpoint.py", "--hidden", hidden, "--ffn",
            ffn, "--heads", heads, "--kv-heads", kv, "--head-dim", width,
            "--layers", layers, "--vocab", 512, "--context", 512, "--act",
            "silu", "--untied", path)
    return path


def choices(setun, checkpoint, cpu, packing):
    """-> {(op, class): the compiler's own tile}"""
    page, module = checkpoint / "page.html", checkpoint / "tile.mlir"
    run(setun, "compile", checkpoint, "-o", module, f"--cpu={cpu}",
        "--no-tokenizer", f"--set=packing={packing}", "*_proj",
        "--stop-after=tile", f"--report={page}")
    data = json.loads(re.search(r'id="data"[^>]*>(.*?)</script>',
                                page.read_text(), re.S)[1])
    return {(op, batch): tuple(tile[field] for field in FIELDS)
            for op in OPS for each in data["operations"]
            if each["name"].startswith(f"model.layers.0.{op}")
            for batch, tile in zip(CLASSES, each["choices"][0]["tiles"])}


def compile_model(setun, checkpoint, model, cpu, packing):
    """The executable with a tile of the grid a layer, and these."""
    flags, tiles = settings(model, packing)
    exe = checkpoint.with_name(f"{model}.{cpu}.{packing}")
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


def compare(model, count, tiles, times, chosen):
    """Prints a row an op, class and tokens; -> the ratios"""
    ratios = []
    for (op, batch), own in tiles.items():
        for rows in ROWS[batch]:
            of = {}
            for name, tokens, us in times:
                layer = re.fullmatch(rf"model\.layers\.(\d+)\.{op}.*", name)
                if layer and tokens == rows and int(layer[1]) in own:
                    of[own[int(layer[1])]] = us
            best, mine = min(of, key=of.get), chosen[op, batch]
            if mine not in of:
                print(f"| {model} | {op} | {batch} | {rows} | {count} | {mine} "
                      f"| not in the grid | {best} | {of[best]:.1f} | |")
                continue
            ratios.append(of[mine] / of[best])
            print(f"| {model} | {op} | {batch} | {rows} | {count} | {mine} | "
                  f"{of[mine]:.1f} | {best} | {of[best]:.1f} | "
                  f"{ratios[-1]:.2f} |", flush=True)
    return ratios


def main(setun, folder, models=",".join(MODELS), threads="1,2", cpu="native",
         packing="b3"):
    folder, ratios = Path(folder), []
    print("| model | op | class | tokens | threads | the compiler's | µs | "
          "the best | µs | ÷ |\n|---|---|---|---|---|---|---|---|---|---|")
    for model in models.split(","):
        checkpoint = make_checkpoint(folder, model)
        chosen = choices(setun, checkpoint, cpu, packing)
        exe, tiles = compile_model(setun, checkpoint, model, cpu, packing)
        for count in threads.split(","):
            result = exe.with_name(f"{exe.name}.{count}.json")
            if not result.exists():
                result.write_text(json.dumps(measure(exe, count, folder)))
            ratios += compare(model, count, tiles,
                              json.loads(result.read_text()), chosen)
    mean = statistics.geometric_mean(ratios)
    print(f"\ngeometric mean of {len(ratios)}: {mean:.3f}")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
