#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The same bits whether decoding skips zeros always, never or where it pays."""
import re
import unittest

import numpy as np

from support import (EXAMPLES, ODD, Executable, checkpoint, compiled,
                     fresh_path, main, setun, succeed)

NEW = 12


def staged(model, stage, *options):
    """The module after a stage, as text."""
    path = fresh_path("module.mlir")
    if not any(model.glob("tokenizer.*")):
        options += ("--no-tokenizer",)
    succeed(setun("compile", model, "-o", path, f"--stop-after={stage}",
                  *options))
    return path.read_text()


def resume(text, stage, model):
    module, exe = fresh_path("module.mlir"), fresh_path("model")
    module.write_text(text)
    options = () if any(model.glob("tokenizer.*")) else ("--no-tokenizer",)
    succeed(setun("compile", f"--from={stage}", module, "-o", exe, *options))
    return Executable(exe)


class Sparsity(unittest.TestCase):
    def variants(self, model):
        """Always: from 0 zeros on. Never: without the attribute."""
        text = staged(model, "tile")
        if "lut.skip = " not in text:
            self.skipTest("this CPU has no use for skipping")
        copies = re.findall(r"lut\.skip_packing = (\S+>)", text)
        self.assertEqual(copies.count("#lut.lines<rows>"),
                         copies.count("#lut.lines<columns>"))
        always = re.sub(r"zeros = \d+", "zeros = 0", text)
        never = re.sub(r"lut\.skip = #lut\.skip<zeros = \d+>, ", "", text)
        self.assertNotIn("lut.skip =", never)
        return {"always": resume(always, "tile", model),
                "never": resume(never, "tile", model),
                "where it pays": compiled(model)}

    def check(self, model, vocab):
        prompt = np.random.RandomState(1).randint(vocab, size=20)
        base = compiled(model, "--cpu=x86-64")
        ids, logits = base.generate(prompt, NEW, "-t", 1)
        variants = self.variants(model)
        for name, exe in variants.items():
            kernels = exe.run("verify")
            for word in "rows", "columns":
                self.assertEqual(f"ok      skip_{word}_" in kernels,
                                 name != "never", kernels)
            for threads in 1, 2, 3, 7:
                for options in (), ("-b", 1):
                    with self.subTest(name, threads=threads, options=options):
                        found = exe.generate(prompt, NEW, "-t", threads,
                                             *options)
                        self.assertEqual(found[0], ids)
                        self.assertEqual(found[1].tobytes(), logits.tobytes())

    def test_shakespeare(self):
        self.check(EXAMPLES / "shakespeare-relu2/packed", 1024)

    def test_odd_shape(self):
        self.check(checkpoint(**ODD), ODD["vocab"])

    def test_silu_has_no_copies(self):
        text = staged(EXAMPLES / "tinystories-3m", "tile")
        self.assertNotIn("lut.skip", text)

    def test_levels(self):
        """One packing for all, but only the last level skips."""
        text = staged(EXAMPLES / "shakespeare-relu2/packed", "tile",
                      "--target=x86-64", "--cpu=x86-64,x86-64-v4+vnni")
        plain, skips = (part.split("func.func")[0] for part in
                        re.split(r"func\.func @\"?forward\.", text)[1:])
        self.assertNotIn("lut.skip", plain)
        self.assertIn("lut.skip = ", skips)


if __name__ == "__main__":
    main()
