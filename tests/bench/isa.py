#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What decoding costs on CPUs that are not here, as two markdown tables.

    tests/bench/isa.py                    all
    tests/bench/isa.py cortex-a72 VLEN    rows whose name has one of the words

Executed instructions are exact counts under qemu's user mode. Cycles are
llvm-mca's for every part of a kernel that matters, as often as qemu saw it run.
Three ways to multiply the same 640x2560 ternary matrix with one int8 vector are
compared: Setun's decode kernel, its portable twin, and the loop of gemv.c
compiled by clang -O3 for that CPU, the better of two ways to write it. The
results are checked. SETUN names the compiler, BENCH_DIR a folder for files.
"""
import platform
import sys
from datetime import date

from emulator import (WEIGHTS, Cpu, count, cycles, hot_blocks, profile, total,
                      versions)

SVE = "max,sve-max-vq={}"
VECTOR = "rv64,v=true,vlen={},elen=64,vext_spec=v1.0"


def arm(name):
    return Cpu("aarch64", name, (f"-mcpu={name}",))


def level(isa, name, *tune):
    return Cpu(isa, name, (f"-march={name}", *tune))


# The row's name, what code is made for, -cpu of qemu.
LEVELS = [
    ("x86-64", level("x86_64", "x86-64"), "max"),
    ("x86-64-v3", level("x86_64", "x86-64-v3"), "max"),
    ("armv8-a", level("aarch64", "armv8-a"), "cortex-a53"),
    ("cortex-a53", arm("cortex-a53"), "cortex-a53"),
    ("cortex-a72", arm("cortex-a72"), "cortex-a72"),
    ("cortex-a76", arm("cortex-a76"), "cortex-a76"),
    ("neoverse-n1", arm("neoverse-n1"), "neoverse-n1"),
    ("armv8.6-a", level("aarch64", "armv8.6-a"), "max,sve=off"),
    ("neoverse-n2", arm("neoverse-n2"), SVE.format(1)),
    # Left to itself, clang's loop is too wide for the 32 columns of a byte.
    *((f"armv8.6-a+sve2, SVE {128 * vq}",
       level("aarch64", "armv8.6-a+sve2", "-mtune=neoverse-n2"),
       SVE.format(vq)) for vq in (1, 2, 4)),
    ("rv64gc", level("riscv64", "rv64gc"), "rv64"),
    *((f"rv64gcv, VLEN {vlen}", level("riscv64", "rv64gcv"),
       VECTOR.format(vlen)) for vlen in (128, 256, 512)),
]
# Cores that llvm-mca knows, with the vector lengths they have.
CORES = [
    *((name, arm(name), SVE.format(1))
      for name in ("cortex-a76", "neoverse-n1", "neoverse-n2", "neoverse-v2",
                   "apple-m1")),
    *((name, Cpu("riscv64", name, (f"-mcpu={name}",)), VECTOR.format(vlen))
      for name, vlen in (("sifive-x280", 512), ("sifive-p670", 128),
                         ("spacemit-x60", 256))),
]
KERNELS = ("kernel", "portable", "gemv8", "gemv32")
SHORT, LONG = 8, 24  # tokens of two runs; the difference is what is shown


def instructions_per_weight(cpu, machine):
    """-> the packing, and the figures of Setun, portable, C."""
    packing, driver = cpu.build_driver()
    counts = profile(cpu.isa, machine, driver)
    ours, portable, *c = (count(driver, kernel, counts) / WEIGHTS
                          for kernel in KERNELS)
    return packing, ours, portable, min(c)


def instructions_per_token(cpu, machine):
    short, long = (total(profile(
        cpu.isa, machine, cpu.build_model(), "run", "--ids", 1, "-n", tokens,
        "-t", 1, "--temp", 0, "--ignore-eos")) for tokens in (SHORT, LONG))
    return (long - short) / (LONG - SHORT)


def weights_per_cycle(cpu, machine):
    """-> the packing, and the figures of Setun, portable, C."""
    packing, driver = cpu.build_driver()
    counts = profile(cpu.isa, machine, driver)

    def estimate(kernel):
        blocks = hot_blocks(driver, kernel, cpu.name, counts)
        return WEIGHTS / sum(times * cycles(cpu.isa, cpu.name, lines)
                             for times, lines in blocks)
    ours, portable, *c = map(estimate, KERNELS)
    return packing, ours, portable, max(c)


def row(*cells):
    print("| " + " | ".join(cells) + " |", flush=True)


def header(*cells):
    row(*cells)
    print("|" + "---|" * len(cells))


def instruction_table(rows):
    header("executed instructions per weight", "packing", "Setun", "portable",
           "C", "portable ÷ Setun", "C ÷ Setun",
           "tinystories-3m, millions a token")
    for name, cpu, machine in rows:
        packing, ours, portable, c = instructions_per_weight(cpu, machine)
        token = instructions_per_token(cpu, machine)
        row(name, packing, f"{ours:.3f}", f"{portable:.3f}", f"{c:.3f}",
            f"{portable / ours:.1f}", f"{c / ours:.1f}", f"{token / 1e6:.2f}")


def cycle_table(rows):
    header("weights per cycle (llvm-mca)", "packing", "Setun", "portable", "C",
           "Setun ÷ portable", "Setun ÷ C")
    for name, cpu, machine in rows:
        packing, ours, portable, c = weights_per_cycle(cpu, machine)
        row(name, packing, f"{ours:.2f}", f"{portable:.2f}", f"{c:.2f}",
            f"{ours / portable:.1f}", f"{ours / c:.1f}")


def main():
    words = sys.argv[1:]
    levels, cores = ([line for line in table if not words or
                      any(word in line[0] for word in words)]
                     for table in (LEVELS, CORES))
    if not levels and not cores:
        raise SystemExit(f"error: no row is called {' or '.join(words)}")
    print(f"{date.today()}, on {platform.machine()}, with")
    print(*(f"- {version}" for version in versions()), sep="\n", end="\n\n")
    if levels:
        instruction_table(levels)
        print()
    if cores:
        cycle_table(cores)


if __name__ == "__main__":
    main()
