#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`setun inspect` tells what is in checkpoints, modules and executables, and
survives files that are none."""
import json
import random
import re
import struct
import subprocess
import unittest
from pathlib import Path

import numpy as np

from support import (EXAMPLES, ODD, call, checkpoint, fresh_path, main, setun,
                     succeed)

TINY = EXAMPLES / "tinystories-3m"
LEVELS = dict(target="x86-64", cpu="x86-64,x86-64-v3")


def flags(**options):
    return [f"--{name}={value}" for name, value in options.items()]


def inspect(path, *options):
    return json.loads(succeed(setun("inspect", path, "--json", *options)))


def compiled(model, *options):
    path = fresh_path("model")
    succeed(setun("compile", model, "-o", path, *options))
    return path


def near_ties(directory):
    """-> {name: how many masters are 0.5 or an ulp beside it when scaled}"""
    content = (directory / "model.safetensors").read_bytes()
    size = 8 + int.from_bytes(content[:8], "little")
    found = {}
    for name, entry in json.loads(content[8:size]).items():
        if "_proj.weight" not in name:
            continue
        begin, end = (size + o for o in entry["data_offsets"])
        words = np.frombuffer(content[begin:end], np.uint16)
        values = (words.astype(np.uint32) << 16).view(np.float32)
        alpha = np.float32(np.mean(np.abs(values.astype(np.float64))))
        scaled = np.abs(values * (np.float32(1) / alpha))
        half = np.float32(0.5)
        found[name] = int(np.sum(
            (scaled >= np.nextafter(half, np.float32(0))) &
            (scaled <= np.nextafter(half, np.float32(1)))))
    return found


def stored_trits(directory):
    """-> {name: trits} of packed tensors, {name: scale}."""
    content = (directory / "model.safetensors").read_bytes()
    size = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:size])
    trits, scales = {}, {}
    for name, tensor in header.items():
        if name == "__metadata__":
            continue
        first, last = (size + at for at in tensor["data_offsets"])
        if tensor["dtype"] == "U8":
            codes = np.frombuffer(content[first:last], np.uint8)
            trits[name] = np.stack([codes >> 2 * i & 3 for i in range(4)])
        elif name.endswith("weight_scale"):
            bits = np.frombuffer(content[first:last], "<u2")
            scales[name] = float((bits.astype("<u4") << 16).view("<f4")[0])
    return {name: codes.astype(int) - 1 for name, codes in trits.items()}, scales


class Executables(unittest.TestCase):
    def test_as_the_executable_says(self):
        """Every key that `info --json` has too, at every level."""
        path = compiled(TINY, *flags(**LEVELS))
        own = json.loads(succeed(call(path, "info", "--json")))
        found = inspect(path)
        self.assertEqual(found["kind"], "executable")
        self.assertEqual(found["file_bytes"], path.stat().st_size)
        self.assertEqual(found["tokenizer"]["bytes"], own["tokenizer_bytes"])
        shared = (found.keys() & own.keys()) - {"levels"}
        self.assertGreaterEqual(len(shared), 19)
        for key in shared:
            self.assertEqual(found[key], own[key], key)
        self.assertEqual(len(found["levels"]), 2)
        for one, other in zip(found["levels"], own["levels"]):
            for key in "name", "features", "classes", "kernels":
                self.assertEqual(one[key], other[key], key)

    def test_other_machines(self):
        """Their files are read here, and nothing is run."""
        model = checkpoint(**ODD)
        for target, triple in (("aarch64", "aarch64-unknown-linux-musl"),
                               ("riscv64", "riscv64-unknown-linux-musl")):
            path = compiled(model, "--no-tokenizer", f"--target={target}",
                            "--kv=bf16", "--context=50")
            path.chmod(0o600)
            found = inspect(path)
            self.assertEqual(found["triple"], triple)
            self.assertEqual(found["hidden_size"], ODD["hidden"])
            self.assertEqual(found["vocab_size"], ODD["vocab"])
            self.assertEqual(found["context_length"], 50)
            self.assertEqual(found["kv_element"], "bf16")
            self.assertIsNone(found["tokenizer"])
            self.assertIn("i2", [s["name"] for s in found["sections"]])
            text = succeed(setun("inspect", path))
            self.assertRegex(text, r"(?m)^tokenizer +none$")
            self.assertRegex(text, rf"(?m)^target +{triple}$")
            self.assertRegex(text, r"(?m)^i2 +\d+ +[\d.]+ .iB +\d\.\d\d$")


class Checkpoints(unittest.TestCase):
    def test_near_ties(self):
        """Masters within an ulp of half of what 1 becomes, as numpy counts."""
        model = checkpoint(**ODD, format="master", dtype="bf16",
                           linear_class="autobitlinear")
        found = inspect(model, *flags(target="aarch64"))
        tensors = [t for t in found["tensors"] if t["type"] == "trit"]
        expected = near_ties(model)
        self.assertEqual({t["name"]: t["near_ties"] for t in tensors}, expected)
        self.assertEqual({t["origin"] for t in tensors}, {"masters"})
        said = setun("compile", model, "-v", "--no-tokenizer", "-o",
                     fresh_path("exe")).stderr
        self.assertIn(f"near-ties: {sum(expected.values())} masters", said)
        self.assertRegex(said, r"\n  \d\d\.\d % of the trits are zero\n")
        self.assertRegex(said, r"fuse .* matmuls in \d+ fused linears\n")
        self.assertRegex(said, r"simplify .* \d+ quantizers instead of \d+\n")
        self.assertRegex(said, r"\n  dense .* MiB, \d+\.\d\d bits a weight\n")

    def test_values(self):
        """Zeros and scales are those that numpy finds in the file."""
        model = checkpoint(**ODD)
        found = inspect(model, *flags(target="aarch64"))
        tensors = {t["name"]: t for t in found["tensors"]}
        trits, scales = stored_trits(model)
        self.assertEqual(len(trits), 7 * ODD["layers"])
        for name, values in trits.items():
            tensor = tensors[name]
            self.assertEqual(tensor["type"], "trit")
            self.assertAlmostEqual(tensor["zeros"], np.mean(values == 0), 12)
            self.assertEqual(np.prod(tensor["shape"]), values.size)
            self.assertEqual(tensor["stored_bytes"], values.size // 4)
        for name, scale in scales.items():
            found_scale = tensors[name.removesuffix("_scale")]["scale"]
            self.assertIn(np.float32(found_scale),
                          (np.float32(scale), np.float32(1 / scale)), name)
        embedding = tensors["model.embed_tokens.weight"]
        self.assertEqual(embedding["shape"], [ODD["vocab"], ODD["hidden"]])
        self.assertNotIn("zeros", embedding)
        self.assertEqual(found["parameters"],
                         sum(int(np.prod(t["shape"]))
                             for t in tensors.values()))

    def test_as_the_executable(self):
        """A checkpoint is what compiling makes of it; so is every stage."""
        stages = fresh_path("stages")
        path = compiled(TINY, *flags(**LEVELS), f"--dump-dir={stages}")
        exe, model = inspect(path), inspect(TINY, *flags(**LEVELS))
        self.assertEqual(model["kind"], "checkpoint")
        for key in ("name", "triple", "parameters", "weights_bytes",
                    "token_bytes", "kv_bytes_per_position", "tokenizer"):
            self.assertEqual(model[key], exe[key], key)
        self.assertEqual(model["sections"],
                         [s for s in exe["sections"]
                          if s["name"] != "tokenizer"])
        for one, other in zip(model["levels"], exe["levels"], strict=True):
            self.assertEqual(one["classes"], other["classes"])
            self.assertEqual(one["kernels"], other["kernels"])
        dumps = sorted(stages.glob("*.mlir"))
        self.assertEqual(len(dumps), 6)
        for dump in dumps:
            module = inspect(dump)
            self.assertEqual(module["kind"], "module")
            for key in module.keys() - {"kind", "path"}:
                self.assertEqual(module[key], model[key], f"{dump} {key}")

    def test_edited(self):
        """What a user took out of a module is made again, or asked for."""
        stages = fresh_path("stages")
        compiled(checkpoint(**ODD), "--no-tokenizer", "--target=x86-64",
                 "--cpu=x86-64-v3", f"--dump-dir={stages}")
        packing = r"(, )?lut\.packing = #lut\.\w+(<\w+>)?"
        encoded = stages / "03-encode.mlir"
        expected = inspect(encoded)["sections"]
        text, count = re.subn(packing, "", encoded.read_text(), count=1)
        self.assertEqual(count, 1)
        encoded.write_text(text)
        self.assertEqual(inspect(encoded)["sections"], expected)
        lowered = stages / "05-lower.mlir"
        whole = lowered.read_text()
        for pattern, words in ((packing, "expected 'lut.packing'"),
                               (r"lut\.bytes = \d+ : i64, ", "'lut.bytes'"),
                               (r"lut\.target = #machine, ", "has no target")):
            text, count = re.subn(pattern, "", whole, count=1)
            self.assertEqual(count, 1, pattern)
            lowered.write_text(text)
            result = setun("inspect", lowered)
            self.assertEqual(result.returncode, 1, pattern)
            self.assertIn(words, result.stderr)

    def test_text(self):
        text = succeed(setun("inspect", TINY, "--target=aarch64"))
        self.assertRegex(text, r"model\.layers\.\*\.mlp\.up_proj\.weight +8 "
                               r"+trit +256x256 .* i2 +2\.00 +[\d.]+-[\d.]+ %")
        text = succeed(setun("inspect", TINY, "--target=aarch64", "--tensors"))
        self.assertRegex(text, r"model\.layers\.7\.mlp\.up_proj\.weight +1 ")

    def test_without_tokenizer(self):
        text = succeed(setun("inspect", checkpoint(**ODD)))
        self.assertRegex(text, r"(?m)^tokenizer +none: .*tokenizer")

    def test_refused(self):
        model = checkpoint(**ODD)
        result = setun("inspect", model, "--target=vax")
        self.assertEqual(result.returncode, 1)
        self.assertIn("unknown target 'vax'", result.stderr)


class Predictions(unittest.TestCase):
    def predict(self, *options):
        found = inspect(TINY, *options)
        return found, found["levels"][-1].get("predicted")

    def test_memory_and_cores(self):
        level = flags(target="x86-64", cpu="x86-64-v3")
        self.assertIsNone(self.predict(*level)[1])
        found, slow = self.predict(*level, "--bandwidth=0.5")
        self.assertEqual(slow["decode_bound"], "reading")
        self.assertAlmostEqual(slow["decode_tokens_per_second"],
                               0.5e9 / found["token_bytes"], 3)
        _, fast = self.predict(*level, "--bandwidth=1e6")
        self.assertEqual(fast["decode_bound"], "multiplying")
        _, two = self.predict(*level, "--bandwidth=1e6", "--cores=2")
        _, quick = self.predict(*level, "--bandwidth=1e6", "--clock=6")
        for key in "decode_tokens_per_second", "prefill_tokens_per_second":
            self.assertAlmostEqual(two[key] / fast[key], 2)
            self.assertEqual(two[key], quick[key])

    def test_mixed_units(self):
        """Zen 4 multiplies 64 a cycle while it looks up 85."""
        _, at = self.predict(*flags(target="x86-64", cpu="znver4"),
                             "--bandwidth=1e6")
        self.assertEqual(at["decode_bound"], "multiplying")
        self.assertAlmostEqual(at["prefill_tokens_per_second"] /
                               at["decode_tokens_per_second"], (85 + 64) / 64)

    def test_wrong_numbers(self):
        for flag in ("--bandwidth=-1", "--cores=0", "--clock=0", "--clock=nan",
                     "--bandwidth=inf", "--bandwidth=1e300", "--clock=1e7",
                     "--clock=1e-300", "--cores=4000000000"):
            result = setun("inspect", TINY, flag)
            self.assertEqual(result.returncode, 1, flag)
            self.assertIn("expected 0.001 to 1000000", result.stderr)


class Damage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.content = compiled(TINY, "--target=aarch64").read_bytes()
        cls.model = cls.section(".setun_model")[1]

    @classmethod
    def section(cls, name):
        """-> address, offset in the file"""
        found = subprocess.run(["llvm-readelf-22", "-SW", "-"],
                               input=cls.content, capture_output=True)
        line = next(line.split() for line in found.stdout.decode().splitlines()
                    if name in line)
        at = line.index("PROGBITS")
        return int(line[at + 1], 16), int(line[at + 2], 16)

    def inspect(self, content):
        path = fresh_path("damaged")
        path.write_bytes(content)
        result = setun("inspect", path)
        path.unlink()
        self.assertIn(result.returncode, (0, 1), result.stderr)
        self.assertEqual(result.returncode == 0, not result.stderr)
        return result.stderr

    def test_cut_off(self):
        size = len(self.content)
        for length in (0, 3, 15, 63, 64, 1000, size // 3, size - 1):
            error = self.inspect(self.content[:length])
            self.assertRegex(error, "^error: .*damaged: .*(damaged or "
                                    "incomplete|expected a checkpoint)")

    def test_other_files(self):
        for content, words in (
                (b"#!/bin/sh\n", "expected a checkpoint's folder"),
                (b"\177ELF\1\1" + bytes(100), "expected a checkpoint's folder"),
                (Path("/bin/true").read_bytes(), "setun did not make it")):
            self.assertIn(words, self.inspect(content))
        result = setun("inspect", "/no/such/file")
        self.assertIn("no such file or folder", result.stderr)
        path = compiled(TINY)
        result = setun("inspect", path, "--cpu=x86-64")
        self.assertIn("says what it is for", result.stderr)

    def test_other_version(self):
        path = fresh_path("grown")
        content = bytearray(self.content)
        content[self.model] ^= 1
        path.write_bytes(content)
        self.assertIn("another version of setun", setun("inspect", path).stderr)

    def test_much_from_little(self):
        """1000 levels share 1000 kernels, which share a name of 4 KiB."""
        address, offset = self.section(".setun_weights")
        name = b"a" * 4095 + b"\0"
        kernels = 1000 * struct.pack("<Q96x", address)
        level = struct.pack("<3Q16x4I", address, 0, address + len(name), 0,
                            1000, 0, 0)
        lists = name + kernels + 1000 * level
        content = bytearray(self.content)
        content[offset:offset + len(lists)] = lists
        struct.pack_into("<I", content, self.model + 48, 1000)
        struct.pack_into("<Q", content, self.model + 64,
                         address + len(name) + len(kernels))
        self.assertIn(f"more than {len(content) + (1 << 20)} bytes",
                      self.inspect(content))

    def test_large_numbers(self):
        path, content = fresh_path("large"), bytearray(self.content)
        struct.pack_into("<Q", content, self.model + 152, 2 ** 64 - 1)
        path.write_bytes(content)
        self.assertEqual(inspect(path)["parameters"], 2 ** 64 - 1)

    def test_any_byte(self):
        """Headers and what the model points at, with random bytes in them."""
        table = int.from_bytes(self.content[40:48], "little")
        chance = random.Random(1)
        places = [*range(4, 64), *range(64, 64 + 7 * 56, 5),
                  *range(table, len(self.content[:table + 64 * 14]), 9),
                  *range(self.model, self.model + 176)]
        for place in chance.sample(places, 60):
            content = bytearray(self.content)
            content[place] = chance.choice((0, 1, 127, 255))
            content[place + 1] ^= chance.choice((0, 255))
            self.inspect(content)


if __name__ == "__main__":
    main()
