#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The same bits whatever the CPU, the threads and the chunks of the prompt."""
import unittest

import numpy as np

from support import EXAMPLES, ODD, checkpoint, compiled, host_cpus, main

# Every small batch, and around the edges where other kernels take over.
LENGTHS = (*range(1, 34), 47, 48, 49, 63, 64, 65, 100, 129, 255, 256, 257, 265)
NEW = 3

#: So few columns are not looked up.
LOOKUPS = [word for field in ("strategy=lookup", "unroll=1", "tokens=16")
           for word in (f"--set=tile.prefill.{field}", "layers.*")]


class Identity(unittest.TestCase):
    def prompt(self, vocab, length):
        return np.random.RandomState(length).randint(vocab, size=length)

    def check(self, model, vocab):
        """Every CPU level against the first, decoding one token at a time."""
        expected = {}
        base = compiled(model, "--cpu=x86-64")
        for length in LENGTHS:
            expected[length] = base.generate(self.prompt(vocab, length), NEW,
                                             "-t", 1, "-b", 1)
            self.assertTrue(np.isfinite(expected[length][1]).all())
        for cpu in host_cpus():
            with self.subTest(cpu=cpu, threads=1):
                self.agree(compiled(model, f"--cpu={cpu}"), vocab, expected,
                           LENGTHS, "-t", 1)
            with self.subTest(cpu=cpu, tiles="look-ups"):
                self.agree(compiled(model, f"--cpu={cpu}", *LOOKUPS), vocab,
                           expected, (1, 33, 265), "-t", 2)
            for threads in 2, 3, 17:  # loops have 16 parts at most
                with self.subTest(cpu=cpu, threads=threads):
                    self.agree(compiled(model, f"--cpu={cpu}"), vocab,
                               expected, (1, 9, 64, 265), "-t", threads)
            for batch in 1, 5, 17, 64:
                with self.subTest(cpu=cpu, batch=batch):
                    self.agree(compiled(model, f"--cpu={cpu}"), vocab,
                               expected, (3, 33, 129), "-t", 2, "-b", batch)

    def agree(self, exe, vocab, expected, lengths, *options):
        for length in lengths:
            ids, logits = exe.generate(self.prompt(vocab, length), NEW,
                                       *options)
            wrong = np.argwhere(logits.view("u4") !=
                                expected[length][1].view("u4"))
            self.assertEqual(len(wrong), 0, f"prompt of {length}: "
                             f"{len(wrong)} of {logits.size} logits differ, "
                             f"first at {wrong[:1]}")
            self.assertEqual(ids, expected[length][0])

    def test_tinystories(self):
        self.check(EXAMPLES / "tinystories-3m", 512)

    def test_shakespeare(self):
        self.check(EXAMPLES / "shakespeare-relu2/packed", 1024)

    def test_odd_shape(self):
        self.check(checkpoint(**ODD, context=300), ODD["vocab"])

    def test_other_graphs(self):
        """Windows, two tables of angles, norms everywhere, biases."""
        shape = dict(hidden=72, heads=4, kv_heads=2, head_dim=20, ffn=136,
                     vocab=256, layers=2, context=300, architecture="gemma3",
                     act="gelu_pytorch_tanh", norm_inside="rms_norm",
                     config='{"sliding_window": 21, "attention_bias": true, '
                            '"sliding_window_pattern": 2}')
        self.check(checkpoint(**shape), 256)

    def test_floats(self):
        """Trits and floats times floats, scales of rows and of groups."""
        shape = dict(architecture="llama", hidden=192, heads=6, kv_heads=3,
                     ffn=352, vocab=311, act="silu", context=300)
        for kind in (dict(format="ternary", scales="group:32"),
                     dict(format="ternary", scales="row", dtype="f32"),
                     dict(float="q_proj,up_proj", scales="group:16"),
                     dict(float="down_proj,layers.1", scales="row")):
            with self.subTest(**kind):
                model = checkpoint(**shape, **kind)
                expected = {length: compiled(model, "--cpu=x86-64").generate(
                    self.prompt(311, length), NEW, "-t", 1, "-b", 1)
                    for length in (1, 9, 64, 265)}
                for cpu in host_cpus():
                    exe = compiled(model, f"--cpu={cpu}")
                    self.assertIn(" 0 failed", exe.run("verify"))
                    for threads, batch in (1, 512), (2, 17), (3, 5):
                        self.agree(exe, 311, expected, expected,
                                   "-t", threads, "-b", batch)


if __name__ == "__main__":
    main()
