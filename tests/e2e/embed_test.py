#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Vectors of texts against the reference, whatever cuts them."""
import json
import shutil
import unittest

import numpy as np

from support import Reference, checkpoint, compiled, fresh_path, main, setun

SHAPE = dict(hidden=72, heads=4, kv_heads=2, head_dim=20, ffn=136, vocab=300,
             layers=2, act="silu", architecture="qwen3", format="master",
             norm_inside="norm", headless=True, tokenizer="bytes")


def with_pooling(**modes):
    """The checkpoint with what sentence-transformers keeps beside it."""
    model = fresh_path("model")
    shutil.copytree(checkpoint(**SHAPE), model)
    (model / "1_Pooling").mkdir()
    config = {"word_embedding_dimension": 72, "pooling_mode_max_tokens": False}
    (model / "1_Pooling/config.json").write_text(json.dumps(config | modes))
    return model


class Embed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.exe = compiled(checkpoint(**SHAPE))
        reference = Reference(checkpoint(**SHAPE))
        cls.ids = np.random.RandomState(3).randint(256, size=90)
        cls.hidden = reference.hidden(cls.ids)

    def embed(self, *options, exe=None):
        text = (exe or self.exe).run("embed", "--ids",
                                     ",".join(map(str, self.ids)),
                                     "--embd-output-format", "array", *options)
        return np.array(json.loads(text))

    def expect(self, found, expected):
        cosine = (found * expected).sum() / np.sqrt(
            (found * found).sum() * (expected * expected).sum())
        self.assertGreater(cosine, 0.9999)
        self.assertLess(np.abs(found - expected).max(), 2e-2)

    def test_pooling(self):
        for kind, expected in (("mean", self.hidden.mean(0)),
                               ("cls", self.hidden[0]),
                               ("last", self.hidden[-1])):
            with self.subTest(kind):
                expected = expected / np.sqrt((expected ** 2).sum())
                self.expect(self.embed("--pooling", kind), expected[None])

    def test_all_tokens_as_they_are(self):
        self.expect(self.embed("--pooling", "none", "--embd-normalize", -1) /
                    10, self.hidden / 10)

    def test_last_is_the_default(self):
        self.assertTrue((self.embed() == self.embed("--pooling", "last")).all())

    def test_cuts_change_nothing(self):
        whole = self.exe.run("embed", "-p", "a text of words")
        for options in ("-b", 1), ("-b", 7, "-t", 3), ("-t", 2):
            self.assertEqual(whole, self.exe.run("embed", "-p",
                                                 "a text of words", *options))

    def test_texts_do_not_know_each_other(self):
        several = self.exe.run("embed", "-p", "one\n\ntwo\nthree",
                               "--embd-output-format", "json+")
        parsed = json.loads(several)
        self.assertEqual(len(parsed["data"]), 3)
        self.assertEqual(len(parsed["cosineSimilarity"]), 3)
        alone = json.loads(self.exe.run("embed", "-p", "two",
                                        "--embd-output-format", "json"))
        self.assertEqual(alone["data"][0]["embedding"],
                         parsed["data"][1]["embedding"])
        self.assertNotIn("cosineSimilarity", alone)

    def test_pooling_of_the_checkpoint(self):
        exe = compiled(with_pooling(pooling_mode_mean_tokens=True))
        self.assertTrue((self.embed(exe=exe) ==
                         self.embed("--pooling", "mean")).all())
        result = setun("compile", with_pooling(pooling_mode_max_tokens=True),
                       "-o", fresh_path("model"))
        self.assertEqual(result.returncode, 1)
        self.assertIn("1_Pooling/config.json: found pooling by 'max_tokens'",
                      result.stderr)

    def test_bad_inputs(self):
        for options, message in (
                (("-p", "\n"), "found no text"),
                (("-p", "x" * 999), "tokens, expected 1 to"),
                (("--ids", "1,999"), "--ids"),
                (("-p", "x", "--pooling", "max"), "--pooling")):
            result = self.exe.call("embed", *options)
            self.assertNotEqual(result.returncode, 0)
            self.assertIn(message, result.stderr)


if __name__ == "__main__":
    main()
