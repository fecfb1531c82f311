#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What make_checkpoint.py promises: same bytes, same trits, live logits."""
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1] / "reference"))

import make_checkpoint  # noqa: E402
from bitnet import Model  # noqa: E402

ODD = ("--hidden 264 --heads 6 --kv-heads 3 --ffn 700 --vocab 777 --layers 3 "
       "--dtype f32 ").split()


class MakeCheckpoint(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def make(self, name, *options):
        directory = Path(self.folder.name) / name
        make_checkpoint.build(make_checkpoint.parse([str(directory), *ODD,
                                                     *options]))
        return directory

    def test_same_options_same_bytes(self):
        a, b = self.make("a"), self.make("b")
        for file in a.iterdir():
            self.assertEqual(file.read_bytes(),
                             (b / file.name).read_bytes())
        other = self.make("c", "--seed", "2")
        self.assertNotEqual((a / "model.safetensors").read_bytes(),
                            (other / "model.safetensors").read_bytes())

    def test_same_trits_however_stored(self):
        for zeros in "0", "0.42", "0.9":
            z = ("--zeros", zeros)
            packed = Model(self.make("packed", *z))
            for other in (
                    Model(self.make("master", "--format", "master", *z)),
                    Model(self.make("divided", "--linear-class", "bitlinear",
                                    "--dtype", "bf16", *z)),
                    Model(self.make("shards", "--shards", "4", "--untied",
                                    "--tokenizer", "bytes", *z))):
                self.same_linears(packed, other, float(zeros))

    def same_linears(self, a, b, zeros):
        for i in range(3):
            for name in "q k v o gate up down".split():
                x, y = a.layers[i][name], b.layers[i][name]
                self.assertTrue((x.transposed == y.transposed).all())
                self.assertAlmostEqual(x.alpha / y.alpha, 1, delta=0.03)
                self.assertAlmostEqual((x.transposed == 0).mean(), zeros,
                                       delta=0.03)

    def test_gates_are_negative_as_often_as_wanted(self):
        for wanted in 0.02, 0.7, 0.95:
            model = Model(self.make("gates", "--gate-zeros", str(wanted)))
            shares, relu2 = [], model.activation
            model.activation = lambda x: (shares.append((x <= 0).mean()),
                                          relu2(x))[1]
            model.logits(range(40))
            for share in shares:
                self.assertAlmostEqual(share, wanted, delta=0.05)

    def test_logits_have_spread(self):
        for options in ((), ("--gate-zeros", "0.9"), ("--untied", "--act", "silu"),
                        ("--layers", "24", "--zeros", "0.1")):
            logits = Model(self.make("model", *options)).logits(range(40))
            self.assertAlmostEqual(logits.std(), 3, delta=0.3)
            self.assertGreater(len(set(logits.argmax(-1))), 20)


if __name__ == "__main__":
    unittest.main()
