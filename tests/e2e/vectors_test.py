# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""llama.cpp's public tokenizer vectors, through an emitted executable.

The vocabularies may not be redistributed, so the data lies outside the
repository: CMake registers this test where SETUN_SHARED_DATA is.
"""
import os
import shutil
import unittest
from pathlib import Path

from support import checkpoint, compiled, fresh_path, main

DATA = Path(os.environ["SETUN_SHARED_DATA"]) / "tokenizers"


def vectors(name):
    """(text, ids) pairs of a ggml-vocab file."""
    stem = DATA / "ggml-vocab" / f"ggml-vocab-{name}.gguf"
    texts = Path(f"{stem}.inp").read_bytes().split(b"\n__ggml_vocab_test__\n")
    rows = Path(f"{stem}.out").read_text().split("\n")
    return [(text, row.split()) for text, row in zip(texts, rows)]


class Vectors(unittest.TestCase):
    def check(self, name, vocab, files):
        model = fresh_path("model")
        shutil.copytree(checkpoint(hidden=32, ffn=32, layers=1, heads=1,
                                   kv_heads=1, vocab=vocab), model)
        for file in files:
            shutil.copy(DATA / file, model)
        executable = compiled(model)
        pairs = vectors(name)
        self.assertEqual(len(pairs), 47)
        for text, expected in pairs:
            file = fresh_path("text")
            file.write_bytes(text)
            found = executable.run("tokenize", "--ids", "--no-bos", "-f", file)
            with self.subTest(text=text):
                self.assertEqual([t for t in found.strip().split(",") if t],
                                 expected)

    def test_llama3(self):
        self.check("llama-bpe", 128256, ["llama3/tokenizer.json"])

    def test_llama2(self):
        self.check("llama-spm", 32000, ["llama2/tokenizer.json",
                                        "llama2/tokenizer_config.json"])

    def test_llama2_model(self):
        self.check("llama-spm", 32000, ["llama2/tokenizer.model"])


if __name__ == "__main__":
    main()
