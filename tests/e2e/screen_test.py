#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A screened head leads to the tokens of the full one, which dumping runs."""
import json
import re
import unittest

from support import (EXAMPLES, Executable, checkpoint, compiled, fresh_path,
                     main, setun, succeed)

# Large enough for a screen; no dimension is a multiple of 16.
SHAPE = dict(hidden=264, heads=6, kv_heads=3, ffn=300, vocab=4099, layers=1)
WAYS = {
    "greedy": ("--temp", 0),
    "greedy penalty": ("--temp", 0, "--repeat-penalty", 1.4),
    "defaults": ("-s", 3),
    "top-k 5": ("-s", 4, "--top-k", 5, "--repeat-penalty", 0.7),
    "top-k of all": ("-s", 5, "--top-k", 99999, "--temp", 2),
    "min-p": ("-s", 6, "--top-k", 0, "--top-p", 1, "--min-p", 0.1),
    "top-p": ("-s", 7, "--top-k", 0, "--top-p", 0.3, "--min-p", 0),
    "both": ("-s", 8, "--top-k", 0, "--temp", 0.5),
    "no filter": ("-s", 9, "--top-k", 0, "--top-p", 1, "--min-p", 0),
}
# Every form of products: the levels of an executable, and machines that run
# one of them each.
LEVELS = {"aarch64": ("armv8-a,armv8.2-a+dotprod,armv9-a",
                      ("cortex-a53", "cortex-a76", "sve-256")),
          "riscv64": ("rv64gc,rv64gcv", ("rv64", "rvv-256"))}


class ScreenTest(unittest.TestCase):
    def generate(self, exe, *options):
        return exe.run("run", "--ids", "3,1,4,1,5", "--ignore-eos",
                       "--output-ids", *options)

    def agree(self, exe, *options, n=40, ways=WAYS):
        for way in ways:
            settings = WAYS[way]
            with self.subTest(way):
                few = self.generate(exe, "-n", n, *settings, *options)
                every = self.generate(exe, "-n", n, *settings,
                                      "--dump-logits", "/dev/null")
                self.assertEqual(few, every)

    def check_screen(self, exe):
        self.assertIn("screen", exe.run("info"))
        self.assertRegex(exe.run("verify"), "ok +screen_")

    def test_levels(self):
        for cpu in "x86-64", "x86-64-v3", "native":
            with self.subTest(cpu):
                exe = compiled(checkpoint(**SHAPE), f"--cpu={cpu}")
                self.check_screen(exe)
                self.agree(exe, "-t", 2)

    def test_elements(self):
        for shape in dict(dtype="f32"), dict(dtype="f16", untied=True):
            with self.subTest(**shape):
                self.agree(compiled(checkpoint(**SHAPE, **shape)), "-t", 1)

    def test_lookup(self):
        self.agree(compiled(checkpoint(**SHAPE)), "--lookup", "--draft-min", 3)

    def test_machines(self):
        for target, (cpus, machines) in LEVELS.items():
            exe = compiled(checkpoint(**SHAPE), f"--target={target}",
                           f"--cpu={cpus}")
            for machine in machines:
                with self.subTest(machine):
                    self.agree(exe.on(machine), "-t", 1, n=3,
                               ways=("greedy", "defaults"))

    def test_trained_model(self):
        """A small head is not screened, unless the module says so."""
        model = EXAMPLES / "tinystories-3m"
        self.assertNotIn("screen", compiled(model).run("info"))
        stage = fresh_path("encode.mlir")
        succeed(setun("compile", model, "--stop-after=encode", "-o", stage))
        text = stage.read_text()
        name = re.search(r"tern.head %\d+, (@[\w.]+)", text)[1]
        text = re.sub(rf"(tern.head %\d+, {name})",
                      rf"\1 {{lut.screen = {name}.screen}}", text)
        text = re.sub(rf"(?m)^( *tern.weight {name})( :.*){{.*}}(.*)$",
                      r"\g<0>\n\1.screen\2{lut.packing = #lut.screen}\3", text)
        stage.write_text(text)
        exe = fresh_path("screened")
        succeed(setun("compile", "--from=encode", stage, "-o", exe))
        self.check_screen(Executable(exe))
        self.agree(Executable(exe), n=100)

    def test_profile(self):
        """The bounds of every token and the rows computed behind them."""
        exe = compiled(checkpoint(**SHAPE))
        file = fresh_path("profile")
        self.generate(exe, "-n", 3, "-t", 2, "--profile", file)
        events = json.loads(file.read_text())["traceEvents"]
        for worker in range(2):
            heads = [(e["name"], e["args"]) for e in events
                     if e["tid"] == worker and e["name"].startswith("head.")]
            bounds = [args for name, args in heads if name == "head.screen"]
            self.assertEqual(bounds, [{"rows": 1, "position": p}
                                      for p in (5, 6, 7)])
            exact = {args["position"] for name, args in heads
                     if name == "head.exact" and 0 < args["rows"] < 4099}
            self.assertEqual(exact, {5, 6, 7})

    def test_bench_counts_the_rows(self):
        exe = compiled(checkpoint(**SHAPE))
        line = exe.run("bench", "-p", 0, "-n", 8, "-r", 1, "-o", "jsonl")
        read = int(re.search(r'"token_bytes": ?(\d+)', line)[1])
        screen = 4112 // 16 * (192 + 17 * 192)
        self.assertGreater(read, screen)


if __name__ == "__main__":
    main()
