#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The runtime's tables of CPU features, under qemu's CPUs.

PROGRAMS/words-ARCH has a level for each feature that codegen/targets may ask
for; `info` tells which of them this CPU lacks."""
import json
import os
from pathlib import Path
import re
import shutil
import signal
import subprocess
import unittest

ARM_V8 = "fp-armv8 neon crc aes sha2"
ARM_V8_2 = ARM_V8 + " lse rdm fullfp16 dotprod rcpc"
RV64GC = "i m a f d c zaamo zalrsc zmmul zicsr zifencei zca zcd"
ZB = " zba zbb zbs b"
# qemu 7.2 runs half-float vector instructions whatever it is told.
RVV = " v zve32x zve32f zve64x zve64f zve64d zvl32b zvl64b zvl128b" \
    " zvfhmin zvfh"
V_ON = "rv64,v=true,elen=64,vext_spec=v1.0"

# What Arm's manuals say of the cores, and what qemu is told to emulate.
CPUS = {
    "aarch64": {
        "cortex-a53": ARM_V8,
        "cortex-a72": ARM_V8,
        "cortex-a76": ARM_V8_2,
        "neoverse-n1": ARM_V8_2,
        "a64fx": ARM_V8 + " lse rdm fullfp16 complxnum sve",
    },
    "riscv64": {
        "rv64,zba=false,zbb=false,zbs=false": RV64GC,
        "rv64,zba=false": RV64GC + " zbb zbs",
        "rv64": RV64GC + ZB,
        "rv64,Zfh=true": RV64GC + ZB + " zfhmin zfh",
        f"{V_ON},vlen=128": RV64GC + ZB + RVV,
        f"{V_ON},vlen=256": RV64GC + ZB + RVV + " zvl256b",
        f"{V_ON},vlen=512": RV64GC + ZB + RVV + " zvl256b zvl512b",
    },
}
# qemu's `max` grows; these it must have or lack.
MAX = {
    "max": ("dotprod i8mm bf16 sve sve2 fp16fml rcpc-immo sha3 sm4", ""),
    "max,sve=off": ("dotprod i8mm bf16 fp16fml flagm altnzcv fptoint",
                    "sve sve2"),
}

PROGRAMS = Path(os.environ["PROGRAMS"])
TABLES = Path(__file__).resolve().parents[2] / "runtime/cpu"


def start(arch, cpu, *arguments):
    emulator = shutil.which(f"qemu-{arch}-static") or \
        shutil.which(f"qemu-{arch}")
    program = PROGRAMS / f"words-{arch}"
    if arch == os.uname().machine:
        emulator = "/usr/bin/env"
    if not emulator or not program.exists():
        raise unittest.SkipTest(f"no qemu-{arch}, or no runtime for it")
    return subprocess.run([emulator, program, *arguments], text=True,
                          env={"QEMU_CPU": cpu}, capture_output=True)


def table(name):
    """The names in a runtime's table of features."""
    text = (TABLES / name).read_text().split("kFeatures[] = {", 1)[1]
    return re.findall(r'\{"([^"]+)", ', text.split("\n};", 1)[0])


def features(arch, cpu):
    """The words of all levels, and those that the CPU has."""
    result = start(arch, cpu, "info", "--json")
    assert result.returncode == 0, result.stderr
    levels = json.loads(result.stdout)["levels"][1:]
    return ({level["name"] for level in levels},
            {level["name"] for level in levels if not level["lacking"]})


class Features(unittest.TestCase):
    def test_known_cpus(self):
        for arch, cpus in CPUS.items():
            for cpu, expected in cpus.items():
                with self.subTest(cpu):
                    _, present = features(arch, cpu)
                    self.assertEqual(sorted(present),
                                     sorted(expected.split()))

    def test_largest_cpu(self):
        for cpu, (has, lacks) in MAX.items():
            with self.subTest(cpu):
                _, present = features("aarch64", cpu)
                self.assertLessEqual(set(has.split()), present)
                self.assertFalse(set(lacks.split()) & present)

    def test_blocked_signal(self):
        """Instructions are tried whatever signals the parent has blocked."""
        cpu = "rv64,zba=false"
        _, expected = features("riscv64", cpu)
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGILL})
        try:
            _, present = features("riscv64", cpu)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        self.assertEqual(present, expected)

    def test_every_word_is_known(self):
        """The compiler asks for what the runtime can look up, no more and no
        less; lengths of vectors are not in the table."""
        for arch, source, cpu in (("x86_64", "X86.cpp", ""),
                                  ("aarch64", "AArch64.cpp", "cortex-a53"),
                                  ("riscv64", "RiscV.cpp", "rv64")):
            with self.subTest(arch):
                words, present = features(arch, cpu)
                self.assertGreater(len(words), 20)
                self.assertEqual(
                    sorted(w for w in words if not w.startswith("zvl")),
                    sorted(table(source)))
                for word in words - present:
                    result = start(arch, cpu, "info", "--cpu", word)
                    self.assertEqual(result.returncode, 3)
                    self.assertIn(f"lacks {word}, which", result.stderr)


if __name__ == "__main__":
    unittest.main()
