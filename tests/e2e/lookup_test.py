#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""--lookup changes how long a run takes and nothing else."""
import random
import re
import unittest

from support import EXAMPLES, compiled, fresh_path, main

MODELS = {name: EXAMPLES / name
          for name in ("tinystories-3m", "shakespeare-relu2/packed")}
RANDOM = [random.Random(1).randrange(3, 256) for _ in range(40)]
PROMPTS = {"repeats": [5, 9, 77, 12, 40] * 6, "random": RANDOM, "one": [1]}
WAYS = {
    "greedy": ("--temp", 0, "--ignore-eos"),
    "until it stops": ("--temp", 0),
    "sampled": ("-s", 11, "--ignore-eos"),
    "wild": ("-s", 12, "--temp", 2, "--top-k", 0, "--ignore-eos"),
    "penalty": ("-s", 13, "--repeat-penalty", 1.2, "--ignore-eos"),
    "full context": ("--temp", 0, "-c", 64, "-n", 99, "--ignore-eos"),
    "shift": ("--temp", 0, "-c", 48, "-n", 99, "--context-shift", "--keep", 3,
              "--ignore-eos"),
    "one thread": ("--temp", 0, "-t", 1, "-n", 13, "--ignore-eos"),
}


class LookupTest(unittest.TestCase):
    def generate(self, exe, prompt, *options):
        dump = fresh_path("logits")
        result = exe.call("run", "--ids", ",".join(map(str, prompt)), "-n", 70,
                          "--output-ids", "-v", "--dump-logits", dump,
                          *options)
        self.assertEqual(result.returncode, 0, result.stderr)
        logits = dump.read_bytes()
        dump.unlink()
        return result.stdout, logits, result.stderr

    def test_same_tokens_and_logits(self):
        right = 0
        for model, path in MODELS.items():
            exe = compiled(path)
            for prompt, ids in PROMPTS.items():
                for way, options in WAYS.items():
                    plain = self.generate(exe, ids, *options)
                    for least in 0, 7:
                        with self.subTest(f"{model} {prompt} {way} {least}"):
                            text, logits, log = self.generate(
                                exe, ids, *options, "--lookup", "--draft-min",
                                least)
                            self.assertEqual(text, plain[0])
                            self.assertTrue(logits == plain[1])
                            right += int(re.search(r"guessed, (\d+)", log)[1])
        self.assertGreater(right, 100)

    def test_same_text(self):
        exe = compiled(MODELS["tinystories-3m"])
        words = ("run", "-p", "One day, one day, one day", "-n", 60, "-s", 5)
        self.assertEqual(exe.run(*words, "--lookup", "--draft-min", 3),
                         exe.run(*words))


if __name__ == "__main__":
    main()
