#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the page of --report knows is what was compiled."""
import json
import re
import unittest

from support import (ODD, checkpoint, compiled, fresh_path, main, setun,
                     succeed)

STAGES = "import simplify fuse encode tile".split()
V3 = "--target=x86-64", "--cpu=x86-64-v3"


def compile_page(*options, source=None):
    """The executable and the page of a compilation."""
    exe, page = fresh_path("model"), fresh_path("report.html")
    succeed(setun("compile", source or checkpoint(**ODD), "--no-tokenizer",
                  "-o", exe, f"--report={page}", *options))
    return exe, page


def read_data(page):
    found = re.findall(r'<script type="application/json" id="data">(.*?)'
                       r'</script>', page.read_text(), re.S)
    assert len(found) == 1
    return json.loads(found[0])


def lines(stretches, ranges):
    """The lines [first, last, first, last, …] of a text in stretches."""
    known = {}
    for first, text in stretches.items():
        known.update(enumerate(text.split("\n"), int(first)))
    return [known[n] for first, last in zip(ranges[::2], ranges[1::2])
            for n in range(first, last + 1)]


class Report(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.exe, cls.page = compile_page(*V3)
        cls.plain, cls.dump = fresh_path("model"), fresh_path("dump")
        succeed(setun("compile", checkpoint(**ODD), "--no-tokenizer", "-o",
                      cls.plain, f"--dump-dir={cls.dump}", *V3))
        cls.data = read_data(cls.page)
        cls.ops = {op["name"]: op for op in cls.data["operations"]}

    def stage(self, name):
        return self.data["stages"][STAGES.index(name)]["text"]

    def lines_of(self, op, stage):
        return lines(self.stage(stage), self.ops[op]["lines"][stage])

    def test_changes_nothing(self):
        self.assertEqual(self.plain.read_bytes(), self.exe.read_bytes())

    def test_is_deterministic(self):
        _, page = compile_page(*V3)
        self.assertEqual(page.read_bytes(), self.page.read_bytes())

    def test_needs_no_network(self):
        text = self.page.read_text()
        self.assertIn("default-src 'none'", text)
        self.assertNotRegex(text, r'(?:src|href)="?(?:https?:)?//')
        self.assertNotIn("{{", text.split('id="data"')[0])

    def test_ops(self):
        self.assertEqual([s["name"] for s in self.data["stages"]], STAGES)
        layers, kinds = ODD["layers"], [op["kind"] for op in
                                        self.data["operations"]]
        self.assertEqual(kinds.count("fused_linear"), 4 * layers)
        self.assertEqual(kinds.count("attention"), layers)
        self.assertEqual([kinds[0], *kinds[-2:]], ["embedding", "norm", "head"])

    def test_facts(self):
        op = self.ops["model.layers.1.mlp.gate_proj+up_proj"]
        norm, gate, up = op["weights"]
        self.assertEqual(gate["shape"], [ODD["ffn"], ODD["hidden"]])
        self.assertEqual((gate["packing"], gate["element"]),
                         ("i2", "trit<tensor>"))
        # 16 rows and 16 columns in 64 bytes.
        block = -(-ODD["hidden"] // 16) * 64
        self.assertEqual((gate["panelBytes"], gate["panelBlocks"]), (block, 1))
        self.assertEqual(gate["bytes"], -(-ODD["ffn"] // 16) * block)
        self.assertEqual(norm["shape"], [ODD["hidden"]])
        self.assertTrue(op["norm"] and op["gate"])
        tiles = op["choices"][0]["tiles"]
        self.assertEqual([tile["rows"] for tile in tiles], [1, 32, 256])
        self.assertEqual([tile["strategy"] for tile in tiles],
                         ["mad", "mad", "mad"])
        self.assertEqual(self.data["levels"][0]["dot"], "pairs")
        self.assertEqual(sum(s["bytes"] for s in self.data["sections"]),
                         sum(w["bytes"] for w in self.weights().values()))

    def test_candidates(self):
        """The chosen tile is the cheapest; layers share their lists."""
        linears = [op for op in self.data["operations"]
                   if op["kind"] == "fused_linear"]
        lists = {op["choices"][0]["candidates"] for op in linears}
        self.assertEqual(lists, set(range(4)))
        for op in linears:
            choices = op["choices"][0]
            for tile, some in zip(choices["tiles"],
                                  self.data["candidates"][
                                      choices["candidates"]]):
                self.assertEqual([each["chosen"] for each in some],
                                 [True] + [False] * (len(some) - 1))
                for field in "strategy", "blocks", "unroll", "tokens":
                    self.assertEqual(some[0][field], tile[field])
                cycles = [each["cycles"] for each in some]
                self.assertEqual(cycles, sorted(cycles))
                self.assertEqual({each["packing"] for each in some},
                                 {"i2", "b3"})
                self.assertLess(len(some), 12)
                self.assertTrue(all(each["reading"] > 0 and
                                    each["computing"] > 0 for each in some))

    def weights(self):
        return {w["name"]: w for op in self.data["operations"]
                for w in op["weights"]}

    def test_lines_of_stages(self):
        """A fused op has the ops it was made of, and nobody else's."""
        op, others = "model.layers.1.mlp.down_proj", "model.layers.[02]"
        words = {stage: [re.search(r"tern\.(\w+)", line).group(1)
                         for line in self.lines_of(op, stage)]
                 for stage in STAGES}
        self.assertEqual(words["import"], ["norm", "quantize", "matmul", "add",
                                           "weight", "weight"])
        self.assertEqual(words["tile"], ["fused_linear", "weight", "weight"])
        for stage in STAGES:
            self.assertNotRegex("".join(self.lines_of(op, stage)), others)
        self.assertNotIn("lut.packing", "".join(self.lines_of(op, "fuse")))
        self.assertIn("lut.packing", "".join(self.lines_of(op, "encode")))
        self.assertIn("lut.tiles", "".join(self.lines_of(op, "tile")))

    def test_every_line_is_somebodys(self):
        for stage in STAGES:
            wanted = {n for op in self.data["operations"]
                      for first, last in zip(op["lines"][stage][::2],
                                             op["lines"][stage][1::2])
                      for n in range(first, last + 1)}
            names = dict(self.data["stages"][STAGES.index(stage)]["names"])
            self.assertEqual(wanted, set(names), stage)

    def test_steps(self):
        self.assertEqual([s["name"] for s in self.data["steps"]],
                         ["decode", "small", "prefill"])
        for step in self.data["steps"]:
            self.assertEqual(set(step["parts"]), set(self.ops))
        part = self.data["steps"][0]["parts"]["model.layers.2.mlp.down_proj"]
        text = lines(self.data["lowered"], part["lines"])
        marks = [line for line in text if "spmd.mark" in line
                 and '"barrier"' not in line]
        self.assertTrue(marks and all("layers.2.mlp.down" in m for m in marks))
        mad = [name for name in part["kernels"] if name.startswith("mad_i2")]
        self.assertTrue(mad)
        self.assertTrue(any(f"call @{mad[0]}(" in line for line in text))

    def test_lines_of_code(self):
        """Instructions name the line of the lowered module they come from."""
        for kernel in self.data["kernels"]:
            code = self.data["code"].get(kernel["name"])
            if not kernel["generated"]:
                continue
            first, last = kernel["lines"]
            self.assertIn(f"@{kernel['name']}(",
                          lines(self.data["lowered"], [first, first])[0])
            self.assertNotIn("!dbg", code["llvm"]["text"])
            for listing in code.values():
                known = [n for n in listing["from"] if n]
                self.assertEqual(len(listing["from"]),
                                 listing["text"].count("\n"))
                self.assertTrue(all(first <= n <= last for n in known))
                self.assertGreater(len(known), len(listing["from"]) / 3)

    def test_assembly_is_what_runs(self):
        text = (self.dump / "06-llvm.s").read_text()
        for kernel in self.data["kernels"]:
            if kernel["name"] in self.data["code"]:
                body = re.search(rf"^{kernel['name']}:.*?^\.Lfunc_end", text,
                                 re.M | re.S).group()
                real = [line.strip() for line in body.split("\n")
                        if re.match(r"\t[a-z]", line)]
                shown = self.data["code"][kernel["name"]]["asm"]["text"]
                self.assertEqual([line.strip() for line in shown.split("\n")
                                  if line.startswith("\t")], real)


class Choices(unittest.TestCase):
    def test_levels(self):
        _, page = compile_page("--target=x86-64", "--cpu=x86-64,x86-64-v3",
                               "--stop-after=lower")
        data = read_data(page)
        self.assertEqual([level["name"] for level in data["levels"]],
                         ["x86-64", "x86-64-v3"])
        self.assertEqual([(s["level"], s["name"]) for s in data["steps"]],
                         [(level, name) for level in ("x86-64", "x86-64-v3")
                          for name in ("decode", "small", "prefill")])
        self.assertTrue(all(len(op["choices"]) == 2
                            for op in data["operations"]))

    def test_an_edited_tile(self):
        """Going on from a dump: the page says what the user wrote."""
        module = fresh_path("tile.mlir")
        succeed(setun("compile", checkpoint(**ODD), "--no-tokenizer",
                      "--stop-after=tile", "-o", module, *V3))
        text = module.read_text()
        edited = re.sub(r"blocks = \d+, unroll = \d+, tokens = 1>",
                        "blocks = 3, unroll = 1, tokens = 1>", text)
        self.assertNotEqual(edited, text)
        module.write_text(edited)
        _, page = compile_page("--from=tile", "--stop-after=lower",
                               source=module)
        data = read_data(page)
        self.assertEqual([s["name"] for s in data["stages"]], ["tile"])
        tiles = [op["choices"][0]["tiles"][0]["blocks"] for op in
                 data["operations"] if op["kind"] == "fused_linear"]
        self.assertEqual(set(tiles), {3})
        for op in data["operations"]:
            for index in filter(None, [op["choices"][0].get("candidates")]):
                mine = [each for each in data["candidates"][index][0]
                        if each["chosen"]]
                self.assertEqual([each["blocks"] for each in mine], [3])

    def test_stopping_early(self):
        page = fresh_path("report.html")
        succeed(setun("compile", checkpoint(**ODD), "--stop-after=tile", "-o",
                      fresh_path("x"), f"--report={page}", *V3))
        data = read_data(page)
        self.assertEqual((data["steps"], data["code"]), ([], {}))
        self.assertTrue(data["operations"])

    def refuse(self, *options):
        page, exe = fresh_path("report.html"), fresh_path("exe")
        result = setun("compile", checkpoint(**ODD), "--no-tokenizer", "-o",
                       exe, *[o.replace("PAGE", str(page)) for o in options])
        self.assertEqual(result.returncode, 1)
        self.assertFalse(page.exists())
        self.assertFalse(exe.exists())
        return result.stderr

    def test_refused(self):
        self.assertIn("--report-profile: goes with --report",
                      self.refuse("--report-profile=x"))
        self.assertIn("--report: is about what the tile stage leaves",
                      self.refuse("--report=PAGE", "--stop-after=fuse"))
        for text, problem in (("[", "not valid JSON"),
                              ("[" * 100000, "expected at most 128"),
                              ("{}", "expected a trace"),
                              ('{"traceEvents": []}', "has no steps"),
                              ('{"traceEvents": [{"ph": "X"}]}', "event 0")):
            trace = fresh_path("trace.json")
            trace.write_text(text)
            self.assertIn(problem, self.refuse("--report=PAGE",
                                               f"--report-profile={trace}"))
        self.assertIn("no/such", self.refuse("--report=PAGE",
                                             "--report-profile=no/such"))


class Times(unittest.TestCase):
    def write(self, op):
        """Three decode steps of two workers, each later by `extra`: the second
        worker is busier in the first op and late in the second."""
        events = []

        def add(worker, kind, *spans):
            events.extend(dict(name=name, cat=kind, ph="X", ts=begin,
                               dur=end - begin, pid=1, tid=worker,
                               args=dict(rows=1, position=0))
                          for name, begin, end in spans)

        for worker, ends in ((0, (2, 14)), (1, (6, 20))):
            for start, extra in ((0, 0), (100, 10), (200, 20)):
                first, second = (start + end + extra for end in ends)
                add(worker, "step", ("decode", start, start + 40 + extra))
                add(worker, "op", (op, start, first),
                    ("barrier", first, start + 8 + extra),
                    ("head", start + 8 + extra, second))
                add(worker, "step", ("head.screen", start + 60, start + 67))
        trace = fresh_path("trace.json")
        trace.write_text(json.dumps({"traceEvents": events}))
        return trace

    def test_medians(self):
        op = "model.layers.0.mlp.down_proj"
        trace = self.write(op)
        _, page = compile_page(*V3, "--stop-after=lower",
                               f"--report-profile={trace}")
        times = read_data(page)["times"]
        self.assertEqual(times["workers"], 2)
        step = times["steps"]["decode"]
        self.assertEqual((step["count"], step["rows"], step["us"]), (3, 1, 50))
        # The last worker ends at 16 and at 30, after 12 of work; 7 of screen.
        self.assertEqual(step["ops"], {op: {"us": 16, "waitUs": 0},
                                       "head": {"us": 21, "waitUs": 2}})

    def test_another_model(self):
        trace = self.write("model.layers.99.mlp.down_proj")
        text = trace.read_text().replace("head", "tail")
        trace.write_text(text)
        for stop in (), ("--stop-after=lower",):
            page, output = fresh_path("report.html"), fresh_path("x")
            result = setun("compile", checkpoint(**ODD), "--no-tokenizer",
                           "-o", output, *stop, *V3, f"--report={page}",
                           f"--report-profile={trace}")
            self.assertEqual(result.returncode, 1)
            self.assertIn("is of another model: none of its ops, like "
                          "'model.layers.99.mlp.down_proj'", result.stderr)
            self.assertFalse(page.exists())
            self.assertFalse(output.exists())

    def test_of_an_executable(self):
        """What an executable writes is understood."""
        trace = fresh_path("trace.json")
        compiled(checkpoint(**ODD)).run(
            "--ids", "1,2,3", "-n", "3", "-t", "2", "--output-ids",
            "--ignore-eos", "--profile", trace)
        _, page = compile_page("--stop-after=lower",
                               f"--report-profile={trace}")
        data = read_data(page)
        labels = {op["name"] for op in data["operations"]}
        for step in data["times"]["steps"].values():
            self.assertEqual(set(step["ops"]), labels)
            for time in step["ops"].values():
                self.assertGreaterEqual(time["us"], time["waitUs"])


if __name__ == "__main__":
    main()
