#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The judge judged: bitnet.py against each example model's golden.json."""
import json
import unittest
from pathlib import Path

import numpy as np

from bitnet import Model

EXAMPLES = Path(__file__).parents[2] / "examples"


class Golden(unittest.TestCase):
    def check(self, name):
        golden = json.loads((EXAMPLES / name / "golden.json").read_text())
        model = Model(EXAMPLES / name)
        prompt, ids = golden["prompt_ids"], golden["greedy_ids"]
        certain = golden["certain_steps"]
        self.assertEqual(model.generate(prompt, certain)[0], ids[:certain])
        logits = model.logits(prompt + ids)[len(prompt) - 1:]
        for step, expected in golden["logits_before_step"].items():
            error = np.abs(logits[int(step)] - expected).max()
            error /= np.ptp(expected)
            print(f"{name} step {step}: {error:.1e} of the range")
            self.assertLess(error, 1e-5 if int(step) < 2 else 2e-2)

    def test_tinystories(self):
        self.check("tinystories-3m")

    def test_shakespeare_packed(self):
        self.check("shakespeare-relu2/packed")

    def test_shakespeare_master(self):
        self.check("shakespeare-relu2/master")


if __name__ == "__main__":
    unittest.main()
