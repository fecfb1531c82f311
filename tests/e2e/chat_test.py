#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`chat`: templates, turns, what the session keeps, text that looks special."""
import json
import re
import shutil
import signal
import subprocess
import time
import unittest

from support import EXAMPLES, call, fresh_path, main, setun, succeed

TEMPLATE = """\
{%- if messages[0].role == 'system' %}
  {{- bos_token + 'Rules: ' + messages[0].content | trim + '\\n' }}
  {%- set messages = messages[1:] %}
{%- else %}
  {{- bos_token }}
{%- endif %}
{%- for message in messages %}
  {%- if (message.role == 'user') != (loop.index0 % 2 == 0) %}
    {{- raise_exception('roles must alternate') }}
  {%- endif %}
  {{- message.role | capitalize + ': ' + message.content }}
  {{- eos_token if message.role == 'assistant' else '\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}Assistant:{{ ' Well' if polite }}{% endif %}
"""
BOS, EOS = 1, 2


def build(template):
    """tinystories with this template; the executable and what setun said."""
    directory = fresh_path("checkpoint")
    shutil.copytree(EXAMPLES / "tinystories-3m", directory)
    if template is not None:
        (directory / "chat_template.jinja").write_text(template)
    executable = fresh_path("chat")
    result = setun("compile", directory, "-o", executable)
    succeed(result)
    return executable, result.stderr


class ChatTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.exe, _ = build(TEMPLATE)

    def chat(self, *options, turns="", code=0):
        result = call(self.exe, "chat", "--temp", 0, "-n", 12, *options,
                      input=turns)
        self.assertEqual(result.returncode, code, result.stderr)
        return result

    def prompts(self, result):
        """The ids of each prompt that --verbose-prompt told."""
        parts = result.stderr.split("number of tokens in prompt = ")[1:]
        return [[int(i) for i in re.findall(r"^ *(\d+) -> '", part, re.M)]
                for part in parts]

    def render(self, variables):
        path = fresh_path("messages.json")
        path.write_text(json.dumps(variables))
        return call(self.exe, "chat", "--render", path)

    def test_render(self):
        messages = [{"role": "system", "content": " Be brief. "},
                    {"role": "user", "content": "Hi"},
                    {"role": "assistant", "content": "Hello"}]
        result = self.render({"messages": messages, "polite": True,
                              "add_generation_prompt": True})
        self.assertEqual(result.stdout, "<s>Rules: Be brief.\nUser: Hi\n"
                                        "Assistant: Hello</s>Assistant: Well")
        result = self.render({"messages": messages[2:]})
        self.assertEqual(result.returncode, 1)
        self.assertIn("chat_template.jinja: line 9: roles must alternate",
                      result.stderr)
        self.assertIn("expected an object", self.render([]).stderr)

    def test_turns_from_a_pipe(self):
        result = self.chat("--verbose-prompt", "-v",
                           turns="Tell me of a dog.\n\nAnd a cat.\n")
        first, second = self.prompts(result)
        replies = result.stdout.splitlines()
        self.assertEqual(len(replies), 2)
        # What was evaluated for the first turn is not evaluated again.
        evaluated = [int(n) for n in
                     re.findall(r"^prompt +(\d+) tokens", result.stderr, re.M)]
        self.assertEqual(evaluated[0], len(first))
        self.assertLess(evaluated[1], len(second) - len(first) + 3)
        # … and the replies are those to the whole text.
        for prompt, reply in (first, replies[0]), (second, replies[1]):
            text = succeed(call(
                self.exe, "run", "--ids", ",".join(map(str, prompt)), "-n", 12,
                "--temp", 0, "--no-display-prompt"))
            self.assertEqual(text.strip("\n"), reply)

    def test_first_message_and_system(self):
        result = self.chat("--verbose-prompt", "-p", "Hi", "-sys", "Be kind.",
                           "--single-turn", turns="not read\n")
        self.assertIn("prompt: '<s>Rules: Be kind.\nUser: Hi\nAssistant:'",
                      result.stderr)
        self.assertEqual(len(result.stdout.splitlines()), 1)
        result = self.chat("--verbose-prompt", "-p", "Hi", "--single-turn",
                           "--chat-template-kwargs", '{"polite": true}')
        self.assertIn("Assistant: Well'", result.stderr)

    def test_names_of_tokens_are_text(self):
        result = self.chat("--verbose-prompt", "-p", "a</s><s>b</s>",
                           "--single-turn")
        prompt, = self.prompts(result)
        self.assertEqual(prompt[0], BOS)
        self.assertNotIn(BOS, prompt[1:])
        self.assertNotIn(EOS, prompt)
        self.assertIn("User: a</s><s>b</s>\n", result.stderr)

    def test_verbose_prompt_of_run(self):
        result = call(self.exe, "run", "-p", "One day", "-n", 1,
                      "--verbose-prompt")
        self.assertIn("prompt: 'One day'\n", result.stderr)
        self.assertEqual(self.prompts(result)[0][0], BOS)

    def test_full_context(self):
        result = self.chat("-c", 24, turns="Hi\n" + "long " * 30 + "\n",
                           code=1)
        self.assertIn("but the context holds 24; begin a new one",
                      result.stderr)

    def test_interrupt_while_waiting(self):
        with subprocess.Popen([self.exe, "chat", "-n", "4"], text=True,
                              stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as chat:
            chat.stdin.write("Hi\n")
            chat.stdin.flush()
            self.assertTrue(chat.stdout.readline().endswith("\n"))
            time.sleep(1)  # until it waits
            chat.send_signal(signal.SIGINT)
            self.assertEqual(chat.wait(timeout=60), 0)

    def test_bad_arguments(self):
        result = self.chat("--chat-template-kwargs", "[", code=1)
        self.assertIn("--chat-template-kwargs: line 1: ", result.stderr)
        result = self.chat("--chat-template-kwargs", "[]", code=1)
        self.assertIn("expected an object", result.stderr)
        self.assertEqual(self.chat(turns="").stdout, "")

    def test_template_that_is_not_understood(self):
        executable, said = build("a\n{% include 'other' %}\n")
        complaint = ("chat_template.jinja:2: the chat template has the tag "
                     "'{% include %}', which is not understood")
        self.assertIn(f"warning: {complaint}", said)
        result = call(executable, "chat", "-p", "Hi")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stderr, f"error: {complaint}\n")
        succeed(call(executable, "run", "-p", "Hi", "-n", 1))

    def test_no_template(self):
        executable, _ = build(None)
        result = call(executable, "chat", "-p", "Hi")
        self.assertEqual(result.returncode, 1)
        self.assertIn("has no chat template", result.stderr)


if __name__ == "__main__":
    main()
