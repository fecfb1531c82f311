#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The same bits whether decoding skips zeros always, never or where it pays."""
import re
import unittest

import numpy as np

from support import (EXAMPLES, ODD, Executable, Reference, checkpoint,
                     compiled, fresh_path, main, setun, succeed)

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


def read_zeros(exe, prompt, *options):
    """-> weight: percentages of zero inputs, of lines skipped."""
    result = exe.call("run", "--ids", ",".join(map(str, prompt)), "-n", 1,
                      "--output-ids", "-b", 1, "-v", *options)
    succeed(result)
    pattern = r"zeros +([\d.]+) %, +([\d.]+) % of the lines skipped: (\S+)"
    return {weight: (float(share), float(skipped)) for share, skipped, weight
            in re.findall(pattern, result.stderr)}


class Sparsity(unittest.TestCase):
    def variants(self, model):
        """Always: from 0 zeros on. Never: without the attribute."""
        text = staged(model, "tile")
        if "lut.skip = " not in text:
            self.skipTest("this CPU has no use for skipping")
        copies = re.findall(r"lut\.skip_packing = (\S+>)", text)
        self.assertEqual(copies.count("#lut.lines<rows>"),
                         copies.count("#lut.lines<columns>"))
        def edited(alone, shared):
            return resume(re.sub(r"alone = \d+, shared = \d+",
                                 f"alone = {alone}, shared = {shared}", text),
                          "tile", model)
        return {"always": edited(0, 0), "alone": edited(0, 1000),
                "shared": edited(1000, 0), "where it pays": compiled(model),
                "never": compiled(model, "--no-skip")}

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
                for options in (), ("-b", 1), ("--no-skip",):
                    with self.subTest(name, threads=threads, options=options):
                        found = exe.generate(prompt, NEW, "-t", threads,
                                             *options)
                        self.assertEqual(found[0], ids)
                        self.assertEqual(found[1].tobytes(), logits.tobytes())

    def test_counts_zeros(self):
        """As many as the reference finds; skipped by one worker, or several."""
        model = checkpoint(**ODD, gate_zeros=0.8)
        prompt, variants = list(range(1, 12)), self.variants(model)
        expected = self.count_zeros(model, prompt)
        for name, threads, skips in (
                ("always", 1, True), ("always", 3, True), ("alone", 1, True),
                ("alone", 2, False), ("shared", 1, False), ("shared", 2, True)):
            with self.subTest(name, threads=threads):
                found = read_zeros(variants[name], prompt, "-t", threads)
                self.assertEqual(found.keys(), expected.keys())
                for weight, (share, skipped) in found.items():
                    self.assertAlmostEqual(share, expected[weight], delta=0.2)
                    self.assertEqual(skipped, share if skips else 0)
        found = read_zeros(variants["always"], prompt, "--no-skip")
        self.assertEqual({skipped for share, skipped in found.values()}, {0})
        self.assertEqual(read_zeros(variants["never"], prompt), {})

    @staticmethod
    def count_zeros(model, prompt):
        """-> weight: percentage of its inputs that are zero."""
        reference = Reference(model)
        gates, inputs = [], []
        activation, quantize = reference.activation, reference.quantize

        def spy_gate(x):
            gates.append(100 * np.mean(x <= 0))
            return activation(x)

        def spy_input(x):
            q, scale = quantize(x)
            inputs.append(100 * np.mean(q == 0))
            return q, scale
        reference.activation, reference.quantize = spy_gate, spy_input
        reference.logits(prompt)
        names = [f"model.layers.{i}.mlp." for i in range(len(gates))]
        return {name + projection + "_proj.weight": share
                for projection, shares in (("up", gates),
                                           ("down", inputs[6::7]))
                for name, share in zip(names, shares)}

    def test_no_skip_has_no_copies(self):
        text = staged(EXAMPLES / "shakespeare-relu2/packed", "tile",
                      "--no-skip")
        self.assertNotIn("lut.skip", text)
        self.assertNotIn("skipRows", text)

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
