#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""--prompt-cache changes how much is evaluated and nothing else."""
import re
import struct
import unittest

from support import EXAMPLES, compiled, fresh_path, main

MODEL = EXAMPLES / "tinystories-3m"
# Chunks of the cache are of 16 positions and more.
PROMPT = [1] + [5 + i * i % 200 for i in range(70)]
HEADER = struct.Struct("<5Q")


class PromptCache(unittest.TestCase):
    exe = property(lambda self: compiled(MODEL))

    def run_with(self, prompt, cache, *options, exe=None, count=12):
        """-> what is printed and dumped; tokens that were evaluated; notes."""
        dump = fresh_path("logits")
        words = ["--prompt-cache", cache] if cache else []
        result = (exe or self.exe).call(
            "run", "--ids", ",".join(map(str, prompt)), "-n", count,
            "--output-ids", "-v", "--ignore-eos", "-s", 3, "--dump-logits",
            dump, *words, *options)
        self.assertEqual(result.returncode, 0, result.stderr)
        tokens = re.search(r"prompt +(\d+) tokens", result.stderr)
        notes = re.findall(r"note: .*", result.stderr)
        return (result.stdout, dump.read_bytes()), int(tokens[1]), notes

    def same(self, prompt, cache, evaluated, *options, **more):
        result, tokens, notes = self.run_with(prompt, cache, *options, **more)
        self.assertEqual(tokens, evaluated)
        more.pop("exe", None)
        self.assertEqual(result, self.run_with(prompt, None, **more)[0])
        return notes

    def test_prompts(self):
        cache = fresh_path("cache")
        self.assertEqual(self.same(PROMPT[:33], cache, 33), [])
        self.assertEqual(self.same(PROMPT[:33], cache, 1), [])
        self.assertEqual(self.same(PROMPT, cache, len(PROMPT) - 33), [])
        self.assertEqual(self.same(PROMPT, cache, 1), [])
        # A beginning leaves the file as it is; another prompt does not.
        before = cache.read_bytes()
        self.assertEqual(self.same(PROMPT[:20], cache, 1), [])
        self.assertEqual(cache.read_bytes(), before)
        other = PROMPT[:40] + [9] * 5
        self.assertEqual(self.same(other, cache, 5), [])
        self.assertEqual(self.same(PROMPT, cache, len(PROMPT) - 40), [])
        self.assertEqual(self.same([9, 9], cache, 2), [])

    def test_read_only(self):
        cache = fresh_path("cache")
        self.same(PROMPT, cache, len(PROMPT), "--prompt-cache-ro")
        self.assertFalse(cache.exists())
        self.same(PROMPT[:9], cache, 9)
        self.same(PROMPT, cache, len(PROMPT) - 9, "--prompt-cache-ro")
        self.same(PROMPT, cache, len(PROMPT) - 9)

    def test_all(self):
        cache = fresh_path("cache")
        (ids, _), *_ = self.run_with(PROMPT, cache, "--prompt-cache-all")
        said = [int(word) for word in ids.split(",")]
        self.same(PROMPT + said + [7], cache, 2)
        # Of a shifted context what is left.
        self.run_with(PROMPT[:20], cache, "--prompt-cache-all", "-c", "24",
                      "--context-shift")
        self.same(PROMPT, cache, len(PROMPT) - 1)

    def test_no_token_is_wanted(self):
        cache = fresh_path("cache")
        self.exe.run("run", "--ids", "1,2,3,4", "-n", 0, "--output-ids",
                     "--prompt-cache", cache)
        self.same([1, 2, 3, 4, 5], cache, 1)

    def test_context(self):
        cache = fresh_path("cache")
        self.same(PROMPT, cache, len(PROMPT))
        _, tokens, notes = self.run_with(PROMPT[:20], cache, "-c", 40)
        self.assertEqual(tokens, 20)
        self.assertIn("71 tokens, more than the context", notes[0])

    def test_another_executable(self):
        cache = fresh_path("cache")
        self.same(PROMPT, cache, len(PROMPT))
        for options in ("--kv=f16",), ("--context=100",):
            exe = compiled(MODEL, *options)
            _, tokens, notes = self.run_with(PROMPT, cache, "-n", 1, exe=exe,
                                             count=1)
            self.assertEqual(tokens, len(PROMPT))
            self.assertIn("was written by another executable", notes[0])
            # It is overwritten.
            self.assertEqual(
                self.run_with(PROMPT, cache, exe=exe, count=1)[1:], (1, []))

    def test_damage(self):
        cache = fresh_path("cache")
        self.same(PROMPT, cache, len(PROMPT))
        good = cache.read_bytes()
        header = list(HEADER.unpack_from(good))

        def changed(index, value):
            return HEADER.pack(*header[:index], value, *header[index + 1:])

        body = good[HEADER.size:]
        cases = {"is no prompt cache": [b"", good[:39], changed(0, 0) + body],
                 "another executable": [changed(1, 1) + body],
                 "shorter or longer": [
                     good[:-1], good + b"\0", changed(2, 1 << 63) + body,
                     changed(2, (1 << 64) - 1) + body,
                     changed(3, header[3] - 4) + body],
                 "another hash": [
                     good[:-1] + bytes([good[-1] ^ 1]), changed(4, 0) + body,
                     changed(2, 0) + body[:0] + bytes(header[3]),
                     good[:44] + bytes([good[44] ^ 1]) + good[45:]]}
        for words, files in cases.items():
            for number, file in enumerate(files):
                with self.subTest(f"{words} {number}"):
                    cache.write_bytes(file)
                    notes = self.same(PROMPT, cache, len(PROMPT), count=2)
                    self.assertIn(words, notes[0])
                    self.assertEqual(cache.read_bytes(), good)

    def test_unreadable(self):
        folder = fresh_path("folder")
        folder.mkdir()
        for path in folder, folder / "none" / "cache":
            result = self.exe.call("run", "--ids", "1", "-n", 1,
                                   "--output-ids", "--prompt-cache", path)
            self.assertEqual(result.returncode, 1)
            self.assertIn(str(path), result.stderr)


if __name__ == "__main__":
    main()
