#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""setun tune: measures, writes, goes on; and whatever a runner does."""
import json
import re
import unittest
from pathlib import Path

from support import (ODD, call, checkpoint, find_emulator, fresh_path, main,
                     setun, succeed)

# Odd sizes, one layer: four linears.
SHAPE = ODD | dict(layers=1)
KEY = re.compile(r"linear (\{.*?\}) packing: (\S+) batch_class: (\S+) "
                 r"tile (\{.*?\})")


def script(text, name="runner"):
    """An executable shell script."""
    path = fresh_path(name)
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return path


def tune(*options, budget="1s", target="--cpu=x86-64", threads=1):
    """A first round and no more, if the budget is short."""
    return setun("tune", checkpoint(**SHAPE), f"--budget={budget}", "-t",
                 threads, target, *options)


def keys(file, reference=False):
    """What was measured, in order."""
    return [match.groups() for line in file.read_text().splitlines()
            if (match := KEY.search(line))
            and ("reference: true" in line) == reference]


class TuneTest(unittest.TestCase):
    def test_story(self):
        """Interrupted in the second round; what the first one measured is told,
        is in the file, and is not measured again."""
        file, kept, count = map(fresh_path, ("odd.tuning", "kept", "count"))
        runner = script(f'cp "$1" {kept}\necho x >> {count}\n'
                        f'test $(wc -l < {count}) = 1 || kill -INT $PPID\n'
                        'exec "$@"\n')
        result = tune("-o", file, "--runner", runner, budget="10m")
        self.assertEqual(result.returncode, 130, result.stderr)
        self.assertEqual(count.read_text(), "x\nx\n")
        self.check_table(result.stdout)
        self.check_executable(kept)
        first = keys(file)
        self.assertEqual(len(keys(file, reference=True)), 12)
        self.assertGreaterEqual(len(first), 12)
        self.assertEqual(len(first), len(set(first)))

        again = tune("-o", file)
        self.check_table(succeed(again))
        self.assertIn("round 1", again.stderr)
        second = keys(file)
        self.assertEqual(second[:len(first)], first)
        self.assertEqual(len(second), len(set(second)))
        self.assertGreater(len(second), len(first) + 6)

    def check_table(self, table):
        # qkv, o, gate and up, down
        for linear in ("264 > 264,132,132", "264 > 264 +",
                       "264 > 700,700 relu2", "700 > 264 +"):
            self.assertEqual(table.count(linear), 3, table)
        self.assertRegex(table, "faster, geometric mean|nothing faster found")

    def check_executable(self, exe):
        """Small, without weights, and with one command."""
        self.assertLess(exe.stat().st_size, 3 << 20)
        for command in ("run", "--ids", "1"), ("bench",), ("-p", "x"), ():
            result = call(exe, *command)
            self.assertEqual(result.returncode, 2)
            self.assertIn("setun tune", result.stderr)
        self.assertIn("measure", succeed(call(exe, "--help")))
        result = call(exe, "measure", "--steps", "nothing")
        self.assertEqual(result.returncode, 1)
        self.assertIn("decode, small, prefill", result.stderr)
        lines = succeed(call(exe, "measure", "-r", 3, "--seconds", 0, "-t", 2,
                             "--steps", "decode")).splitlines()
        lines = [json.loads(line) for line in lines]
        self.assertEqual(lines[0]["threads"], 2)
        self.assertGreaterEqual(lines[0]["weights_bytes"], 1 << 20)
        ops = [line for line in lines[1:] if line["op"].startswith("trial")]
        self.assertEqual({line["step"] for line in ops}, {"decode"})
        self.assertEqual({len(line["ns"]) for line in ops}, {3})

    def test_emulator(self):
        file = fresh_path("arm.tuning")
        qemu = find_emulator("aarch64")
        succeed(tune("-o", file, "--target=aarch64",
                     "--runner", f"{qemu} -cpu cortex-a53",
                     target="--cpu=armv8-a"))
        self.assertIn("aarch64", file.read_text())
        self.assertEqual(len(keys(file, reference=True)), 12)
        # A machine that has less: nothing was measured, nothing is written.
        self.expect("exit code 3", "--target=aarch64", "--runner",
                    f"{qemu} -cpu cortex-a53", target="--cpu=armv8.2-a+dotprod")

    def expect(self, text, *options, **how):
        file = fresh_path("t")
        result = tune("-o", file, *options, **how)
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn(text, result.stderr)
        self.assertFalse(file.exists())

    def test_garbage(self):
        self.expect("the runner printed 'Welcome!'", "--runner",
                    script('echo Welcome!; "$@"\n'))

    def test_nowhere_to_write(self):
        """A table would say that it is in the file."""
        folder = fresh_path("folder")
        folder.mkdir()
        result = tune("-o", folder / "t", "--runner",
                      script(f'rmdir {folder}\nexec "$@"\n'))
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stdout, "")
        self.assertIn("No such file", result.stderr)
        for path, text in ("-", "name a file"), (folder / "t", "cannot write"):
            result = tune("-o", path)
            self.assertEqual(result.returncode, 1)
            self.assertIn(text, result.stderr)

    def test_killed(self):
        """The first Ctrl-C ends the round, the second the process."""
        kept = fresh_path("kept")
        result = tune("-o", fresh_path("t"), "--runner", script(
            f'echo "$1" > {kept}\nkill -INT $PPID\nkill -INT $PPID\n'
            'sleep 1\n'))
        self.assertNotEqual(result.returncode, 0)
        self.assertEqual(result.stdout, "")
        self.assertFalse(Path(kept.read_text().strip()).exists())

    def test_mistakes(self):
        self.expect("--budget=soon: expected a time", budget="soon")
        self.expect("--budget=-1s: expected a time", budget="-1s")
        self.expect("no-such-program", "--runner=no-such-program x")
        self.expect("name it with --cpu", target="--cpu=x86-64,x86-64-v3")
        file = fresh_path("t")
        file.write_text("sessions {")
        result = tune("-o", file)
        self.assertEqual(result.returncode, 1)
        self.assertEqual(file.read_text(), "sessions {")


if __name__ == "__main__":
    main()
