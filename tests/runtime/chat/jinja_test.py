#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Small templates rendered here and by Jinja, set up as transformers does.

With $SETUN_SHARED_DATA also the real templates that lie there.
"""

import datetime
import functools
import glob
import json
import os
import subprocess
import tempfile
import unittest

import jinja2
import jinja2.ext
from jinja2.sandbox import ImmutableSandboxedEnvironment

import templates

RENDER = os.environ["CHAT_RENDER"]
SHARED = os.environ.get("SETUN_SHARED_DATA", "/nonexistent")


class Generation(jinja2.ext.Extension):
    """{% generation %}, which marks what an assistant says."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        call = self.call_method("render")
        return jinja2.nodes.CallBlock(call, [], [], body).set_lineno(line)

    def render(self, caller):
        return caller()


def tojson(value, ensure_ascii=False, indent=None, separators=None,
           sort_keys=False):
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent,
                      separators=separators, sort_keys=sort_keys)


def raise_exception(message):
    raise jinja2.TemplateError(message)


@functools.cache
def judge():
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True,
        extensions=[Generation, jinja2.ext.loopcontrols])
    environment.filters["tojson"] = tojson
    environment.globals["raise_exception"] = raise_exception
    environment.globals["strftime_now"] = (
        lambda pattern: datetime.datetime.now().strftime(pattern))
    return environment


def expected(template, variables):
    """The text, or None for a failure."""
    variables = {"tools": None, "documents": None} | variables
    try:
        return judge().from_string(template).render(**variables)
    except Exception:  # whatever a template may raise
        return None


def rendered(cases):
    """(text, None) or (None, complaint) of each (template, variables)."""
    with tempfile.TemporaryDirectory() as folder:
        lines = []
        for i, (template, variables) in enumerate(cases):
            files = f"{folder}/{i}.jinja", f"{folder}/{i}.json"
            with open(files[0], "w", newline="", encoding="utf-8") as out:
                out.write(template)
            with open(files[1], "w", encoding="utf-8") as out:
                json.dump(variables, out)
            lines.append("\t".join(files) + "\n")
        with open(f"{folder}/cases", "w", encoding="utf-8") as out:
            out.writelines(lines)
        output = subprocess.run([RENDER, f"{folder}/cases"], check=True,
                                capture_output=True).stdout
    results = []
    while output:
        head, _, rest = output.partition(b"\n")
        kind, size = head.split()
        text, output = rest[:int(size)].decode(), rest[int(size):]
        results.append((text, None) if kind == b"text" else (None, text))
    return results


TOOL = {"type": "function", "function": {
    "name": "weather", "description": "The weather \u2014 \"now\"",
    "parameters": {"type": "object", "required": ["city"], "properties": {
        "city": {"type": "string", "enum": ["Paris", "Ky\u014dto"]},
        "days": {"type": "integer", "default": 3},
        "units": {"type": ["string", "null"]},
        "list": {"type": "array", "items": {"type": "number"}}}},
    "return": {"type": "string"}}}


def conversations():
    """What the real templates are rendered with."""
    tokens = {"bos_token": "<s>", "eos_token": "</s>"}

    def call(arguments):
        return {"role": "assistant", "content": "", "tool_calls": [
            {"id": "abcdefghi", "type": "function",
             "function": {"name": "weather", "arguments": arguments}}]}

    def turns(*contents, first="user"):
        roles = ["user", "assistant"] if first == "user" else [
            "assistant", "user"]
        return [{"role": roles[i % 2], "content": content}
                for i, content in enumerate(contents)]

    result = {"role": "tool", "name": "weather", "tool_call_id": "abcdefghi",
              "content": "sunny \"21\""}
    system = [{"role": "system", "content": "  Be brief. \u2615 "}]
    several = turns("Hi <b>\n there", "<think>\nhm\n</think>\n\nHello!", "And?")
    parts = [{"type": "text", "text": "Look"}, {"type": "image"},
             {"type": "text", "text": " there"}]
    yield tokens | {"messages": system + several, "add_generation_prompt": True}
    yield tokens | {"messages": turns("Hi", "Hello")}
    yield tokens | {"messages": turns("Hi", "Hello", "x", first="assistant")}
    yield tokens | {"messages": turns(parts, "I see", "ok"),
                    "add_generation_prompt": True}
    yield tokens | {"messages": []}
    yield tokens | {"messages": turns("Hi /no_think"), "enable_thinking": False,
                    "add_generation_prompt": True, "thinking": True,
                    "reasoning_effort": "high"}
    yield tokens | {"messages": turns("Q"), "add_generation_prompt": True,
                    "documents": [{"title": "A", "text": "body", "doc_id": 1}]}
    for arguments in {"city": "Paris", "days": 2}, "{\"city\": \"Paris\"}":
        yield tokens | {
            "messages": system + turns("W?") + [call(arguments), result]
            + turns("Sunny.", "Thanks", first="assistant"),
            "tools": [TOOL], "add_generation_prompt": True}


class JinjaTest(unittest.TestCase):
    def compare(self, cases):
        texts = 0
        for (template, variables), (text, complaint) in zip(
                cases, rendered(cases), strict=True):
            wanted = expected(template, variables)
            texts += wanted is not None
            with self.subTest(template=template[:200]):
                self.assertEqual(text, wanted, complaint)
        return texts

    def test_expressions(self):
        cases = [("{{ " + each + " }}", templates.VARIABLES)
                 for each in templates.EXPRESSIONS]
        self.assertEqual(self.compare(cases), len(cases))

    def test_failures(self):
        cases = [("{{ " + each + " }}", templates.VARIABLES)
                 for each in templates.FAILING]
        self.assertEqual(self.compare(cases), 0)

    def test_templates(self):
        cases = [(each, templates.VARIABLES) for each in templates.TEMPLATES]
        self.assertGreater(self.compare(cases), len(cases) * 2 // 3)

    def test_real_templates(self):
        folder = f"{SHARED}/conformance/jinja-templates"
        files = glob.glob(f"{folder}/**/*.jinja", recursive=True)
        contexts = list(conversations())
        for file in glob.glob(f"{folder}/minja/contexts/*.json"):
            with open(file, encoding="utf-8") as source:
                contexts.append(json.load(source))
        cases = []
        for file in sorted(files):
            with open(file, encoding="utf-8") as source:
                cases += [(template, each) for template in [source.read()]
                          for each in contexts]
        self.assertGreaterEqual(self.compare(cases), len(cases) // 2)

    def test_unsupported_is_named(self):
        (_, complaint), = rendered([("a\n{% include 'x' %}", {})])
        self.assertIn(":2: the chat template has the tag '{% include %}', "
                      "which is not understood", complaint)

    def test_failure_names_the_line(self):
        (_, complaint), = rendered([("a\n{{ none.x.y }}", {})])
        self.assertIn("line 2: 'NoneType object' has no attribute 'x'",
                      complaint)

    def test_loops_that_are_kept(self):
        kept = ("{% set ns = namespace(x=1) %}{% macro f(p) %}"
                "{% for i in [1] %}{% set ns.x = loop %}{% endfor %}"
                "{% endmacro %}{% for i in range(60000) %}{{ f(ns.x) }}"
                "{% endfor %}{{ ns.x.length }}")
        self.assertEqual(rendered([(kept, {})]), [("1", None)])

    def test_limits(self):
        hostile = {
            "deep": "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
            "long": "{% for a in range(100000) %}{% for b in range(100000) %}"
                    "{% endfor %}{% endfor %}",
            "memory": "{{ 'x' * 10 ** 12 }}",
            "cannot be added up": "{% set ns = namespace(x='ab') %}{% for i in "
                        "range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
            "nested": "{% set ns = namespace(x=[]) %}{% for i in range(9999) %}"
                      "{% set ns.x = [ns.x] %}{% endfor %}",
            "methods": "{% set ns = namespace(x=1) %}{% for i in range(9999) %}"
                       "{% set ns.x = {'a': ns.x}.get %}{% endfor %}",
            "joiners": "{% set ns = namespace(x=1) %}{% for i in range(9999) %}"
                       "{% set ns.x = joiner(ns.x) %}{% endfor %}",
            "doubled": "{% set ns = namespace(x=[1]) %}{% for i in range(99) %}"
                       "{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
            "doubled, compared":
                "{% set ns = namespace(x=[1], y=[1]) %}{% for i in range(60) %}"
                "{% set ns.x = [ns.x, ns.x] %}{% set ns.y = [ns.y, ns.y] %}"
                "{% endfor %}{{ ns.x == ns.y }}",
            "many keys": "{{ dict(range(99999)|batch(2)|map('list'))|length }}",
            "cycle": "{% set ns = namespace() %}{% set ns.x = [ns] %}{{ ns.x }}",
            "brackets": "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
            "tags": "{% if true %}" * 5000 + "{% endif %}" * 5000,
        }
        for name, (text, _) in zip(
                hostile, rendered([(each, {}) for each in hostile.values()])):
            self.assertIsNone(text, name)


if __name__ == "__main__":
    unittest.main()
