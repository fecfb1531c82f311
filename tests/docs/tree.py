# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The files of the repository, as the tests of its documents see them."""
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = "compiler dialects passes codegen runtime frontends".split()


def files(*folders):
    """Paths below the folders, or below the root; no build, nothing hidden."""
    for folder in folders or [""]:
        for place, inner, names in os.walk(ROOT / folder):
            inner[:] = [name for name in inner
                        if name not in ("build", "__pycache__")
                        and not name.startswith(".")]
            yield from (Path(place, name) for name in names)


def readmes():
    """README.md of every room and the pages beside, with their text."""
    return {path: path.read_text() for path in files()
            if path.name in ("README.md", "HOW-DO-I-SEE.md")}
