# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Builds for a foreign CPU, counts what it executes, estimates cycles."""
import functools
import json
import os
import re
import subprocess
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SETUN = os.environ.get("SETUN", ROOT / "build/release/bin/setun")
ZIG = ROOT / "build/wheels/ziglang/zig"
WORK = Path(os.environ.get("BENCH_DIR", "/tmp/setun-bench")) / "isa"

# The matrix: k and v of BitNet-2B-4T.
ROWS, COLUMNS = 640, 2560
WEIGHTS = ROWS * COLUMNS
DECODE = re.compile(rf"[a-z]+_(i2)_{ROWS}x{COLUMNS}_1")
CALL = re.compile(r"(bl|blr|jal|jalr|callq?)\s")
VSETVLI = re.compile(r"vseti?vli\s.*\be(\d+), (mf?\d)")


def call(*command, **options):
    """Its standard output; whatever goes wrong ends the script."""
    command = [str(word) for word in command]
    try:
        done = subprocess.run(command, capture_output=True, text=True,
                              **options)
    except OSError as error:
        raise SystemExit(f"error: {command[0]}: {error.strerror}")
    if done.returncode:
        raise SystemExit(f"error: {' '.join(command)}\n"
                         f"exit code {done.returncode}: {done.stderr}")
    return done.stdout


def versions():
    def first(*command):
        return call(*command).splitlines()[0].strip()
    mca = re.search(r"LLVM version \S+", call("llvm-mca-22", "--version"))
    return [first(SETUN, "--version"), first("clang-22", "--version"),
            "llvm-mca, " + mca[0], "zig " + first(ZIG, "version"),
            first("qemu-riscv64", "--version")]


@functools.cache
def plugin():
    WORK.mkdir(parents=True, exist_ok=True)
    call("clang-22", "-O2", "-fPIC", "-shared", HERE / "profile.c", "-o",
         WORK / "profile.so")
    return WORK / "profile.so"


@functools.cache
def checkpoint():
    """Has a layer with the matrix."""
    folder = WORK / "checkpoint"
    call("/usr/bin/python3", ROOT / "tests/tools/make_checkpoint.py", folder,
         "--hidden", COLUMNS, "--ffn", ROWS, "--heads", 20, "--kv-heads", 5,
         "--layers", 1)
    return folder


@dataclass(frozen=True)
class Cpu:
    """What code is made for."""
    isa: str
    name: str   # Setun's --cpu
    clang: tuple[str, ...]  # its flags

    @functools.cached_property
    def folder(self):
        folder = WORK / f"{self.isa}-{self.name}"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def compile(self, model, output, *options):
        call(SETUN, "compile", model, "-o", self.folder / output,
             f"--target={self.isa}-linux", f"--cpu={self.name}", *options)
        return self.folder / output

    @functools.cache
    def build_model(self):
        return self.compile(ROOT / "examples/tinystories-3m", "model")

    def build_kernels(self):
        """-> the packing that Setun chose, and an object with `kernel` and
        `portable`."""
        model = self.compile(checkpoint(), "model.o", "--emit=obj",
                             "--no-tokenizer")
        symbols = call("llvm-nm-22", "--format=just-symbols", model).split()
        [name] = filter(DECODE.fullmatch, symbols)
        both = {name: "kernel", name + "_portable": "portable"}
        call("llvm-objcopy-22", *(f"--globalize-symbol={old}" for old in both),
             *(f"--redefine-sym={old}={new}" for old, new in both.items()),
             model)
        return DECODE.fullmatch(name)[1], model

    def tile_blocks(self):
        """16-row blocks that Setun's kernel takes at once."""
        text = self.compile(checkpoint(), "tile.mlir", "--stop-after=tile",
                            "--no-tokenizer").read_text()
        [tiles] = re.findall(r"mlp\.gate_proj.*lut\.tiles = \[(#\w+)", text)
        [blocks] = re.findall(rf"{tiles} = #lut\.tile<.*blocks = (\d+)", text)
        return blocks

    def build_c(self, name, code):
        output = self.folder / f"{name}.o"
        call("clang-22", "-O3", "-ffreestanding", *self.clang,
             f"--target={self.isa}-linux-gnu", f"-DGEMV={name}",
             f"-DCode={code}", "-c", HERE / "gemv.c", "-o", output)
        return output

    @functools.cache
    def build_driver(self):
        """-> the packing, and driver.cpp with all kernels."""
        packing, model = self.build_kernels()
        driver = self.folder / "driver"
        zig_cache = {"ZIG_GLOBAL_CACHE_DIR": str(ROOT / "build/zig-cache")}
        call(ZIG, "c++", f"--target={self.isa}-linux-musl", "-std=c++20", "-O2",
             "-Wl,--gc-sections", f"-DROWS={ROWS}", f"-DCOLUMNS={COLUMNS}",
             f"-DTILE={self.tile_blocks()}", f"-I{ROOT}", HERE / "driver.cpp",
             model, self.build_c("gemv8", "uint8_t"),
             self.build_c("gemv32", "int32_t"), "-o", driver,
             env=zig_cache | os.environ)
        return packing, driver


def profile(isa, machine, *command):
    """-> {symbol: {address: times}} of a run under qemu's -cpu `machine`."""
    out = WORK / "profile.txt"
    call(f"qemu-{isa}", "-cpu", machine, "-plugin", f"{plugin()},out={out}",
         *command)
    symbols = {}
    for line in out.read_text().splitlines():
        address, times, symbol = line.split(" ", 2)
        symbols.setdefault(symbol, {})[int(address, 16)] = int(times)
    return symbols


def total(counts):
    """Executed instructions of a program."""
    return sum(sum(times.values()) for times in counts.values())


def disassemble(exe, symbol, cpu=""):
    """-> [(address, text that an assembler takes)] of a function."""
    listing = call("llvm-objdump-22", "-d", "--no-show-raw-insn",
                   f"--disassemble-symbols={symbol}", f"--mcpu={cpu}", exe)
    lines = re.findall(r"^ +([0-9a-f]+):\s+(\S.*)$", listing, re.M)
    # Where a branch goes does not matter; that it has a target does.
    return [(int(address, 16), re.sub(r"(0x)?[0-9a-f]+ <.*>", "0b", text))
            for address, text in lines]


def count(exe, symbol, counts):
    """Executed instructions of a function that calls no other."""
    for _, text in disassemble(exe, symbol):
        if CALL.match(text):
            raise SystemExit(f"error: {exe}: {symbol} has '{text}': what it "
                             "calls would not be counted")
    return sum(counts[symbol].values())


def hot_blocks(exe, symbol, cpu, counts):
    """-> [(times, lines)]: neighbours that are executed equally often, as long
    as they are a percent of all that is executed. Before them the vector type
    that RISC-V is left in; from then on llvm-mca follows it itself."""
    times, vtype, blocks = counts[symbol], [], []
    floor = sum(times.values()) / 100
    for repeats, block in groupby(disassemble(exe, symbol, cpu),
                                  lambda i: times.get(i[0], 0)):
        lines = [text for _, text in block]
        if repeats * len(lines) > floor:
            blocks.append((repeats, vtype + lines))
        for found in filter(None, map(VSETVLI.match, lines)):
            vtype = [f"# LLVM-MCA-RISCV-SEW E{found[1]}",
                     f"# LLVM-MCA-RISCV-LMUL {found[2].upper()}"]
    if not blocks:
        raise SystemExit(f"error: {exe}: no part of {symbol} stands out")
    return blocks


def cycles(isa, cpu, lines):
    """llvm-mca's estimate of an iteration, all data in the first cache."""
    iterations = 200
    report = json.loads(call(
        "llvm-mca-22", f"-mtriple={isa}", f"-mcpu={cpu}", "-json",
        f"-iterations={iterations}", input="\n".join(["0:", *lines, ""])))
    [region] = report["CodeRegions"]
    return region["SummaryView"]["TotalCycles"] / iterations
