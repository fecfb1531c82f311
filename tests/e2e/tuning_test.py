#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`--tuning` changes packings and tiles, and no bit of a result; what is stale
or damaged is told, and changes nothing."""
import hashlib
import pathlib
import re
import unittest

from support import EXAMPLES, call, fresh_path, main, setun, succeed

TINY = EXAMPLES / "tinystories-3m"
V3 = ("--target=x86-64", "--cpu=x86-64-v3", "--no-tokenizer")
TWO = ("--target=x86-64", "--cpu=x86-64-v3,x86-64-v4", "--no-tokenizer")
O_PROJ = dict(rows=[256], columns=256, residual=True)


def targets(*options):
    """`#lut.target<…>` of each level, as it is printed."""
    text = succeed(setun("compile", TINY, *options, "--stop-after=import",
                         "-o", "-"))
    return re.findall(r"^#machine\w* = (#lut\.target<.*>)$", text, re.M)


def producer():
    return succeed(setun("--version")).strip()


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def measurement(packing, batch, rows, relative, *, linear=O_PROJ, blocks=1,
                unroll=1, tokens=1, strategy="mad", reference=False):
    residual = "residual: true" if linear["residual"] else ""
    return (f"  measurements {{ linear {{ rows: {linear['rows']} "
            f"columns: {linear['columns']} {residual} }} "
            f'packing: "{packing}" batch_class: "{batch}" '
            f'tile {{ strategy: "{strategy}" rows: {rows} blocks: {blocks} '
            f"unroll: {unroll} tokens: {tokens} }} nanoseconds: 1000 "
            f"relative: {relative} runs: 3 "
            + ("reference: true " if reference else "") + "}\n")


def session(target, *measurements, by=None, threads=2):
    return (f"sessions {{\n  machine {{ target: {quoted(target)} "
            f'cpu: "one" threads: {threads} '
            f"producer: {quoted(by or producer())} }}\n"
            + "".join(measurements) + "}\n")


def written(text):
    path = fresh_path("tuning")
    path.write_text(text)
    return path


# Facts choose i2 or b3 for o_proj; whichever, the other is said to be better.
def packing_session(target, best, other):
    return session(target,
                   measurement(other, "decode", 1, 1, reference=True,
                               blocks=5, unroll=5),
                   measurement(other, "prefill", 256, 1, reference=True,
                               blocks=5, unroll=5),
                   measurement(best, "decode", 1, 0.5, blocks=5,
                               unroll=5 if best == "b3" else 1),
                   measurement(best, "prefill", 256, 0.9, blocks=10,
                               unroll=5 if best == "b3" else 1))


class Tuning(unittest.TestCase):
    def test_producer(self):
        """Its hash is of all that decides what kernels are and how fast."""
        hashes = ""
        for folder in ("dialects", "passes", "codegen/targets", "codegen/llvm",
                       "codegen/halide", "runtime/threads"):
            files = (EXAMPLES.parent / folder).rglob("*.*")
            for path in sorted(map(str, files)):
                if path.endswith((".h", ".cpp", ".td", ".def")):
                    data = pathlib.Path(path).read_bytes()
                    hashes += hashlib.sha256(data).hexdigest()
        short = hashlib.sha256(hashes.encode()).hexdigest()[:8]
        self.assertIn(f"kernels {short})", producer())

    def tile(self, *options, model=TINY, verbose=False):
        """-> what the tile stage leaves, with attributes in place; stderr."""
        path = fresh_path("tile")
        result = setun("compile", model, *options, "--stop-after=tile", "-o",
                       path, *(["-v"] if verbose else []))
        succeed(result)
        return path.read_text(), result.stderr

    def o_proj(self, text):
        """The tiles of o_proj of the first layer of a dump, as text."""
        alias = dict(re.findall(r"^(#tile\w*) = (#lut\.tile<.*>)$", text, re.M))
        found = re.search(r"weights \[@model.layers.0.self_attn.o_proj.weight\]"
                          r".*?lut.tiles = \[(.*?)\]", text)[1]
        return [alias[name] for name in found.split(", ")]

    def test_takes_what_is_faster(self):
        [target] = targets(*V3)
        plain, _ = self.tile(*V3)
        packing = re.search(r"o_proj.weight : .*packing = #lut\.(\w+)", plain)
        file = written(session(
            target,
            measurement(packing[1], "decode", 1, 1, reference=True),
            measurement(packing[1], "decode", 1, 0.7, blocks=16),
            measurement(packing[1], "small", 32, 0.99, blocks=16)))
        tuned, said = self.tile(f"--tuning={file}", *V3, verbose=True)
        self.assertIn("rows = 1, strategy = mad, blocks = 16",
                      self.o_proj(tuned)[0])
        self.assertEqual(self.o_proj(tuned)[1:], self.o_proj(plain)[1:])
        self.assertNotIn("lut.tuning", tuned)
        self.assertNotIn("warning", said)
        self.assertIn("tuning: x86-64-v3, 256 > 256 +, decode: " + packing[1] +
                      ", mad, blocks 16, unroll 1, tokens 1 (0.70 of what "
                      f"facts choose) from {file}", said)

    def test_report_tells(self):
        [target] = targets(*V3)
        plain, _ = self.tile(*V3)
        packing = re.search(r"o_proj.weight : .*packing = #lut\.(\w+)", plain)
        file = written(session(
            target, measurement(packing[1], "small", 32, 1, reference=True),
            measurement(packing[1], "small", 32, 0.7, blocks=16)))
        page = fresh_path("report.html")
        succeed(setun("compile", TINY, *V3, "-o", fresh_path("model"),
                      f"--tuning={file}", f"--report={page}"))
        tuned = re.search(r'"tuned":\{(.*?)\}', page.read_text())[1]
        self.assertRegex(tuned, r'"x86-64-v3/small/model\.layers\.0\.'
                                r'self_attn\.o_proj":0\.(7|69999)')
        self.assertNotIn("decode", tuned)

    def test_goes_with_a_dump(self):
        [target] = targets(*V3)
        file = written(packing_session(target, "b3", "i2"))
        dump = fresh_path("dump")
        whole, _ = self.tile(f"--tuning={file}", *V3, f"--dump-dir={dump}")
        again, _ = self.tile("--from=fuse", model=dump / "02-fuse.mlir")
        self.assertEqual(whole, again)
        self.assertIn("o_proj.weight : !tern.packed<256x256, "
                      "#tern.trit<tensor>>", whole)
        self.assertRegex(whole, r"o_proj.weight : .*packing = #lut.b3")
        self.assertNotRegex(whole, r"up_proj.weight : .*packing = #lut.b3")
        late = setun("compile", dump / "04-tile.mlir", "--from=tile", "-o", "x",
                     f"--tuning={file}")
        self.assertIn("error: --tuning: is for the encode and tile stages",
                      late.stderr)

    def test_set_goes_first(self):
        """o_proj and down_proj are of one shape."""
        [target] = targets(*V3)
        file = written(packing_session(target, "b3", "i2"))
        choices = ("--set", "packing=i2", "*.{o,down}_proj",
                   "--set", "tile.decode.blocks=3", "*.o_proj")
        both, said = self.tile(f"--tuning={file}", *V3, *choices, verbose=True)
        plain, _ = self.tile(*V3, *choices)
        self.assertEqual(both, plain)
        self.assertNotIn("tuning:", said)
        _, said = self.tile(f"--tuning={file}", *V3, "--set",
                            "tile.decode.blocks=15", "*.{o,down}_proj",
                            verbose=True)
        self.assertEqual(re.findall(r"^tuning:.* (\w+): b3, mad, blocks (\d+)",
                                    said, re.M), [("prefill", "10")])

    def test_several_files_and_one_behind_the_other(self):
        v3, v4 = targets(*TWO)
        one = packing_session(v3, "b3", "i2")
        other = packing_session(v4, "b3", "i2")
        half, _ = self.tile(f"--tuning={written(one)}", *TWO)
        # A packing serves all levels.
        self.assertNotRegex(half, r"o_proj.weight : .*packing = #lut.b3")
        both, _ = self.tile(f"--tuning={written(one)}",
                            f"--tuning={written(other)}", *TWO)
        self.assertRegex(both, r"o_proj.weight : .*packing = #lut.b3")
        merged, _ = self.tile(f"--tuning={written(one + other)}", *TWO)
        self.assertEqual(both, merged)

    def test_stale(self):
        """A warning that names file, found, expected and what to do; the
        output is what it would be without."""
        [target] = targets(*V3)
        plain, _ = self.tile(*V3)
        best = measurement("i2", "decode", 1, 0.5, blocks=16)
        sums = re.sub(r"dotMacs = \d+", "dotMacs = 7", target)
        cases = {
            session(sums, best): "found x86-64-v3 with dotMacs = 7, expected "
                                 "dotMacs = ",
            session(target, best, by="setun 0.0.9"):
                f"found measurements of 'setun 0.0.9', expected '{producer()}'",
            session("#lut.target<name = 3>", best):
                "found a target that this setun does not know",
            session(targets("--target=aarch64", "--cpu=cortex-a76",
                            "--no-tokenizer")[0], best):
                "found measurements for cortex-a76, expected x86-64-v3",
            session(target, measurement("i2", "decode", 1, 0.5, blocks=3,
                                        unroll=2)):
                "tile of a linear 256 > 256 +, decode, i2: found 3 blocks, "
                "expected a multiple of unroll, which is 2 (rule 1)",
            session(target, measurement("i2", "decode", 1, 0.5, blocks=3,
                                        unroll=3)):
                "found unroll 3, expected a divisor of the 16 blocks",
            session(target, measurement("i2", "small", 8, 0.5)):
                "256 > 256 +, small, i2: found 8 rows, expected 32",
            session(target, measurement("i9", "decode", 1, 0.5)):
                "unknown packing 'i9', expected i2 or b3",
        }
        for text, expected in cases.items():
            with self.subTest(expected):
                file = written(text)
                tuned, said = self.tile(f"--tuning={file}", *V3)
                self.assertEqual(tuned, plain)
                self.assertRegex(said, f"^warning: {file}: ")
                self.assertIn(expected, said)
                self.assertIn("it is not used, measure again with `setun tune`",
                              said)

    def test_measured_again(self):
        """What is stale is not told where the same file has what is not."""
        [target] = targets(*V3)
        best = measurement("i2", "decode", 1, 0.5, blocks=16)
        old, new = session(target, best, by="setun 0.0.9"), session(target, best)
        tuned, said = self.tile(f"--tuning={written(new)}", *V3)
        self.assertEqual(said, "")
        for both in old + new, new + old:
            self.assertEqual(self.tile(f"--tuning={written(both)}", *V3),
                             (tuned, ""))

    def test_what_is_skipped_does_not_count(self):
        """Tiles are of what is not skipped."""
        options = ("--target=x86-64", "--cpu=x86-64-v4+vnni", "--no-tokenizer")
        [target] = targets(*options)
        self.assertIn("skipColumns", target)
        file = written(session(target, measurement("b3", "decode", 1, 0.5,
                                                   blocks=20, unroll=5)))
        tuned, said = self.tile(f"--tuning={file}", *options, "--no-skip",
                                "--set", "packing=b3", "*.o_proj")
        self.assertEqual(said, "")
        self.assertIn("blocks = 20, unroll = 5", self.o_proj(tuned)[0])

    def test_other_shapes_are_unused(self):
        [target] = targets(*V3)
        plain, _ = self.tile(*V3)
        other = dict(rows=[512], columns=256, residual=False)
        file = written(session(target, measurement("i2", "decode", 1, 0.5,
                                                   linear=other, blocks=2)))
        tuned, said = self.tile(f"--tuning={file}", *V3)
        self.assertEqual(tuned, plain)
        self.assertEqual(said, "")

    def test_damaged(self):
        [target] = targets(*V3)
        good = session(target, measurement("i2", "decode", 1, 0.5))
        broken = written(good[:-40])
        empty = written("# nothing\n")
        wrong = written(good.replace('"mad"', '"mda"'))
        deep = written(session("[" * (2 << 20), measurement("i2", "decode", 1,
                                                            0.5)))
        result = setun("compile", TINY, *V3, "--stop-after=tile", "-o", "x",
                       f"--tuning={deep}", f"--tuning={broken}", f"--tuning={empty}",
                       f"--tuning={wrong}", "--tuning=/no/such/file")
        self.assertEqual(result.returncode, 1)
        self.assertIn(f"error: {deep}:2: found target '{'[' * 64}', expected "
                      "the facts of a target, #lut.target<…>", result.stderr)
        self.assertRegex(result.stderr, f"(?m)^error: {broken}:3: ")
        self.assertIn(f"error: {empty}: found no measurement, expected what "
                      "`setun tune` writes", result.stderr)
        self.assertIn(f"error: {wrong}:3: found strategy 'mda', expected mad, "
                      "table or lookup", result.stderr)
        self.assertIn("error: /no/such/file: ", result.stderr)

    def test_the_same_logits(self):
        """Of this machine: a packing and tiles that facts would not take."""
        [target] = targets("--no-tokenizer")
        plain = re.search(r"o_proj.weight : .*packing = #lut\.(\w+)",
                          self.tile("--no-tokenizer")[0])[1]
        best = {"i2": "b3", "b3": "i2"}[plain]
        file = written(packing_session(target, best, plain))
        logits = []
        for options in [], [f"--tuning={file}"]:
            path, out = fresh_path("model"), fresh_path("logits")
            succeed(setun("compile", TINY, "-o", path, *options))
            ids = succeed(call(path, "run", "--ids", "1,2,3,4,5", "-n", 6,
                               "--temp", 0, "--output-ids", "--dump-logits",
                               out))
            logits.append((ids, out.read_bytes()))
        self.assertEqual(*logits)
        self.assertIn(best, succeed(call(path, "info")))


if __name__ == "__main__":
    main()
