#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""--embed: embedding and head in fewer bits, and what is told of it."""
import json
import re
import unittest

import numpy as np

from support import (Reference, checkpoint, compiled, fresh_path, host_cpus,
                     main, range_error, setun, succeed)

BITS = {"q8": 8, "q6": 6, "q4": 4}
# 264 columns are no multiple of a group; float activations have no rounding that
# could flip.
SHAPE = dict(hidden=264, heads=6, kv_heads=3, ffn=300, vocab=777, layers=1,
             architecture="llama", act="silu", format="ternary")
LARGE = SHAPE | dict(vocab=4099)


class Embed(unittest.TestCase):
    def test_logits(self):
        """Those of a reference that rounds the matrices itself."""
        for word, bits in BITS.items():
            for shape in dict(), dict(untied=True, dtype="f32"):
                with self.subTest(word, **shape):
                    model = checkpoint(**SHAPE | shape)
                    reference = Reference(model, embed_bits=bits)
                    for n in 1, 9, 40:
                        prompt = np.random.RandomState(n).randint(777, size=n)
                        exe = compiled(model, f"--embed={word}")
                        _, logits = exe.generate(prompt, 1)
                        expected = reference.logits(prompt)[-1]
                        self.assertLess(range_error(logits[0], expected), 1e-5)

    def test_levels(self):
        model, prompt = checkpoint(**SHAPE), [3, 1, 4, 1, 5]
        for word in BITS:
            base = compiled(model, f"--embed={word}", "--cpu=x86-64")
            expected = base.generate(prompt, 3, "-t", 1, "-b", 1)[1]
            for cpu in host_cpus():
                with self.subTest(word, cpu=cpu):
                    exe = compiled(model, f"--embed={word}", f"--cpu={cpu}")
                    _, logits = exe.generate(prompt, 3, "-t", 3)
                    self.assertTrue((logits.view("u4") ==
                                     expected.view("u4")).all())

    def test_other_isas(self):
        model, prompt = checkpoint(**SHAPE), [3, 1, 4, 1, 5]
        for target, machine in ("aarch64", "cortex-a76"), ("riscv64", "rv64"):
            for word in BITS:
                with self.subTest(word, target=target):
                    options = f"--embed={word}", f"--target={target}"
                    _, logits = compiled(model, *options).on(machine).generate(
                        prompt, 2, "-t", 1)
                    expected = compiled(model, f"--embed={word}").generate(
                        prompt, 2)[1]
                    self.assertTrue((logits.view("u4") ==
                                     expected.view("u4")).all())

    def test_screen(self):
        """Of 8 bits it pays; it leads to the same tokens."""
        model = checkpoint(**LARGE)
        for word in BITS:
            exe = compiled(model, f"--embed={word}")
            self.assertEqual("screen" in exe.run("info"), word == "q8")
            run = ("run", "--ids", "3,1,4,1,5", "-n", 30, "--ignore-eos",
                   "--output-ids", "-s", 3)
            for way in ("--temp", 0), ("--top-k", 5), ():
                with self.subTest(word, way=way):
                    self.assertEqual(
                        exe.run(*run, *way),
                        exe.run(*run, *way, "--dump-logits", "/dev/null"))

    def test_error_is_told(self):
        model = checkpoint(**SHAPE)
        matrix = Reference(model).embedding
        for word, bits in BITS.items():
            path = fresh_path("model")
            result = setun("compile", model, "--no-tokenizer", "-o", path,
                           f"--embed={word}")
            succeed(result)
            found = re.search(r"embed: q\d: relative RMS error of weights "
                              r"([\d.]+) %, largest (\S+); of logits RMS "
                              r"(\S+), at most (\S+)", result.stderr)
            self.assertTrue(found, result.stderr)
            relative, largest, logit, bound = map(float, found.groups())
            error = Reference(model, embed_bits=bits).embedding - matrix
            exact = 100 * np.sqrt((error ** 2).sum() / (matrix ** 2).sum())
            self.assertAlmostEqual(relative, exact, delta=1e-3 * exact + 1e-4)
            self.assertAlmostEqual(largest, np.abs(error).max(),
                                   delta=0.01 * largest)
            self.assertLess(logit, bound)
            exe = compiled(model, f"--embed={word}")
            told = found[0].removeprefix("embed: ")
            self.assertIn(told, exe.run("info"))
            self.assertEqual(json.loads(exe.run("info", "--json"))
                             ["embed_error"], told)
            self.assertIn(told, succeed(setun("inspect", exe.path)))
            self.assertRegex(exe.run("info"), rf"(?m)^{word} +")

    def test_wrong_word(self):
        result = setun("compile", checkpoint(**SHAPE), "--no-tokenizer",
                       "-o", fresh_path("model"), "--embed=q5")
        self.assertEqual(result.returncode, 1)
        self.assertIn("--embed=q5: expected q8, q6 or q4", result.stderr)

    def test_exact_by_default(self):
        exe = compiled(checkpoint(**SHAPE))
        self.assertNotIn("lossy", exe.run("info"))


if __name__ == "__main__":
    main()
