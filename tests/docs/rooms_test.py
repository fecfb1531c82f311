#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The house keeps its order: arrows, sizes, licence lines, a README a room."""
import re
import unittest

from tree import ROOMS, ROOT, files, readmes

# Which rooms a room sees; runtime/abi is the header room of two worlds.
SEES = {
    "dialects": set(),
    "runtime": set(),
    "frontends": {"dialects", "runtime/abi"},
    "passes": {"dialects"},
    "codegen": {"dialects", "runtime/abi"},
    "compiler": set(ROOMS),
}
CODE = {".cpp", ".h", ".td", ".def", ".py", ".proto"}
LICENCE = "SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception"
MOST_LINES = 800
LINES_OF_A_PAGE = 70


class Rooms(unittest.TestCase):
    def test_arrows(self):
        include = re.compile(r'^\s*#?\s*include\s+"((%s)/[^"]+)"'
                             % "|".join(ROOMS), re.M)
        seen = 0
        for room, allowed in SEES.items():
            for path in files(room):
                if path.suffix not in CODE:
                    continue
                for target, other in include.findall(path.read_text()):
                    seen += 1
                    self.assertTrue(
                        other == room or
                        any(target.startswith(a + "/") for a in allowed),
                        f"{path.relative_to(ROOT)} includes {target}")
        self.assertGreater(seen, 100)

    def test_licence_lines(self):
        missing = [str(path.relative_to(ROOT))
                   for path in files(*ROOMS, "tests")
                   if path.suffix in CODE and "Inputs" not in path.parts
                   and LICENCE not in path.read_text()[:800]]
        self.assertEqual(missing, [])

    def test_sizes(self):
        for path in files(*ROOMS):
            if path.suffix in CODE:
                self.assertLessEqual(path.read_text().count("\n"), MOST_LINES,
                                     path)

    def test_readmes(self):
        """Every room has one, of a page."""
        for room in ROOMS + ["tests", "examples"]:
            self.assertTrue((ROOT / room / "README.md").is_file(), room)
        for path, text in readmes().items():
            if path.parent != ROOT:
                self.assertLessEqual(text.count("\n"), LINES_OF_A_PAGE, path)

    def test_tests_of_passes(self):
        """The test that a pass's description names exists."""
        for path in files("passes"):
            if path.suffix == ".td":
                for name in re.findall(r"`(tests/[^`]+)`", path.read_text()):
                    self.assertTrue((ROOT / name).is_file(),
                                    f"{path.relative_to(ROOT)}: {name}")


if __name__ == "__main__":
    unittest.main()
