#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The page of --report in a real browser, at three widths.

$SETUN_SCREENSHOTS names a folder where pictures of it are left.
"""
import os
import time
import unittest
from pathlib import Path

from browser import Browser
from support import (EXAMPLES, checkpoint, compiled, fresh_path, main, setun,
                     succeed)

WIDTHS = 800, 1280, 1920
MODEL = EXAMPLES / "tinystories-3m"
DOWN = "model.layers.1.mlp.down_proj"
CHOSEN = "document.querySelector('nav a[aria-current] .name')?.textContent"
TITLE = "document.querySelector('main h1').textContent"


def make_page():
    trace, page = fresh_path("trace.json"), fresh_path("report.html")
    compiled(MODEL).run("run", "--ids", "1,2,3", "-n", "4", "--temp", "0",
                        "--ignore-eos", "--output-ids", "--profile", trace)
    succeed(setun("compile", MODEL, "-o", fresh_path("model"),
                  f"--report={page}", f"--report-profile={trace}"))
    return page


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.url = make_page().as_uri()
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)

    def setUp(self):
        self.browser.problems.clear()

    def tearDown(self):
        self.assertEqual(self.browser.problems, [])

    def open(self, address="", **options):
        self.browser.open(f"{self.url}#{address}", **options)

    def value(self, script):
        return self.browser.run(script)

    def picture(self, name):
        if folder := os.environ.get("SETUN_SCREENSHOTS"):
            self.browser.screenshot(Path(folder) / f"{name}.png")

    def fits(self):
        """Nothing but the strips of columns is wider than the window."""
        self.assertTrue(self.value(
            "document.documentElement.scrollWidth <= innerWidth"))
        self.assertTrue(self.value(
            "document.querySelector('main').scrollWidth <= "
            "document.querySelector('main').clientWidth + 1"))

    def test_widths(self):
        for width in WIDTHS:
            with self.subTest(width=width):
                self.open(width=width)
                self.assertEqual(self.value(TITLE), MODEL.name)
                self.assertEqual(self.value(
                    "document.querySelectorAll('nav a').length"), 43)
                self.fits()
                self.picture(f"overview-{width}")
                self.browser.click(f"nav a[href*='{DOWN}']")
                self.browser.wait(f"{TITLE} === '{DOWN}'")
                self.assertEqual(self.value(
                    "[...document.querySelectorAll('#stages .column')]"
                    ".map(c => c.dataset.stage).join(' ')"),
                    "import simplify fuse encode tile lower")
                self.assertTrue(self.value(
                    "document.body.innerText.includes('cheapest of its')"))
                self.assertIn("tern.matmul", self.value(
                    "document.querySelector('[data-stage=import]').innerText"))
                self.assertIn("lut.tiles", self.value(
                    "[...document.querySelectorAll('[data-stage=tile] mark')]"
                    ".map(m => m.textContent).join(' ')"))
                self.assertEqual(self.value(
                    "document.querySelectorAll('#kernel .column').length"), 3)
                self.fits()
                self.picture(f"op-{width}")
                self.value("document.querySelector('#kernel')"
                           ".scrollIntoView()")
                self.picture(f"kernel-{width}")

    def test_dark(self):
        paper = "getComputedStyle(document.body).backgroundColor"
        self.open(f"op={DOWN}", dark=True)
        dark = self.value(paper)
        self.picture("dark")
        self.open(f"op={DOWN}")
        self.assertNotEqual(self.value(paper), dark)
        self.browser.click("#theme")
        self.browser.wait(f"{paper} === '{dark}'")
        self.browser.press("t")
        self.browser.wait(f"{paper} !== '{dark}'")

    def test_keys(self):
        self.open()
        self.browser.press("j")
        self.browser.press("j")
        self.browser.wait(f"{CHOSEN} === 'model.norm'")
        self.browser.press("ArrowUp")
        self.browser.wait(f"{CHOSEN} === 'model.embed_tokens'")
        stage = "document.querySelector('.column.chosen').dataset.stage"
        self.assertEqual(self.value(stage), "tile")
        self.browser.press("ArrowLeft")
        self.browser.wait(f"{stage} === 'encode'")
        self.browser.press("l")
        self.browser.press("ArrowRight")
        self.browser.wait(f"{stage} === 'lower'")
        self.browser.press("c")
        self.browser.wait("document.querySelector('[data-batch=small]')"
                          ".getAttribute('aria-pressed') === 'true'")
        self.browser.press("Escape")
        self.browser.wait(f"{TITLE} === '{MODEL.name}'")
        self.browser.press("?")
        self.browser.wait("document.querySelector('dialog').open")

    def test_search(self):
        self.open()
        self.browser.press("/")
        for letter in "down 3.":
            self.browser.press(letter)
        self.browser.wait("document.querySelectorAll('nav a').length === 1")
        self.browser.press("Enter", "\r")
        self.browser.wait(f"{TITLE} === '{DOWN.replace('1', '3')}'")
        self.browser.press("Escape")
        self.browser.wait("document.querySelectorAll('nav a').length === 43")

    def test_deep_link(self):
        self.open(f"op={DOWN}&batch=prefill&stage=encode")
        self.assertEqual(self.value(TITLE), DOWN)
        self.assertEqual(self.value(
            "document.querySelector('.column.chosen').dataset.stage"), "encode")
        self.assertIn("prefill", self.value(
            "document.querySelector('[data-stage=lower] h3').textContent"))
        self.browser.click("[data-kernel^=norm_quantize]")
        self.browser.wait("location.hash.includes('kernel=norm_quantize')")
        self.value("history.back()")
        self.browser.wait("!location.hash.includes('kernel=')")
        self.browser.wait("document.querySelector('[data-kernel]"
                          "[aria-pressed=true]').textContent.match(/_256_r$/)")

    def test_linked_lines(self):
        self.open(f"op={DOWN}")
        self.browser.click("#kernel .column:nth-child(3) [data-n]"
                           ":not([data-n=''])")
        linked = self.value("[...document.querySelectorAll('#kernel .column')]"
                            ".map(c => c.querySelectorAll('.linked').length)")
        self.assertEqual(len(linked), 3)
        self.assertTrue(linked[0] == 1 and linked[2] >= 1, linked)
        self.browser.click("[data-stage=import] [data-names*=down_proj]")
        self.assertGreaterEqual(self.value(
            "document.querySelectorAll('#stages .column .linked').length"), 5)

    def test_times(self):
        """Measured where the trace knows, predicted for the machine above."""
        self.open(f"op={DOWN}")
        row = "[...document.querySelectorAll('main table')].find(t => " \
              "t.innerText.includes('of the roofline')).rows[%d].innerText"
        decode = self.value(row % 1).split("\t")
        self.assertEqual(decode[:2], ["decode", "1"])
        self.assertIn("µs", decode[5])
        self.assertIn("%", decode[8])
        prefill = self.value(row % 3).split("\t")
        self.assertEqual(prefill[5], "–")
        self.open(f"op={DOWN}&gbs=30&ghz=1e6")
        before = float(self.value(row % 1).split("\t")[3].split()[0])
        self.open(f"op={DOWN}&gbs=3&ghz=1e6")
        after = float(self.value(row % 1).split("\t")[3].split()[0])
        self.assertAlmostEqual(after / before, 10, delta=0.1)

    def test_candidates(self):
        """The cheapest comes first; the chosen one says where time goes."""
        self.open(f"op={DOWN}&ghz=1")
        row = "document.querySelector('#candidates tbody tr%s').innerText"
        self.assertIn("× 1.00", self.value(row % ""))
        self.assertEqual(self.value("document.querySelectorAll("
                                    "'#candidates .chosen').length"), 1)
        chosen = self.value(row % ".chosen").split("\t")
        self.assertEqual(chosen[0], "▸")
        self.assertIn("mad", chosen[2])
        self.open(f"op={DOWN}&ghz=2")
        fast = self.value(row % ".chosen").split("\t")
        self.assertAlmostEqual(float(chosen[5].split()[0]) /
                               float(fast[5].split()[0]), 2, delta=0.1)

    def test_roofline_and_bytes(self):
        self.open()
        self.assertGreater(self.value(
            "document.querySelectorAll('svg circle').length"), 4)
        widths = self.value("[...document.querySelectorAll('.sections i')]"
                            ".map(i => i.offsetWidth)")
        self.assertTrue(len(widths) >= 4 and all(w > 0 for w in widths))
        self.value("document.querySelector('svg a').dispatchEvent("
                   "new MouseEvent('click', {bubbles: true}))")
        self.browser.wait("location.hash.includes('op=')")


class Large(unittest.TestCase):
    def test_thirty_layers(self):
        """It stays fast: every op of every class is drawn."""
        model, page = checkpoint(hidden=72, heads=3, kv_heads=1, ffn=200,
                                 vocab=300, layers=30), fresh_path("page.html")
        succeed(setun("compile", model, "--no-tokenizer", "--stop-after=lower",
                      "-o", fresh_path("lowered.mlir"), f"--report={page}"))
        browser = Browser()
        self.addCleanup(browser.close)
        begin = time.monotonic()
        browser.open(page.as_uri())
        self.assertEqual(browser.run(
            "document.querySelectorAll('nav a').length"), 153)
        opened = time.monotonic() - begin
        times = sorted(browser.run("""(() => {
            const times = [];
            for (const op of ops) for (const batch of classes) {
              const begin = performance.now();
              const part = partOf(op, state.level, batch);
              state = {...state, op, batch, kernel: part.kernels.at(-1)};
              show(null);
              document.body.offsetHeight;
              times.push(performance.now() - begin);
            }
            return times; })()"""))
        typical, most = times[len(times) // 2], times[len(times) * 95 // 100]
        print(f"{page.stat().st_size >> 10} KiB, opened in {opened:.2f} s, an "
              f"op drawn in {typical:.0f} ms, 95 % of them in {most:.0f} ms")
        self.assertLess(opened, 10)
        self.assertLess(most, 2000)
        self.assertEqual(browser.problems, [])


if __name__ == "__main__":
    main()
