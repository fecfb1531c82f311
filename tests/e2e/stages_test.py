#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Stages can be dumped, stopped after, parsed again and gone on from."""
import json
import os
import re
import shutil
import unittest
from pathlib import Path

from support import (EXAMPLES, ODD, call, checkpoint, compiled, fresh_path,
                     main, setun, succeed)

WEIGHT = "model.layers.0.mlp.down_proj.weight"
STAGES = "import simplify fuse encode tile lower".split()


class Stages(unittest.TestCase):
    model, options = EXAMPLES / "shakespeare-relu2/packed", ()
    resumed = STAGES

    @classmethod
    def setUpClass(cls):
        cls.dump = fresh_path("dump")
        cls.exe = fresh_path("model")
        succeed(setun("compile", cls.model, *cls.options, "-o", cls.exe,
                      f"--dump-dir={cls.dump}"))

    def dumped(self, stage):
        return self.dump / f"{STAGES.index(stage):02}-{stage}.mlir"

    def test_dumping_changes_nothing(self):
        plain = compiled(self.model)
        self.assertEqual(plain.path.read_bytes(), self.exe.read_bytes())

    def test_all_dumped(self):
        files = [self.dumped(stage) for stage in STAGES]
        for file in files + [self.dump / "06-llvm.ll"]:
            self.assertGreater(file.stat().st_size, 0, file)

    def test_readable(self):
        """Weights never enter the IR; the early stages are short."""
        for stage in "import", "simplify", "fuse", "encode", "tile":
            text = self.dumped(stage).read_text()
            self.assertLess(len(text.splitlines()), 1000, stage)
            self.assertNotRegex(text, "dense(_resource)?<\"?0x")

    def test_parses_again(self):
        tool = Path(os.environ["SETUN"]).with_name("setun-opt")
        for stage in STAGES:
            with self.subTest(stage):
                once = succeed(call(tool, self.dumped(stage)))
                self.assertEqual(succeed(call(tool, "-", input=once)), once)

    def test_stop_after(self):
        for stage in STAGES:
            with self.subTest(stage):
                output = fresh_path("module.mlir")
                succeed(setun("compile", self.model, *self.options, "-o",
                              output, f"--stop-after={stage}"))
                self.assertEqual(output.read_text(),
                                 self.dumped(stage).read_text())

    def test_stop_after_llvm(self):
        output = fresh_path("module.ll")
        succeed(setun("compile", self.model, *self.options, "-o", output,
                      "--stop-after=llvm"))
        self.assertEqual(output.read_text(),
                         (self.dump / "06-llvm.ll").read_text())

    def test_go_on_from(self):
        for stage in self.resumed:
            with self.subTest(stage):
                exe = fresh_path("model")
                succeed(setun("compile", f"--from={stage}", self.dumped(stage),
                              *self.options, "-o", exe))
                self.assertEqual(exe.read_bytes(), self.exe.read_bytes())

    def test_damage_after_the_import(self):
        """Not even a module of ours makes a checkpoint trustworthy."""
        model, module = fresh_path("model"), fresh_path("module.mlir")
        shutil.copytree(self.model, model)
        succeed(setun("compile", model, *self.options, "-o", module,
                      "--stop-after=tile"))
        file = model / "model.safetensors"
        data = bytearray(file.read_bytes())
        size = 8 + int.from_bytes(data[:8], "little")
        at = size + json.loads(data[8:size])[WEIGHT]["data_offsets"][0]
        data[at:at + 4] = b"\xff" * 4  # the code 3, or not a number
        file.write_bytes(data)
        exe = fresh_path("model")
        result = setun("compile", "--from=tile", module, *self.options, "-o",
                       exe)
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, f"{file}: tensor '{WEIGHT}': found")
        self.assertEqual(list(exe.parent.iterdir()), [])

    def test_unknown_stage(self):
        result = setun("compile", self.model, "-o", fresh_path("x"),
                       "--stop-after=lunch", *self.options)
        self.assertIn(result.returncode, range(1, 128))
        self.assertIn("lunch", result.stderr)


class StagesOfAnOddShape(Stages):
    model, options = checkpoint(format="master", **ODD), ("--no-tokenizer",)
    resumed = "import", "encode"

    def test_quant_must_be_positive(self):
        text = self.dumped("tile").read_text()
        for value in "-1.0 : f32", "0x7FC00000 : f32", "0.0 : f32", "1.0":
            with self.subTest(value):
                module, exe = fresh_path("module.mlir"), fresh_path("model")
                module.write_text(re.sub("(quant = )[^,>]+", rf"\g<1>{value}",
                                         text))
                result = setun("compile", "--from=tile", module,
                               *self.options, "-o", exe)
                self.assertEqual(result.returncode, 1)
                self.assertIn("no positive f32", result.stderr)
                self.assertEqual(list(exe.parent.iterdir()), [])


if __name__ == "__main__":
    main()
