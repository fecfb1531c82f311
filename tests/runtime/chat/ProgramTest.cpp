//===- ProgramTest.cpp - Tables of any content ----------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tests/runtime/chat/TestTemplate.h"

#include <random>

namespace setun {

using namespace test;

namespace {

const std::string kSource =
    "{% macro f(a, b=1) %}{{ a ~ b }}{% endmacro %}{% for k, v in d.items() "
    "if v > 0 %}{{ f(k, b=v)|upper|replace('A', v) }}{{ loop.index is odd }}"
    "{% else %}none{% endfor %}{% set ns = namespace(x=[1, 2][0:1]) %}"
    "{% set ns.x = -1 if d is defined else {'k': (1, 2)} %}{{ ns.x }}"
    "{% call f(1) %}{% endcall %}";

TEST(Program, RefusesTablesThatAreCutOrOlder) {
  Tables tables(kSource);
  ASSERT_TRUE(tables.valid());
  auto *header = reinterpret_cast<abi::TemplateHeader *>(tables.bytes());
  EXPECT_FALSE(runtime::chat::Program::valid(tables.bytes(), tables.size - 8));
  EXPECT_FALSE(runtime::chat::Program::valid(tables.bytes(), 16));
  EXPECT_FALSE(runtime::chat::Program::valid(tables.bytes() + 4, tables.size));
  ++header->version;
  EXPECT_FALSE(tables.valid());
}

/// Whatever is changed: refused, or rendered within the limits.
TEST(Program, SurvivesDamage) {
  std::vector<char> blob = frontends::compileTemplate(kSource, "t.jinja").blob;
  runtime::chat::Value variables = parse(R"({"d": {"a": 1, "b": 2}})");
  std::mt19937 random(1);
  size_t accepted = 0;
  for (int i = 0; i < 20000; ++i) {
    std::vector<char> damaged = blob;
    for (int k = random() % 3; k >= 0; --k)
      damaged[random() % damaged.size()] =
          char(random() % 2 ? random() % 60 : random());
    Tables tables(damaged);
    if (!tables.valid())
      continue;
    ++accepted;
    runtime::chat::Text text;
    runtime::chat::Templates(tables.bytes())
        .render(variables, text, {.steps = 100000, .bytes = 1 << 22});
  }
  EXPECT_GT(accepted, 100u);
}

TEST(Program, ToolsHaveATemplateOfTheirOwn) {
  Tables tables("{{ tools is none }}{{ documents is none }}");
  runtime::chat::Text text;
  runtime::chat::Templates templates(tables.bytes());
  EXPECT_EQ(templates.render(parse("{}"), text), "");
  EXPECT_EQ(text.view(), "TrueTrue");
}

} // namespace
} // namespace setun
