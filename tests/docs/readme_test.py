#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the READMEs say is true: paths, flags, passes, tables, commands.

The compiler comes from $SETUN; setun-opt lies beside it.
"""
import functools
import os
import re
import shlex
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from tree import ROOT, files, readmes

TOP = ROOT / "README.md"
# Words in backticks that are meant as paths of the repository.
PATH = re.compile(r"\.?[\w.*-]+(/[\w.*-]*)+|"
                  r"[\w*-]+\.(cpp|h|td|def|cmake|py|sh|txt|mlir|md|proto|\*)")
# What stages leave is checked by dumping; these lie in no clone.
ELSEWHERE = re.compile(r"build/|stages/|\./|lib/|0\d-")
PASS = re.compile(r"(?:simplify|fuse|encode|tile|lower|codegen)-[a-z-]+")


def call(*command, **options):
    return subprocess.run([str(c) for c in command], capture_output=True,
                          text=True, timeout=300, **options)


def setun(*arguments):
    return call(os.environ["SETUN"], *arguments)


@functools.cache
def optimizer_help():
    tool = Path(os.environ["SETUN"]).resolve().with_name("setun-opt")
    return call(tool, "--help").stdout


def quoted(text):
    """The words in single backticks, code blocks aside."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    return re.findall(r"`([^`\n]+)`", text)


def table(text, name):
    """The rows of a marked table, as lists of cells."""
    body = text.split(f"<!-- {name}")[1].split(f"<!-- end of {name}")[0]
    rows = [line.strip("|").split("|") for line in body.splitlines()
            if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


class Paths(unittest.TestCase):
    def test_quoted(self):
        names = {path.name for path in files()}
        for readme, text in readmes().items():
            for word in quoted(text):
                if not PATH.fullmatch(word) or ELSEWHERE.match(word):
                    continue
                found = [*readme.parent.glob(word), *ROOT.glob(word)]
                self.assertTrue(found or word in names, f"{readme}: {word}")

    def test_links(self):
        for readme, text in readmes().items():
            for target in re.findall(r"\]\(([^)#:]+)\)", text):
                self.assertTrue((readme.parent / target).exists(),
                                f"{readme}: {target}")


class Words(unittest.TestCase):
    def test_flags(self):
        """Each flag is one of setun, setun-opt, an executable or a script."""
        known = setun("compile", "--help-hidden").stdout
        for command in "inspect", "tune":
            known += setun(command, "--help").stdout
        known += optimizer_help()
        known += "".join(path.read_text() for path in files("scripts", "tests")
                         if path.suffix in (".sh", ".py")
                         and path.parent.name != "docs")
        # The options of executables come from tables in these files.
        for path in files("runtime/commands"):
            names = re.findall(r"""\{(?:0|'.'), "([a-z-]+)",""",
                               path.read_text())
            known += "".join(f" --{name} " for name in names)
        flag = re.compile(r"(?<![\w-])--[a-z][\w-]*")
        known = set(flag.findall(known))
        for readme, text in readmes().items():
            unknown = set(flag.findall(text)) - known
            self.assertEqual(unknown, set(), readme)

    def test_all_flags(self):
        for command in "compile", "inspect", "tune":
            own = setun(command, "--help").stdout.split("setun options:")[1]
            for flag in re.findall(r"^  (--?[a-z-]+)", own, re.M):
                self.assertIn(f"`{flag}", TOP.read_text())

    def test_passes(self):
        known = set(re.findall(r"^ +--(%s) " % PASS.pattern, optimizer_help(),
                               re.M))
        self.assertIn("fuse-norm", known)
        for readme, text in readmes().items():
            named = {word.lstrip("-") for word in quoted(text)}
            named = set(filter(PASS.fullmatch, named))
            self.assertEqual(named - known, set(), readme)
        listed = quoted((ROOT / "passes/README.md").read_text())
        for name in known - {"lower-affine"}:  # which is MLIR's
            if not name.startswith("codegen"):
                self.assertIn(name, listed)


class Tables(unittest.TestCase):
    def test_levels(self):
        """What encode and tile choose for each CPU level, in a layer of the
        shape of BitNet-b1.58-2B-4T: strategies depend on sizes."""
        rows = table(TOP.read_text(), "levels")
        self.assertGreater(len(rows), 4)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        maker = ROOT / "tests/tools/make_checkpoint.py"
        made = call(sys.executable, maker, folder.name, "--preset", "2b4t",
                    "--layers", 1, "--vocab", 256)
        self.assertEqual(made.returncode, 0, made.stderr)
        for options, *cells in rows:
            result = setun("compile", folder.name, "--stop-after=tile",
                           "--no-tokenizer", *options.strip("`").split())
            self.assertEqual(result.returncode, 0, result.stderr)
            tiles = re.findall(r"rows = (\d+), strategy = (\w+)",
                               result.stdout)
            expected = [{re.search("`(.*?)`", cell)[1]} for cell in cells]
            self.assertEqual(expected, [
                set(re.findall(r"dot = (\w+)", result.stdout)),
                set(re.findall(r"lut\.packing = #lut\.(?!rows)(\w+)",
                               result.stdout)),
                *({strategy for rows, strategy in tiles
                   if least <= int(rows) <= most}
                  for least, most in ((1, 1), (2, 255), (256, 256))),
            ], options)

    def test_packings(self):
        text = TOP.read_text()
        for path in files("dialects/lut/packings"):
            self.assertIn(f"`{path.stem.lower()}`", text)

    def test_targets(self):
        for line in setun("targets").stdout.splitlines():
            self.assertIn(line.split()[0], TOP.read_text())

    def test_commands_of_executables(self):
        text = TOP.read_text()
        source = (ROOT / "runtime/commands/Command.cpp").read_text()
        commands = source.split("kCommands[]")[1].split("};")[0]
        names = re.findall(r'^    \{"(\w+)", "', commands, re.M)
        self.assertIn("run", names)
        for name in names:
            self.assertIn(f"| `{name}`", text)

    def test_float_stages(self):
        text = (ROOT / "codegen/halide/README.md").read_text()
        stages = (ROOT / "codegen/halide/Stages.def").read_text()
        for kind in re.findall(r"^FLOAT_STAGE\((\w+)", stages, re.M):
            self.assertIn(f"`{kind}`", text)


class Commands(unittest.TestCase):
    def test_two_commands(self):
        """Two lines set everything up, and nothing else stands in between."""
        block = re.findall(r"(?:^    \S.*\n)+", TOP.read_text(), re.M)[0]
        commands = block.split()
        self.assertEqual(commands, ["scripts/demo.sh", "scripts/test.sh"])
        for command in commands:
            self.assertTrue(os.access(ROOT / command, os.X_OK), command)

    def test_shell_blocks(self):
        """Every block marked `sh`, in order, in a folder of its own."""
        tools = Path(os.environ["SETUN"]).resolve().parent
        for readme, text in readmes().items():
            script = "\n".join(re.findall(r"^```sh\n(.*?)^```", text,
                                          re.M | re.S))
            with self.subTest(readme), tempfile.TemporaryDirectory() as folder:
                Path(folder, "build/release").mkdir(parents=True)
                Path(folder, "build/release/bin").symlink_to(tools)
                Path(folder, "examples").symlink_to(ROOT / "examples")
                result = call("bash", "-euo", "pipefail", "-c", script,
                              cwd=folder)
                self.assertEqual(result.returncode, 0, result.stderr)

    def test_how_do_i_see(self):
        """Every command of the table, in order, shows something."""
        tools = Path(os.environ["SETUN"]).resolve().parent
        page = (ROOT / "compiler/HOW-DO-I-SEE.md").read_text()
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "examples").symlink_to(ROOT / "examples")
            for question, command in table(page, "commands"):
                result = call(*shlex.split(command.strip("`")), cwd=folder,
                              env={"PATH": f"{tools}:{os.environ['PATH']}"})
                self.assertEqual(result.returncode, 0, result.stderr)


if __name__ == "__main__":
    unittest.main()
