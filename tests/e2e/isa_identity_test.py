#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The same bits as x86-64 on every level of other ISAs, emulated."""
import json
import unittest

import numpy as np

from support import (EXAMPLES, ODD, checkpoint, compiled, fresh_path, main,
                     setun, succeed)

MODEL = EXAMPLES / "tinystories-3m"
SHAPES = {
    "odd": ODD | dict(layers=1),
    "master": dict(hidden=90, heads=5, kv_heads=1, head_dim=22, ffn=203,
                   vocab=301, format="master", dtype="f32", act="silu",
                   untied=True, layers=1),
    "floats": dict(architecture="llama", hidden=96, heads=3, kv_heads=1,
                   ffn=208, vocab=307, act="silu", layers=1, format="ternary",
                   scales="group:16"),
    "mixed": dict(hidden=96, heads=3, kv_heads=1, ffn=212, vocab=307, layers=1,
                  scales="row", dtype="f16", float="q_proj,down_proj"),
    "dense": dict(hidden=128, heads=4, kv_heads=2, ffn=2756, vocab=259,
                  zeros=0, linear_class="bitlinear", dtype="f16", untied=True,
                  layers=1),
    "graph": dict(hidden=72, heads=4, kv_heads=2, head_dim=20, ffn=136,
                  vocab=256, layers=2, architecture="gemma3",
                  act="gelu_pytorch_tanh", norm_inside="rms_norm",
                  config='{"sliding_window": 21, "attention_bias": true, '
                         '"sliding_window_pattern": 2, '
                         '"partial_rotary_factor": 0.5}'),
}
# Prompts around the edges where decode, small-batch and prefill kernels take
# over; threads, and into what the prompt is cut.
RUNS = {1: ("-t", 1), 2: ("-t", 4), 8: ("-t", 3, "-b", 5), 9: ("-t", 2),
        32: ("-t", 1), 33: ("-t", 4, "-b", 9), 128: ("-t", 2),
        129: ("-t", 3, "-b", 33)}
STORY = "run -p Once -n 24 --temp 1.1 --top-k 40 --top-p 0.9 -s 3".split()


class Isa:
    """What is done for each of them."""

    def options(self, *cpus):
        cpu = [f"--cpu={','.join(cpus)}"] if cpus else []
        return [f"--target={self.target}", *cpu]

    def compiled(self, model, *cpus):
        return compiled(model, *self.options(*cpus))

    def agree(self, exe, model, vocab, length, *options):
        """With x86-64 without threads, decoding one token at a time."""
        prompt = np.random.RandomState(length).randint(vocab, size=length)
        ids, expected = compiled(model, "--cpu=x86-64").generate(
            prompt, 3, "-t", 1, "-b", 1)
        self.assertTrue(np.isfinite(expected).all())
        actual, logits = exe.generate(prompt, 3, *options)
        wrong = np.argwhere(logits.view("u4") != expected.view("u4"))
        self.assertEqual(len(wrong), 0, f"{len(wrong)} of {logits.size} "
                         f"logits differ, first at {wrong[:1]}")
        self.assertEqual(actual, ids)

    def check(self, shape, lengths=RUNS, exe=None):
        model = checkpoint(**shape)
        exe = exe or self.compiled(model, *self.levels)
        for level, machines in self.levels.items():
            for machine in machines:
                for length in lengths:
                    with self.subTest(level, on=machine, prompt=length):
                        self.agree(exe.on(machine), model, shape["vocab"],
                                   length, "--cpu", level, *RUNS[length])

    def test_odd_shape(self):
        self.check(SHAPES["odd"])

    def test_master_weights(self):
        self.check(SHAPES["master"], (2, 8, 33, 129))

    def test_dense_trits(self):
        self.check(SHAPES["dense"], (1, 9, 33))

    def test_other_graphs(self):
        self.check(SHAPES["graph"], (2, 33, 128))

    def test_floats(self):
        """Trits and floats times floats, scales of rows and of groups."""
        self.check(SHAPES["floats"], (2, 33))
        self.check(SHAPES["mixed"], (2, 33))

    def test_base_3(self):
        """Chosen by none of these CPUs; whoever edits a module has it."""
        module = fresh_path("encode.mlir")
        succeed(setun("compile", checkpoint(**SHAPES["master"]), "-o", module,
                      "--no-tokenizer", "--stop-after=encode",
                      *self.options(*self.levels)))
        text = module.read_text()
        self.assertIn("#lut.i2", text)
        module.write_text(text.replace("#lut.i2", "#lut.b3"))
        self.check(SHAPES["master"], (1, 33), compiled(module, "--from=encode"))

    def test_verify(self):
        exe = self.compiled(checkpoint(**SHAPES["master"]), *self.levels)
        for level, machines in self.levels.items():
            for machine in machines:
                with self.subTest(level, on=machine):
                    self.assertIn(" 0 failed", exe.on(machine).run(
                        "verify", "--cpu", level))

    def test_cpus(self):
        """CPUs by their names, all in one executable."""
        shape = dict(hidden=136, heads=4, kv_heads=4, ffn=136, vocab=99,
                     layers=1)
        model = checkpoint(**shape)
        exe = self.compiled(model, *self.cpus)
        for cpu, machine in self.cpus.items():
            with self.subTest(cpu, on=machine):
                self.agree(exe.on(machine), model, shape["vocab"], 41, "--cpu",
                           cpu, "-t", 2)

    def test_level_is_chosen(self):
        """Of the levels that are there when none is named."""
        exe, story = self.compiled(MODEL), compiled(MODEL).run(*STORY)
        for machine, level in self.chosen.items():
            with self.subTest(machine):
                there = exe.on(machine)
                info = json.loads(there.run("info", "--json"))
                self.assertEqual(info["cpu"], level)
                self.assertEqual(there.run(*STORY), story)
                self.agree(there, MODEL, 512, 21, "-t", 4)

    def test_empty_root(self):
        exe = self.compiled(MODEL).on(next(iter(self.chosen)))
        self.assertEqual(exe.enclosed().run(*STORY, "-t", 4),
                         compiled(MODEL).run(*STORY))

    def test_weights_once(self):
        """However many levels read them."""
        exe = self.compiled(MODEL).on(next(iter(self.chosen)))
        info, alone = (json.loads(e.run("info", "--json"))
                       for e in (exe, compiled(MODEL, "--cpu=x86-64")))
        self.assertGreater(len(info["levels"]), len(alone["levels"]))
        self.assertEqual(info["weights_bytes"], alone["weights_bytes"])
        self.assertLess(exe.path.stat().st_size, info["weights_bytes"] +
                        info["tokenizer_bytes"] + (1 << 20))

    def test_lacking(self):
        """One line and code 3, not SIGILL: of a level, of all of them."""
        model = checkpoint(**SHAPES["master"])
        plain, *_, best = self.levels
        machine = self.levels[plain][0]
        every = self.compiled(model, *self.levels).on(machine)
        alone = self.compiled(model, best).on(machine)
        for result in every.call("info", "--cpu", best), alone.call("info"):
            self.assertEqual(result.returncode, 3)
            self.assertEqual(result.stdout, "")
            self.assertRegex(result.stderr, f"^error: .* lacks .*{self.lacking}"
                                            r".*\n\Z")


class AArch64(Isa, unittest.TestCase):
    target = "aarch64"
    levels = {
        "armv8-a": ["cortex-a53"],
        "armv8.2-a+dotprod": ["cortex-a76"],
        "armv8.2-a+dotprod+i8mm": ["no-sve"],
        "armv9-a": ["sve-128", "sve-256", "sve-384", "sve-512", "sve-1024"],
        "armv9-a+i8mm": ["sve-256"],
    }
    chosen = {
        "cortex-a53": "armv8-a",
        "cortex-a72": "armv8-a",
        "neoverse-n1": "armv8.2-a+dotprod",
        "sve-256": "armv8.2-a+dotprod+i8mm",
    }
    cpus = {"cortex-a53": "cortex-a53", "cortex-a72": "cortex-a72",
            "cortex-a76": "cortex-a76", "neoverse-n1": "neoverse-n1",
            "neoverse-n2": "sve-128", "neoverse-v2": "sve-128",
            "apple-m1": "no-sve"}
    lacking = "sve2"


class RiscV64(Isa, unittest.TestCase):
    target = "riscv64"
    levels = {
        "rv64gc": ["rv64"],
        "rv64gcv": ["rvv-128", "rvv-256", "rvv-512"],
    }
    chosen = {"rv64": "rv64gc", "rvv-128": "rv64gcv", "rvv-256": "rv64gcv",
              "rvv-512": "rv64gcv"}
    cpus = {"sifive-u74": "rv64", "rv64gc_zba_zbb_zbs": "rv64",
            "sifive-x280": "rvv-512"}
    lacking = "v,"


if __name__ == "__main__":
    main()
