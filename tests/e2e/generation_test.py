#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What `run` does at stop strings, at the context's end, and with biases."""
import unittest

from support import EXAMPLES, compiled, main

CONTEXT = 24
PROMPT = [1, 9, 77, 12, 40, 5, 31]


class GenerationTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.exe = compiled(EXAMPLES / "tinystories-3m")

    def ids(self, prompt, count, *options):
        text = self.exe.run("run", "--ids", ",".join(map(str, prompt)), "-n",
                            count, "--temp", 0, "--ignore-eos", "--output-ids",
                            *options)
        return [int(word) for word in text.split(",")]

    def shifted(self, prompt, count, keep):
        """As one would do it by hand: run until the context is full, begin
        anew with what is left of it."""
        sequence, made = list(prompt), []
        while len(made) < count:
            room = CONTEXT + 1 - len(sequence)
            some = self.ids(sequence, min(room, count - len(made)), "-c",
                            CONTEXT)
            made += some
            sequence += some
            full = len(sequence) - 1
            del sequence[keep:keep + (full - keep) // 2]
        return made

    def test_context_shift(self):
        # A prompt that starts with <s> keeps it.
        for keep, kept in (0, 1), (2, 3), (-1, len(PROMPT)):
            with self.subTest(keep=keep):
                self.assertEqual(
                    self.ids(PROMPT, 60, "-c", CONTEXT, "--context-shift",
                             "--keep", keep),
                    self.shifted(PROMPT, 60, kept))

    def test_smallest_contexts_shift(self):
        for context in 1, 2, 3:
            self.assertEqual(len(self.ids([1], 9, "-c", context,
                                          "--context-shift", "--keep", -1)), 9)

    def test_full_context_without_shift(self):
        result = self.exe.call("run", "--ids", "1,9,77", "-n", 60, "-c", 8,
                               "--output-ids", "--ignore-eos", "--temp", 0)
        self.assertEqual(result.returncode, 0)
        self.assertEqual(len(result.stdout.split(",")), 6)
        self.assertIn("the context of 8 tokens is full", result.stderr)

    def test_stop_strings(self):
        words = ("run", "-p", "One day", "-n", 60, "--temp", 0,
                 "--no-display-prompt")
        story = self.exe.run(*words).rstrip("\n")
        middle = len(story) // 2
        stop = story[middle:middle + 9]
        for flag in "--stop", "-r", "--reverse-prompt":
            for more in (), ("--lookup", "--draft-min", 4):
                self.assertEqual(
                    self.exe.run(*words, flag, "never there", flag, stop,
                                 *more),
                    story[:story.index(stop)] + "\n")
        self.assertEqual(self.exe.run(*words, "--stop", "never there"),
                         story + "\n")

    def test_stop_strings_end_ids(self):
        words = ("run", "-p", "One day", "-n", 60, "--temp", 0, "--output-ids")
        ids = self.exe.run(*words).strip().split(",")
        stopped = self.exe.run(*words, "--stop", ",").strip().split(",")
        self.assertLess(len(stopped), len(ids))
        self.assertEqual(stopped, ids[:len(stopped)])

    def test_biases(self):
        first = self.ids(PROMPT, 1)[0]
        self.assertNotEqual(self.ids(PROMPT, 1, "-l", f"{first}-inf")[0],
                            first)
        self.assertEqual(self.ids(PROMPT, 3, "--logit-bias", "8+1e6"), [8] * 3)

    def test_bad_biases(self):
        for bias in "8", "+1", "8+", "8+x", "8+inf", "8-nan", "99999+1", "1,2+1":
            result = self.exe.call("run", "--ids", "1", "--output-ids",
                                   "--logit-bias", bias)
            self.assertEqual(result.returncode, 2, bias)
            self.assertIn("--logit-bias: ", result.stderr)


if __name__ == "__main__":
    main()
