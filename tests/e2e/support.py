# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the end-to-end tests share: compile once, run, compare.

The compiler comes from $SETUN or --setun; setun-opt lies beside it.
"""
import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np

TESTS = Path(__file__).resolve().parents[1]
EXAMPLES = TESTS.parent / "examples"
sys.path += [str(TESTS / "reference"), str(TESTS / "tools")]

import make_checkpoint  # noqa: E402
from bitnet import Model as Reference  # noqa: E402,F401

# The odd shape: no dimension is a multiple of a vector.
ODD = dict(hidden=264, heads=6, kv_heads=3, ffn=700, vocab=777, layers=3)

# CPUs that are not here: the ISA, and what qemu's -cpu is told. SVE and RVV
# with the bits of a vector; 384 are no power of two. Zfh: what sifive-x280 has.
RVV = "rv64,v=true,elen=64,vext_spec=v1.0,vlen="
MACHINES = {
    "cortex-a53": ("aarch64", "cortex-a53"),
    "cortex-a72": ("aarch64", "cortex-a72"),
    "cortex-a76": ("aarch64", "cortex-a76"),
    "neoverse-n1": ("aarch64", "neoverse-n1"),
    "no-sve": ("aarch64", "max,sve=off"),
    "sve-128": ("aarch64", "max,sve-max-vq=1"),
    "sve-256": ("aarch64", "max,sve-max-vq=2"),
    "sve-384": ("aarch64", "max,sve-max-vq=3"),
    "sve-512": ("aarch64", "max,sve-max-vq=4"),
    "sve-1024": ("aarch64", "max,sve-max-vq=8,sve-default-vector-length=128"),
    "rv64": ("riscv64", "rv64"),
    "rvv-128": ("riscv64", RVV + "128"),
    "rvv-256": ("riscv64", RVV + "256"),
    "rvv-512": ("riscv64", RVV + "512,Zfh=true"),
}

_folder = tempfile.TemporaryDirectory(prefix="setun-e2e-")
_serial = iter(range(1 << 30))


def fresh_path(stem):
    """A path of its own in the folder that goes away with the process."""
    folder = Path(_folder.name) / str(next(_serial))
    folder.mkdir()
    return folder / stem


def call(*command, **options):
    return subprocess.run([str(c) for c in command], capture_output=True,
                          text=True, errors="replace", timeout=300, **options)


def setun(*arguments, **options):
    return call(os.environ["SETUN"], *arguments, **options)


def succeed(result):
    if result.returncode:
        raise AssertionError(f"{' '.join(result.args)} exited with "
                             f"{result.returncode}:\n{result.stderr}")
    return result.stdout


@functools.cache
def checkpoint(**shape):
    """A synthetic checkpoint; the keywords are make_checkpoint's flags."""
    directory = fresh_path("checkpoint")
    arguments = [str(directory)]
    for name, value in shape.items():
        flag = "--" + name.replace("_", "-")
        arguments += [flag] if value is True else [flag, str(value)]
    make_checkpoint.build(make_checkpoint.parse(arguments))
    return directory


def find_emulator(isa):
    """qemu's user mode of that ISA; a test without it fails."""
    for name in f"qemu-{isa}", f"qemu-{isa}-static":
        if path := shutil.which(name):
            return path
    raise AssertionError(f"no qemu-{isa} in PATH, which runs {isa} programs "
                         "here; scripts/install.sh installs it")


class Executable:
    """An emitted program, and the machine it runs on; None: this one."""

    def __init__(self, path, machine=None):
        self.path, self.command = path, [path]
        if machine:
            isa, cpu = MACHINES[machine]
            self.command = [find_emulator(isa), "-cpu", cpu, path]

    def on(self, machine):
        return Executable(self.path, machine)

    def enclosed(self):
        """The same, in a root directory with nothing else in it, but for the
        libraries of an emulator that is not static."""
        root = fresh_path("root")
        program = self.command[0]
        libraries = re.findall(r"(/\S+) \(0x", call("ldd", program).stdout)
        for file in [program, self.path, *libraries]:
            place = root / Path(file).relative_to("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, place)
        enclosed = Executable(self.path)
        user = ["unshare", "-r"] if os.geteuid() else []
        enclosed.command = [*user, "chroot", root, *self.command]
        return enclosed

    def call(self, *arguments):
        return call(*self.command, *arguments)

    def run(self, *arguments):
        return succeed(self.call(*arguments))

    def generate(self, prompt, n, *options):
        """-> n ids, and the [n, vocab] logits they were chosen from. Greedy
        where the options say nothing else."""
        dump = fresh_path("logits")
        text = self.run("run", "--ids", ",".join(map(str, prompt)), "-n", n,
                        "--temp", 0, "--ignore-eos", "--output-ids",
                        "--dump-logits", dump, *options)
        ids = [int(i) for i in text.split(",")]
        logits = np.fromfile(dump, "<f4").reshape(n, -1)
        dump.unlink()
        if len(ids) != n:
            raise AssertionError(f"asked for {n} ids, got {text!r}")
        return ids, logits


@functools.cache
def compiled(model, *options):
    """The executable of a checkpoint, compiled once per set of options."""
    path = fresh_path("model")
    if not any(Path(model).glob("tokenizer.*")):
        options += ("--no-tokenizer",)
    succeed(setun("compile", model, "-o", path, *options))
    return Executable(path)


def host_cpus():
    """The CPU levels to compile for that this machine can run."""
    needs = {"x86-64": "sse2",
             "x86-64-v3": "avx2 bmi1 bmi2 f16c fma abm movbe",
             "x86-64-v4": "avx2 bmi2 fma avx512f avx512bw avx512cd avx512dq "
                          "avx512vl"}
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    flags = next(l for l in lines if l.startswith("flags")).split()
    levels = [c for c, need in needs.items() if set(need.split()) <= set(flags)]
    return levels + ["native"]


def range_error(actual, expected):
    """The largest difference, as a part of the expected values' range."""
    expected = np.asarray(expected, np.float64)
    if actual.shape != expected.shape or not np.isfinite(actual).all():
        return np.inf
    return np.abs(actual - expected).max() / np.ptp(expected)


def main():
    if "--setun" in sys.argv:
        at = sys.argv.index("--setun")
        os.environ["SETUN"] = sys.argv[at + 1]
        del sys.argv[at:at + 2]
    if "SETUN" not in os.environ:
        sys.exit("name the compiler: SETUN=path or --setun path")
    os.environ["SETUN"] = str(Path(os.environ["SETUN"]).resolve())
    unittest.main(verbosity=2)
