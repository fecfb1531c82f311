//===- TextTest.cpp - What users wrote stays marked -----------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tests/runtime/chat/TestTemplate.h"

namespace setun {

using namespace test;

namespace {

/// The text with "[…]" around what is a user's.
std::string marked(const runtime::chat::Text &text) {
  std::string result;
  size_t at = 0;
  for (runtime::chat::Range range : text.plain()) {
    result += text.view().substr(at, range.begin - at);
    result += "[";
    result += text.view().substr(range.begin, range.end - range.begin);
    result += "]";
    at = range.end;
  }
  return result + std::string(text.view().substr(at));
}

std::string marked(const std::string &expression) {
  return marked(render("{{ " + expression + " }}",
                       R"({"s": " <|x|> b ", "l": ["a", "b"]})"));
}

TEST(Text, StaysMarkedThroughOperators) {
  EXPECT_EQ(marked("'<a>' + s + '<b>'"), "<a>[ <|x|> b ]<b>");
  EXPECT_EQ(marked("s ~ 1 ~ s"), "[ <|x|> b ]1[ <|x|> b ]");
  EXPECT_EQ(marked("s * 2"), "[ <|x|> b  <|x|> b ]");
  EXPECT_EQ(marked("s[1:3] ~ s[0]"), "[<| ]");
  EXPECT_EQ(marked("(s ~ '!')[::-1]"), "![ b >|x|< ]");
  EXPECT_EQ(marked("'<%s>' % s"), "<[ <|x|> b ]>");
}

TEST(Text, StaysMarkedThroughMethodsAndFilters) {
  EXPECT_EQ(marked("s.strip() ~ (s|trim)"), "[<|x|> b<|x|> b]");
  EXPECT_EQ(marked("s.split('|')[1] ~ '.'"), "[x].");
  EXPECT_EQ(marked("s|replace('x', 'y')"), "[ <|]y[|> b ]");
  EXPECT_EQ(marked("'x'|replace('x', s)"), "[ <|x|> b ]");
  EXPECT_EQ(marked("s|upper"), "[ <|X|> B ]");
  EXPECT_EQ(marked("l|join('+')"), "[a]+[b]");
  EXPECT_EQ(marked("'+'.join(l)"), "[a]+[b]");
  EXPECT_EQ(marked("l"), "[['a'], ['b']]");
  EXPECT_EQ(marked("s|tojson ~ {'k': s}|tojson"),
            R"([" <|x|> b "]{"k": [" <|x|> b "]})");
  EXPECT_EQ(marked("'a\n' ~ s|indent"), "a\n[ <|x|> b ]");
  EXPECT_EQ(marked("'{}!'.format(s)"), "[ <|x|> b ]!");
}

TEST(Text, StaysMarkedThroughBlocks) {
  const char *json = R"({"s": "u"})";
  auto show = [&](const char *source) { return marked(render(source, json)); };
  EXPECT_EQ(show("{% set x %}<{{ s }}>{% endset %}{{ x }}"), "<[u]>");
  EXPECT_EQ(show("{% macro f(a) %}<{{ a }}>{% endmacro %}{{ f(s) }}"), "<[u]>");
  EXPECT_EQ(show("{% filter upper %}<{{ s }}>{% endfilter %}"), "<[U]>");
  EXPECT_EQ(show("{% for c in s %}{{ c }}-{% endfor %}"), "[u]-");
}

TEST(Text, RepairsWhatIsNoUtf8) {
  EXPECT_EQ(runtime::chat::repairUtf8("a\xff\xc3(\xe2\x98"),
            "a\ufffd\ufffd(\ufffd\ufffd");
  EXPECT_EQ(runtime::chat::repairUtf8("na\u00efve \U0001f600"),
            "na\u00efve \U0001f600");
}

} // namespace
} // namespace setun
