#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`perplexity` counts as llama-perplexity does; the judge is plain numpy."""
import functools
import math
import re
import unittest

import numpy as np

from support import EXAMPLES, Reference, compiled, fresh_path, main

STORY = ("Once upon a time there was a little dog. He liked to play in the "
         "park. One day he saw a big red ball, and he was very happy. "
         "A girl came and said that it was her ball. \"Can we play?\" ") * 6


def tokens_of(exe, text):
    out = exe.run("tokenize", "-p", text, "--ids")
    return [int(i) for i in out.strip().split(",")]


def surprises(logits, ids, length, begin):
    """-ln p of every token that counts, chunk by chunk; `logits` of a chunk's
    first n tokens gives the last one's row."""
    for start in range(0, len(ids) // length * length, length):
        chunk = list(ids[start:start + length])
        chunk[0] = begin
        for i in range(length // 2, length - 1):
            row = logits(chunk, i)
            row = row - row.max()
            yield np.log(np.exp(row).sum()) - row[chunk[i + 1]]


class Perplexity(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        model = EXAMPLES / "tinystories-3m"
        cls.exe, cls.reference = compiled(model), Reference(model)
        cls.ids = tokens_of(cls.exe, STORY)

    def estimate(self, *options):
        out = self.exe.run("perplexity", "-p", STORY, *options)
        steps, last = out.strip().split("\n")
        found = re.fullmatch(r"Final estimate: PPL = (\d+\.\d{4}) \+/- "
                             r"(\d+\.\d{5})", last)
        self.assertTrue(found, out)
        steps = [float(x) for x in re.findall(r"\[\d+\]([\d.]+),", steps)]
        self.assertEqual(f"{steps[-1]:.4f}", found[1])
        return steps, float(found[1]), float(found[2])

    def check(self, logits, length, ids, tolerance, *options):
        nll = np.array(list(surprises(logits, ids, length, ids[0])))
        steps, ppl, error = self.estimate("-c", length, *options)
        self.assertEqual(len(steps), len(ids) // length)
        truth = math.exp(nll.mean())
        self.assertLess(abs(ppl - truth), tolerance * truth)
        spread = nll.std() / math.sqrt(len(nll) - 1) * truth
        self.assertLess(abs(error - spread), 10 * tolerance * spread)

    def test_against_the_reference(self):
        """An activation that it rounds otherwise costs a thousandth."""
        @functools.cache
        def rows(chunk):
            return self.reference.logits(chunk)
        for length in 64, 101:
            with self.subTest(length):
                self.check(lambda chunk, i: rows(tuple(chunk))[i], length,
                           self.ids, 3e-3)

    def test_against_its_own_logits(self):
        """To the last digit that is printed."""
        def row(chunk, i):
            _, logits = self.exe.generate(chunk[:i + 1], 1)
            return logits[0].astype(np.float64)
        self.check(row, 13, self.ids[:39], 1e-5, "--chunks", 3)

    def test_threads_and_batches_change_nothing(self):
        expected = self.estimate("-c", 130)
        for options in ("-t", 1), ("-t", 3, "-b", 7), ("--no-skip",):
            self.assertEqual(self.estimate("-c", 130, *options), expected)

    def test_chunks(self):
        steps, *_ = self.estimate("-c", 64)
        first, *_ = self.estimate("-c", 64, "--chunks", 2)
        self.assertEqual(first, steps[:2])

    def test_file(self):
        path = fresh_path("story")
        path.write_text(STORY)
        out = self.exe.run("perplexity", "-f", path, "-c", 64)
        self.assertEqual(out, self.exe.run("perplexity", "-p", STORY,
                                           "-c", 64))

    def test_refuses(self):
        for options, reason in (
                (("-p", "Once", "-c", 64), "expected at least two contexts"),
                (("-p", STORY, "-c", 3), "of 4 or more"),
                (("-p", STORY, "-c", 64, "--chunks", 0), "nothing to measure"),
                (("-f", "/nowhere"), "/nowhere")):
            result = self.exe.call("perplexity", *options)
            self.assertEqual(result.returncode, 1)
            self.assertIn(reason, result.stderr)


if __name__ == "__main__":
    main()
