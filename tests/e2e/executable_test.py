#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The emitted program as a file and as a command."""
import json
import shutil
import struct
import unittest

from support import (EXAMPLES, call, checkpoint, compiled, fresh_path, main,
                     setun, succeed)

PT_INTERP, PT_DYNAMIC = 3, 2
TEXT = "Once upon a time"
BENCH_KEYS = ("build_commit build_number cpu_info model_filename model_type "
              "model_size model_n_params n_batch n_threads n_prompt n_gen "
              "n_depth test_time avg_ns stddev_ns avg_ts stddev_ts samples_ns "
              "samples_ts").split()
COMMANDS = "run bench info tokenize verify".split()
MISTAKES = {
    "no such command": ("sing",),
    "no such flag": ("run", "--nonsense"),
    "a word for a number": ("run", "-p", TEXT, "-n", "many"),
    "fewer than no threads": ("run", "-p", TEXT, "-t", "-1"),
    "an id outside the vocabulary": ("run", "--ids", "512", "-n", "1"),
    "a negative id": ("run", "--ids=-1", "-n", "1"),
    "no ids": ("run", "--ids", "", "-n", "1"),
    "ids that are no numbers": ("run", "--ids", "1,x", "-n", "1"),
    "no such file": ("run", "-f", "/nothing/here", "-n", "1"),
    "a prompt longer than the context": ("run", "--ids", "1," * 600 + "1",
                                         "-n", "1"),
    "a flag without its value": ("run", "-p"),
}


def segments(path):
    """Offset and size in the file of what is loaded."""
    content = path.read_bytes()
    headers, = struct.unpack_from("<Q", content, 32)
    number, = struct.unpack_from("<H", content, 56)
    found = []
    for i in range(number):
        kind, _, offset, _, _, size = struct.unpack_from(
            "<IIQQQQ", content, headers + 56 * i)
        if kind == 1:
            found.append((offset, size))
    return found


class ExecutableTest(unittest.TestCase):
    model = EXAMPLES / "tinystories-3m"

    @classmethod
    def setUpClass(cls):
        cls.exe = compiled(cls.model)

    def test_static_elf(self):
        elf = self.exe.path.read_bytes()
        self.assertEqual(elf[:6], b"\x7fELF\x02\x01")
        offset, = struct.unpack_from("<Q", elf, 32)
        size, count = struct.unpack_from("<HH", elf, 54)
        types = [struct.unpack_from("<I", elf, offset + i * size)[0]
                 for i in range(count)]
        self.assertIn(1, types)  # PT_LOAD
        self.assertNotIn(PT_INTERP, types)
        self.assertNotIn(PT_DYNAMIC, types)

    def test_empty_root(self):
        ids = ("run", "--ids", "1", "-n", "8", "--temp", "0", "--output-ids")
        self.assertEqual(self.exe.enclosed().run(*ids), self.exe.run(*ids))

    def test_size(self):
        info = json.loads(self.exe.run("info", "--json"))
        size = self.exe.path.stat().st_size
        rest = size - info["weights_bytes"] - info["tokenizer_bytes"]
        print(f"{size} bytes, {rest} of them no weights or vocabulary")
        self.assertGreater(rest, 0)
        self.assertLess(rest, 1 << 20)

    def test_same_bytes_again(self):
        again = fresh_path("another-name")
        succeed(setun("compile", self.model, "-o", again))
        self.assertEqual(again.read_bytes(), self.exe.path.read_bytes())

    def test_same_bytes_elsewhere(self):
        """However the directory is named: the program bears its last name."""
        elsewhere = fresh_path(self.model.name)
        shutil.copytree(self.model, elsewhere)
        for directory, folder in ((elsewhere.name, elsewhere.parent),
                                  (".", elsewhere), (f"{elsewhere}//", None)):
            with self.subTest(directory):
                again = fresh_path("model")
                succeed(setun("compile", directory, "-o", again, cwd=folder))
                self.assertEqual(again.read_bytes(),
                                 self.exe.path.read_bytes())

    def test_help(self):
        for command in COMMANDS:
            with self.subTest(command):
                self.assertIn(command, self.exe.run(command, "--help"))
        listing = self.exe.run("--help")
        for command in COMMANDS:
            self.assertIn(command, listing)
        self.assertIn("compile", succeed(setun("--help")))
        self.assertIn("--stop-after", succeed(setun("compile", "--help")))

    def test_mistakes(self):
        for name, arguments in MISTAKES.items():
            with self.subTest(name):
                result = call(self.exe.path, *arguments)
                self.assertIn(result.returncode, range(1, 128))
                self.assertEqual(result.stdout, "")
                self.assertNotEqual(result.stderr, "")

    def test_verify(self):
        self.assertRegex(self.exe.run("verify"), r", \d+ known answers")
        self.exe.run("verify", "--all")

    def refuted(self, place, *options):
        """What verify says when the byte there is another one."""
        content = bytearray(self.exe.path.read_bytes())
        content[place] ^= 4
        damaged = fresh_path("damaged")
        damaged.write_bytes(content)
        damaged.chmod(0o755)
        result = call(damaged, "verify", *options)
        self.assertEqual(result.returncode, 1, result.stdout)
        return result.stdout

    def test_verify_finds_damaged_weights(self):
        """A byte of any tensor, of the padding, of the tokenizer."""
        size = self.exe.path.stat().st_size
        start, length = segments(self.exe.path)[-1]
        self.assertGreater(length, size / 2)
        for part in 0, 0.1, 0.3, 0.6, 0.9, 0.98:
            said = self.refuted(start + int(length * part), "--all")
            self.assertRegex(said, "FAILED  weights and tokenizer: the chec")

    def test_verify_finds_damaged_code(self):
        """Without --all, too: of any level's kernels, and of constants."""
        content = self.exe.path.read_bytes()
        place = content.index(b"setun 0.")
        self.assertRegex(self.refuted(place), "FAILED  code and tables")

    def test_text(self):
        story = self.exe.run("run", "-p", TEXT, "-n", 24, "--temp", 0)
        self.assertGreater(len(story.split()), 4)
        file = fresh_path("prompt")
        file.write_text(TEXT)
        self.assertEqual(self.exe.run("run", "-f", file, "-n", 24, "--temp",
                                      0), story)

    def test_bench(self):
        rows = json.loads(self.exe.run("bench", "-p", 16, "-n", 4, "-r", 2,
                                       "-t", "1,2", "-o", "json"))
        for row in rows:
            self.assertEqual([k for k in BENCH_KEYS if k not in row], [])
            self.assertEqual(len(row["samples_ns"]), 2)
            self.assertGreater(row["avg_ts"], 0)
        tests = sorted((r["n_threads"], r["n_prompt"], r["n_gen"])
                       for r in rows)
        self.assertEqual(tests, [(1, 0, 4), (1, 16, 0), (2, 0, 4), (2, 16, 0)])
        for style in "md", "csv":
            self.exe.run("bench", "-p", 4, "-n", 2, "-r", 1, "-o", style)

    def test_profile(self):
        """Each op of each layer by each worker, one after the other."""
        file = fresh_path("profile")
        ids = ("run", "--ids", "1", "-n", 4, "--temp", 0, "--output-ids",
               "--ignore-eos", "-t", 2)
        self.assertEqual(self.exe.run(*ids, "--profile", file),
                         self.exe.run(*ids))
        events = json.loads(file.read_text())["traceEvents"]
        layers = json.loads((self.model / "config.json").read_text())[
            "num_hidden_layers"]
        for worker in range(2):
            own = [e for e in events if e["tid"] == worker]
            ops = [e for e in own if e["cat"] == "op"]
            names = [e["name"] for e in ops]
            for layer in range(layers):
                prefix = f"model.layers.{layer}."
                for op in ("self_attn.q_proj+k_proj+v_proj",
                           "self_attn.o_proj", "mlp.gate_proj+up_proj",
                           "mlp.down_proj"):
                    self.assertGreaterEqual(names.count(prefix + op), 4, op)
                self.assertGreaterEqual(names.count(f"attention.{layer}"), 4)
            self.assertEqual(names.count("head"), 4)
            self.assertGreater(names.count("barrier"), 4 * layers)
            self.assertEqual([e["args"]["position"] for e in own
                              if e["cat"] == "step"], [0, 1, 2, 3])
            for one, next_one in zip(ops, ops[1:]):
                self.assertLessEqual(one["ts"] + one["dur"],
                                     next_one["ts"] + 0.001)

    def test_seeds(self):
        def sample(seed, *options):
            return self.exe.run("run", "--ids", "1", "-n", 32, "--temp", 1.5,
                                "-s", seed, "--ignore-eos", "--output-ids",
                                *options)
        first = sample(7, "-t", 1)
        self.assertEqual(sample(7, "-t", 1), first)
        self.assertEqual(sample(7, "-t", 2, "-b", 1), first)
        self.assertNotEqual(sample(8), first)

    def test_without_tokenizer(self):
        exe = compiled(checkpoint(layers=1))
        self.assertEqual(len(exe.generate([1], 3)[0]), 3)
        result = call(exe.path, "run", "-p", TEXT, "-n", 1)
        self.assertIn(result.returncode, range(1, 128))
        self.assertIn("--ids", result.stderr)


if __name__ == "__main__":
    main()
