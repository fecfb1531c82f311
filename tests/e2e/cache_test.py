#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Contexts of several chunks: the same bits for every way through them, with
every type of the cache; and what a type costs against f32."""
import json
import unittest

import numpy as np

from support import (EXAMPLES, ODD, checkpoint, compiled, host_cpus, main,
                     range_error)

# A chunk has 256 positions: prompts that end before, at and behind its end,
# and steps that cross it.
LENGTHS = 255, 256, 257, 300, 500
NEW = 3
# Of the range of the logits. f16 keeps 11 bits and bf16 8; a changed int8
# activation alone is worth 2e-2 (golden_test).
LIMITS = {"bf16": 5e-2, "f16": 3e-2, "i8": 1e-1}


class Cache(unittest.TestCase):
    def prompt(self, length, vocab):
        return np.random.RandomState(length).randint(vocab, size=length)

    def check(self, model, vocab, lengths, kind):
        base = compiled(model, "--cpu=x86-64", f"--kv={kind}")
        best = compiled(model, f"--cpu={list(host_cpus())[-1]}",
                        f"--kv={kind}")
        for length in lengths:
            prompt = self.prompt(length, vocab)
            _, expected = base.generate(prompt, NEW, "-t", 1, "-b", 1)
            self.assertTrue(np.isfinite(expected).all())
            for options in (("-t", 1), ("-t", 3), ("-t", 2, "-b", 7),
                            ("-t", 2, "-b", 33)):
                with self.subTest(kind=kind, length=length, options=options):
                    for exe in base, best:
                        _, logits = exe.generate(prompt, NEW, *options)
                        self.assertEqual(logits.tobytes(), expected.tobytes())

    def test_long(self):
        for kind in "f32", "bf16", "f16", "i8":
            self.check(EXAMPLES / "tinystories-3m", 512, LENGTHS, kind)

    def test_odd_shape(self):
        model = checkpoint(**ODD)
        for kind in "bf16", "i8":
            self.check(model, ODD["vocab"], (5, 33, 60), kind)

    def test_error(self):
        for name in "tinystories-3m", "shakespeare-relu2/packed":
            golden = json.loads((EXAMPLES / name / "golden.json").read_text())
            prompt = golden["prompt_ids"] + golden["greedy_ids"]
            exact = compiled(EXAMPLES / name).generate(prompt, 1)[1]
            for kind, limit in LIMITS.items():
                exe = compiled(EXAMPLES / name, f"--kv={kind}")
                error = range_error(exe.generate(prompt, 1)[1][0], exact[0])
                print(f"{name} {kind}: {error:.1e} of the range")
                with self.subTest(name=name, kind=kind):
                    self.assertGreater(error, 0)
                    self.assertLess(error, limit)

    def test_label(self):
        for kind in "f16", "i8":
            exe = compiled(EXAMPLES / "tinystories-3m", f"--kv={kind}")
            text = exe.run("info")
            self.assertIn(f"each as {kind}", text)
            self.assertEqual("lossy" in text, kind == "i8")


if __name__ == "__main__":
    main()
